import { type DType, nodesOf } from "@adjoint/graph";
import { jest } from "@jest/globals";
import { autograd, compile, type NDArray, nd } from "../../src/index.js";
import { session } from "../../src/session.js";
import { gradOf, noise, runBy } from "./support.js";

beforeEach(() => runBy("compiled"));
afterEach(() => {
  jest.restoreAllMocks();
  runBy("interpreted");
});

/** As many steps as it takes, then one of two ways. */
function controlFlow(a: NDArray): NDArray {
  let b = a.mul(2);
  while (b.norm().lesser(1000).asBoolean()) b = b.mul(2);
  return b.sum().greater(0).asBoolean() ? b : b.mul(100);
}

function gradientOfControlFlow(a: NDArray): NDArray {
  const d = autograd.record(() => controlFlow(a));
  d.backward();
  return d;
}

const values = [1, -0.25, 3.5, 40, -512, 0.0625];

/** How often a list of calls of generated code was entered, other than through a tree. */
function runsOfPlans() {
  const plans = jest.spyOn(session, "planOf");
  const runs: jest.SpiedFunction<() => unknown>[] = [];
  plans.mockImplementation((graph, memory) => {
    const plan = Object.getPrototypeOf(session).planOf.call(session, graph, memory);
    runs.push(jest.spyOn(plan, "run"));
    return plan;
  });
  return () => runs.reduce((sum, { mock }) => sum + mock.calls.length, 0);
}

describe("known paths of a function that reads truth values", () => {
  test("become one piece of code: no plan of a stretch runs any more", () => {
    const runs = runsOfPlans();
    const step = compile(gradientOfControlFlow);
    const call = (value: number) => {
      const a = nd.array([value]).attachGrad();
      return [step(a).asScalar(), gradOf(a).asScalar()];
    };
    for (const value of values) call(value);
    for (const value of values) call(value);
    const before = runs();
    for (const value of values) {
      const a = nd.array([value]).attachGrad();
      const expected = gradientOfControlFlow(a).asScalar();
      expect(call(value)).toEqual([expected, gradOf(a).asScalar()]);
    }
    expect(runs()).toBe(before);
    expect(step.counts()).toMatchObject({ calls: 18, traces: 6, replays: 12 });
  });

  test("go on one by one where an outcome is new, from what is computed", () => {
    const step = compile(gradientOfControlFlow);
    for (let time = 0; time < 3; time++) step(nd.array([200]).attachGrad());
    const runs = runsOfPlans();
    const evaluated = jest.spyOn(session, "evaluate");
    // Two known reads, then new ones: one more doubling, its norm, a comparison; the sign.
    step(nd.array([100]).attachGrad());
    const nodes = evaluated.mock.calls.map(([graph]) => nodesOf(graph).length);
    expect(nodes.reduce((sum, count) => sum + count, 0)).toBeLessThan(15);
    expect(step.explain().retraces).toMatchObject([{ cause: "branch", before: "false", count: 1 }]);
    expect(runs()).toBeLessThanOrEqual(4);
  });

  test("results are their owners', whatever runs later", () => {
    const step = compile(controlFlow);
    const results = Array.from({ length: 6 }, (_, at) => step(nd.array([200 + at])));
    expect(results.map((one) => one.asScalar())).toEqual([1600, 1608, 1616, 1624, 1632, 1640]);
  });

  test("memory that is written over is nobody else's", () => {
    const w = nd.array([1, 2]).attachGrad();
    const step = compile((x: NDArray) => {
      const before = w.sum();
      w.assign(before.greater(0).asBoolean() ? w.mul(2).add(x) : x);
      return before;
    });
    const one = nd.ones([2]);
    for (let time = 0; time < 3; time++) step(one);
    const recorded = autograd.record(() => w.mul(w));
    const view = w.reshape([2, 1]);
    step(one);
    recorded.backward();
    expect(gradOf(w).toFlat()).toEqual([30, 46]);
    expect(view.toFlat()).toEqual([31, 47]);
  });

  test("arrays exchange their numbers", () => {
    const [a, b] = [nd.array([1, 2]), nd.array([3, 4])];
    const exchange = compile(() => {
      const kept = nd.zeros([2]);
      kept.assign(a);
      if (a.sum().lesser(100).asBoolean()) a.assign(b);
      b.assign(kept);
    });
    for (let time = 0; time < 5; time++) exchange();
    expect([a.toFlat(), b.toFlat()]).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });

  test("a value that is refused throws, and nothing has changed", () => {
    const total = nd.zeros([1]);
    const step = compile((x: NDArray, picked: NDArray) => {
      const found = nd.pick(x, picked, { mode: "clip" }).sum();
      total.addAssign(found);
      return nd.linalg.potrf(x).sum().greater(0).asBoolean() ? found : total;
    });
    const good = nd.array([
      [2, 0],
      [0, 2],
    ]);
    const index = nd.array([0, 1]);
    for (let time = 0; time < 3; time++) step(good, index);
    expect(() => step(good.mul(-1), index)).toThrow(/potrf/);
    expect(total.toFlat()).toEqual([12]);
    step(good, index);
    expect(total.toFlat()).toEqual([16]);
  });
});

test.each<DType>(["float16", "float32", "float64", "int8", "uint8", "int32", "int64", "bool"])(
  "truth of %s is the same in code",
  (dtype) => {
    const step = compile((x: NDArray) => (x.mul(x).asBoolean() ? x.sub(x) : x.add(1)));
    const numbers = dtype === "bool" ? [0, 1] : [0, 1, 3];
    const given = dtype.startsWith("float") ? [...numbers, -0, Number.NaN, 0.5] : numbers;
    for (let time = 0; time < 3; time++) {
      for (const value of given) {
        const x = nd.array([value], { dtype });
        const expected = value * value !== 0 ? x.sub(x) : x.add(1);
        expect(step(x).toFlat()).toEqual(expected.toFlat());
      }
    }
    expect(step.counts().traces).toBe(2);
  },
);

test("large values, and numbers that vary, are run a stretch at a time as before", () => {
  const made = jest.spyOn(session, "planTree");
  const large = compile((x: NDArray) => (x.sum().greater(0).asBoolean() ? x.mul(2) : x));
  for (let time = 0; time < 3; time++) large(noise([2000]).abs());
  expect(made.mock.results.map(({ value }) => value)).toEqual([undefined]);
  const varying = compile((x: NDArray, by: number) =>
    x.sum().greater(0).asBoolean() ? x.mul(by) : x,
  );
  for (let by = 0; by < 20; by++) expect(varying(nd.ones([1]), by).asScalar()).toBe(by);
});

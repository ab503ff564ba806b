import { autograd, compile, type NDArray, nd } from "../../src/index.js";
import { gradOf, noise, runBy } from "./support.js";

beforeAll(() => runBy("compiled"));
afterAll(() => runBy("interpreted"));

/** A step of training with momentum, and what it changes. */
function training() {
  const parameters = [noise([5, 8], 2), noise([8, 3], 4)].map((w) => w.attachGrad());
  const momenta = parameters.map((w) => nd.zerosLike(w));
  const [first = nd.zeros([1]), second = nd.zeros([1])] = parameters;
  const step = (x: NDArray): NDArray => {
    const loss = autograd.record(() => {
      const h = nd.Dropout(x.dot(first).tanh(), { p: 0.3 });
      return h.dot(second).square().mean();
    });
    loss.backward();
    parameters.forEach((w, at) => {
      const momentum = momenta[at];
      if (momentum === undefined) return;
      nd.sgdMomUpdate(w, gradOf(w), momentum, { lr: 0.01, momentum: 0.9, out: w });
    });
    return loss;
  };
  return { step, state: [...parameters, ...momenta] };
}

test("many steps by generated code, in memory of its own, agree with the interpreter", () => {
  const losses = (["interpreted", "compiled"] as const).map((mode) => {
    runBy(mode);
    nd.random.seed(3);
    const { step, state } = training();
    const compiled = compile(step);
    const all = Array.from({ length: 300 }, (_, at) => compiled(noise([4, 5], at)).asScalar());
    return [...all, ...state.flatMap((array) => array.toFlat())];
  });
  const [expected = [], found = []] = losses;
  expect(found.length).toBe(expected.length);
  const errors = expected.map(
    (value, at) => Math.abs((found[at] ?? NaN) - value) / (1 + Math.abs(value)),
  );
  expect(Math.max(...errors)).toBeLessThan(1e-4);
});

test("memory that is written over is nobody else's", () => {
  const w = nd.array([1, 2, 3, 4]).attachGrad();
  const view = w.reshape([2, 2]);
  const step = compile((x: NDArray) => {
    const before = w.sum();
    w.assign(w.mul(2).add(x));
    return before;
  });
  const one = nd.ones([4]);
  step(one);
  // A recorded program goes on to see the numbers that it was recorded with.
  const recorded = autograd.record(() => w.mul(w));
  const results = [step(one), step(one)];
  recorded.backward();
  expect(gradOf(w).toFlat()).toEqual([6, 10, 14, 18]);
  expect(view.toFlat()).toEqual([15, 23, 31, 39]);
  expect(results.map((one) => one.asScalar())).toEqual([24, 52]);
  const kept = w.copy();
  step(one);
  expect(kept.toFlat()).toEqual([15, 23, 31, 39]);
});

test("reads fork by values that generated code gives", () => {
  const fn = compile((a: NDArray) => {
    let b = a.mul(2);
    while (b.norm().lesser(1000).asBoolean()) b = b.mul(2);
    return b.sum().greater(0).asBoolean() ? b : b.mul(100);
  });
  for (let round = 0; round < 20; round++) {
    expect([1, -0.5, 3].map((value) => fn(nd.array([value])).asScalar())).toEqual([
      1024, -102400, 1536,
    ]);
  }
  expect(fn.counts()).toMatchObject({ traces: 3, replays: 57 });
});

test("a result that was computed before a read keeps its numbers through later calls", () => {
  const fn = compile((x: NDArray) => {
    const doubled = x.mul(2);
    if (doubled.sum().greater(0).asBoolean()) return [doubled, doubled.add(1)];
    return [doubled.neg(), doubled];
  });
  const results = [1, 2, -3, 4].map((value) => fn(nd.array([value, value])));
  expect(results.map((pair) => pair.map((one) => one.toFlat()))).toEqual([
    [
      [2, 2],
      [3, 3],
    ],
    [
      [4, 4],
      [5, 5],
    ],
    [
      [6, 6],
      [-6, -6],
    ],
    [
      [8, 8],
      [9, 9],
    ],
  ]);
});

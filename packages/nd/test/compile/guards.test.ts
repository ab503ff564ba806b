import { jest } from "@jest/globals";
import { autograd, compile, type NDArray, nd } from "../../src/index.js";
import { contentsOf, expectSameAsPlain, gradOf, noise } from "./support.js";

/** MXNet's introduction: as many steps as it takes, then one of two ways. */
function controlFlow(a: NDArray): NDArray {
  let b = a.mul(2);
  while (b.norm().lesser(1000).asBoolean()) b = b.mul(2);
  return b.sum().greater(0).asBoolean() ? b : b.mul(100);
}

const values = [1, -0.3, 3.7, 40, -512, 0.001];

describe("asBoolean forks the path", () => {
  test("N paths in turns: N traces, then none", () => {
    const fn = compile(controlFlow);
    for (let time = 0; time < 20; time++) {
      for (const value of values) {
        expect(fn(nd.array([value])).toFlat()).toEqual(controlFlow(nd.array([value])).toFlat());
      }
    }
    expect(fn.counts()).toMatchObject({ calls: 120, traces: 6, replays: 114 });
    const { plans } = fn.counts();
    for (const value of values) fn(nd.array([value * 1.01]));
    expect(fn.counts()).toMatchObject({ traces: 6, plans });
    expect(
      fn
        .graphs()
        .map(({ reads }) => reads.length)
        .sort((a, b) => a - b),
    ).toEqual([2, 6, 10, 11, 13, 21]);
  });

  test("with the gradient within", () => {
    const step = expectSameAsPlain(
      () => ({
        fn: (a: NDArray) => {
          const d = autograd.record(() => controlFlow(a));
          d.backward();
          return d;
        },
        state: [],
      }),
      [...values, ...values].map((value) => (): [NDArray] => [nd.array([value]).attachGrad()]),
    );
    expect(step.counts()).toMatchObject({ traces: 6, replays: 6 });
  });

  test("effects before and after a read, with random numbers", () => {
    const step = expectSameAsPlain(
      () => {
        const w = nd.array([1, 1]).attachGrad();
        const count = nd.zeros([1]);
        const fn = (x: NDArray) => {
          const loss = autograd.record(() =>
            w
              .mul(x)
              .add(nd.random.normal({ shape: [2] }))
              .sum(),
          );
          loss.backward();
          count.addAssign(1);
          if (gradOf(w).norm().greater(1).asBoolean()) gradOf(w).mulAssign(0.5);
          w.subAssign(gradOf(w));
          if (count.greater(2).asBoolean()) count.assign(0);
          return loss;
        };
        return { fn, state: [w, count] };
      },
      [1, 2, 3, 0.1, 0.2, 5, 0.3, 7].map((size) => (): [NDArray] => [noise([2]).mul(size)]),
    );
    expect(step.counts().traces).toBeLessThanOrEqual(4);
  });

  test("only what a read needs runs before it, and nothing runs twice", () => {
    const fn = compile((x: NDArray) => {
      const costly = x.exp();
      const small = x.sum();
      return small.greater(0).asBoolean() ? costly.add(small) : small;
    });
    fn(nd.array([1, 2]));
    fn(nd.array([-1, -2]));
    const ops = fn
      .graphs()
      .map(({ segments }) => segments.map(({ nodes }) => Object.values(nodes).map(({ op }) => op)));
    expect(ops).toEqual(
      expect.arrayContaining([
        [
          ["sum", "reshape", "full", "greater"],
          ["exp", "add"],
        ],
      ]),
    );
    expect(ops.flat(2).filter((op) => op === "exp").length).toBe(1);
  });

  test("a read of an argument or of an array from outside", () => {
    const flag = nd.array([1]);
    const fn = compile((x: NDArray, up: NDArray) =>
      flag.asBoolean() ? (up.asBoolean() ? x.add(1) : x.sub(1)) : x,
    );
    const call = (up: number) => fn(nd.array([5]), nd.array([up])).asScalar();
    expect([call(1), call(0)]).toEqual([6, 4]);
    flag.assign(0);
    expect([call(1), call(0)]).toEqual([5, 5]);
    expect(fn.counts().traces).toBe(3);
  });

  test("constants made within are known and no reads", () => {
    const fn = compile((x: NDArray) => {
      const rows = nd.array([2, 0]);
      const mask = nd.zeros([1]);
      return mask.asBoolean() ? x : x.at(rows).mul(rows.toFlat().length);
    });
    expect(fn(nd.array([1, 2, 3])).toFlat()).toEqual([6, 2]);
    expect(fn.graphs()[0]?.reads).toEqual([]);
  });
});

describe("reads of numbers pin them", () => {
  test("asScalar: the same number replays, another one is traced", () => {
    const fn = compile((x: NDArray) => x.mul(x.max().asScalar()));
    const call = (...numbers: number[]) => fn(nd.array(numbers)).toFlat();
    expect([call(1, 2), call(0, 2), call(1, 3), call(3, 2), call(2, 2)]).toEqual([
      [2, 4],
      [0, 4],
      [3, 9],
      [9, 6],
      [4, 4],
    ]);
    expect(fn.counts()).toMatchObject({ traces: 2, replays: 3 });
    expect(fn.explain().retraces).toMatchObject([
      { cause: "elements", what: "elements of float32[1]", before: "2", after: "3", count: 1 },
    ]);
  });

  test("a loop on asScalar", () => {
    const fn = compile((a: NDArray) => {
      let b = a;
      while (b.norm().asScalar() < 100) b = b.mul(2);
      return b;
    });
    for (const value of [3, 5, 3, 5]) {
      expect(fn(nd.array([value])).asScalar()).toBe(value === 3 ? 192 : 160);
    }
    expect(fn.counts()).toMatchObject({ traces: 2, replays: 2 });
  });

  test("indices from an array, asArray and printing", () => {
    const fn = compile((x: NDArray, rows: NDArray) => [x.at(rows), `${rows}`, [...rows.asArray()]]);
    const call = (...rows: number[]) =>
      contentsOf(fn(nd.array([5, 6, 7]), nd.array(rows, { dtype: "int32" })));
    expect(call(2, 0)).toEqual([
      contentsOf(nd.array([7, 5])),
      "\n[2 0]\n<NDArray 2 @cpu(0)>",
      [2, 0],
    ]);
    expect(call(1, 1)).toEqual([
      contentsOf(nd.array([6, 6])),
      "\n[1 1]\n<NDArray 2 @cpu(0)>",
      [1, 1],
    ]);
    call(2, 0);
    expect(fn.counts()).toMatchObject({ traces: 2, replays: 1 });
  });
});

describe("explain", () => {
  test("names argument and branch, old and new value, line and count", () => {
    const fn = compile(
      function model(x: NDArray, scale: number, rest: { w: NDArray }) {
        const y = x.add(rest.w).mul(scale);
        return y.sum().greater(0).asBoolean() ? y : y.neg();
      },
      { warnAfter: Infinity },
    );
    fn(nd.ones([2]), 1, { w: nd.ones([2]) });
    fn(nd.ones([3]), 1, { w: nd.ones([1]) });
    fn(nd.ones([3]), 2, { w: nd.ones([1]) });
    fn(nd.ones([3]), 3, { w: nd.ones([1]) });
    fn(nd.ones([2]), 1, { w: nd.ones([2]).mul(-5) });
    const { name, counts, retraces, text } = fn.explain();
    expect({ name, counts }).toEqual({
      name: "model",
      counts: { calls: 5, traces: 5, retraces: 4, replays: 0, refreshes: 0, plans: 5, inlined: 0 },
    });
    expect(retraces.map(({ milliseconds, site, ...rest }) => ({ ...rest }))).toMatchInlineSnapshot(`
[
  {
    "after": "float32[3]",
    "before": "float32[2]",
    "cause": "argument",
    "count": 1,
    "what": "argument 1",
  },
  {
    "after": "2",
    "before": "1",
    "cause": "argument",
    "count": 1,
    "what": "argument 2",
  },
  {
    "after": "3",
    "before": "2",
    "cause": "argument",
    "count": 1,
    "what": "argument 2",
  },
  {
    "after": "false",
    "before": "true",
    "cause": "branch",
    "count": 1,
    "what": "asBoolean",
  },
]
`);
    const placed = retraces.every(({ site }) => /guards\.test\.ts:\d+$/.test(site ?? ""));
    expect(placed).toBe(true);
    expect(retraces.every(({ milliseconds }) => milliseconds > 0)).toBe(true);
    expect(text.replaceAll(/:\d+|[\d.]+ ms/g, "…")).toMatchInlineSnapshot(`
"model: 5 calls, 5 traces, 0 replays, 5 plans
  argument 1: float32[2] -> float32[3] at packages/nd/test/compile/guards.test.ts…, once, …
  argument 2: 1 -> 2 at packages/nd/test/compile/guards.test.ts…, once, …
  argument 2: 2 -> 3 at packages/nd/test/compile/guards.test.ts…, once, …
  asBoolean: true -> false at packages/nd/test/compile/guards.test.ts…, once, …"
`);
  });

  test("a warning once, when re-traces pass the threshold", () => {
    const warn = jest.spyOn(console, "warn").mockImplementation(() => {});
    try {
      const fn = compile((x: NDArray) => x.add(1), { name: "grown", warnAfter: 3 });
      for (let size = 1; size < 9; size++) {
        fn(nd.ones([size]));
        expect(warn).toHaveBeenCalledTimes(size < 4 ? 0 : 1);
      }
      expect(String(warn.mock.calls[0])).toMatch(
        /grown: 4 calls.*\n {2}argument 1: float32\[3\] -> float32\[4\]/,
      );
    } finally {
      warn.mockRestore();
    }
  });
});

describe("numbers among the arguments", () => {
  const scheduled = () => {
    const w = nd.array([1, 2]).attachGrad();
    const fn = (x: NDArray, rate: number) => {
      const loss = autograd.record(() => w.mul(x).sum());
      loss.backward();
      nd.sgdUpdate(w, gradOf(w), { lr: rate, out: w });
      return [loss, w.mul(1 - rate)];
    };
    return { fn, state: [w] };
  };

  test("one that varies becomes an input after 8 values: nothing is planned any more", () => {
    const rates = Array.from({ length: 30 }, (_, at) => 1 / (at + 2));
    const calls = [...rates, ...rates].map((rate) => (): [NDArray, number] => [noise([2]), rate]);
    const step = expectSameAsPlain(scheduled, calls);
    expect(step.counts()).toEqual({
      calls: 60,
      traces: 9,
      retraces: 8,
      replays: 30,
      refreshes: 21,
      plans: 10,
      inlined: 0,
    });
    const { retraces } = step.explain();
    expect(retraces.map(({ cause, what, count }) => ({ cause, what, count }))).toEqual([
      { cause: "argument", what: "argument 2", count: 7 },
      { cause: "number", what: "argument 2", count: 1 },
    ]);
  });

  test("also where it decides a read, in loops of any length", () => {
    const step = expectSameAsPlain(
      () => ({
        fn: (x: NDArray, limit: number) => {
          let y = x;
          while (y.sum().lesser(limit).asBoolean()) y = y.mul(2);
          return y;
        },
        state: [],
      }),
      Array.from({ length: 40 }, (_, at) => (): [NDArray, number] => [
        nd.array([1]),
        (at % 20) + 0.5,
      ]),
    );
    const { traces, replays, refreshes } = step.counts();
    expect([traces + refreshes, replays]).toEqual([20, 20]);
  });

  test("one that decides what is done stays a value", () => {
    const repeated = (x: NDArray, times: number, scale: number) => {
      let y = x;
      for (let time = 0; time < times; time++) y = y.mul(scale);
      return y;
    };
    const fn = compile(repeated, { warnAfter: Infinity });
    for (let round = 0; round < 2; round++) {
      for (let times = 0; times < 12; times++) {
        expect(fn(nd.ones([1]), times, 2).asScalar()).toBe(2 ** times);
      }
    }
    // 9 was the number that showed it, after 8 had become "any number".
    expect(fn.counts()).toMatchObject({ replays: 11 });
    for (let scale = 0; scale < 20; scale++) {
      expect(fn(nd.ones([1]), 2, scale).asScalar()).toBe(scale ** 2);
    }
    expect(fn.explain().retraces.filter(({ cause }) => cause === "number").length).toBe(2);
  });
});

import { inspect } from "node:util";
import { autograd, type NDArray, nd } from "../src/index.js";

function gradOf(x: NDArray): number[] {
  if (x.grad === null) throw new Error("no gradient attached");
  return x.grad.toFlat();
}

describe("the array of the first example", () => {
  const text = "\n[[0.]\n [1.]\n [2.]\n [3.]]\n<NDArray 4x1 @cpu(0)>";

  test("has MXNet's text, as a string and in console.log", () => {
    const x = nd.arange(4).reshape([4, 1]);
    expect(String(x)).toBe(text);
    expect(inspect(x)).toBe(text);
    expect(`${x}`).toBe(text);
  });

  test("keeps its text inside a list", () => {
    expect(inspect([nd.array([12])])).toBe("[\n  \n  [12.]\n  <NDArray 1 @cpu(0)>\n]");
  });

  test("columns are padded to one width", () => {
    const x = nd.arange(4).reshape([4, 1]);
    expect(String(x.mul(4))).toBe("\n[[ 0.]\n [ 4.]\n [ 8.]\n [12.]]\n<NDArray 4x1 @cpu(0)>");
  });
});

describe("attachGrad", () => {
  test("gives a gradient of zeros, where there was none", () => {
    const x = nd.arange(4).reshape([4, 1]);
    expect(x.grad).toBeNull();
    x.attachGrad();
    expect(x.grad?.shape).toEqual([4, 1]);
    expect(gradOf(x)).toEqual([0, 0, 0, 0]);
  });

  test("gives the array itself, so that it can be chained", () => {
    const x = nd.ones(2);
    expect(x.attachGrad()).toBe(x);
  });
});

describe("y = 2 x^T x", () => {
  test("is a matrix of one element, with gradient 4x", () => {
    const x = nd.arange(4).reshape([4, 1]).attachGrad();
    const y = autograd.record(() => nd.dot(x.T, x).mul(2));
    expect(String(y)).toBe("\n[[28.]]\n<NDArray 1x1 @cpu(0)>");
    y.backward();
    expect(x.grad?.sub(x.mul(4)).norm().asScalar()).toBe(0);
    expect(String(x.grad)).toBe("\n[[ 0.]\n [ 4.]\n [ 8.]\n [12.]]\n<NDArray 4x1 @cpu(0)>");
  });
});

describe("a result that is no scalar", () => {
  test("is differentiated as its sum", () => {
    const x = nd.arange(4).reshape([4, 1]).attachGrad();
    autograd.record(() => x.mul(x).mul(2)).backward();
    const direct = gradOf(x);
    autograd.record(() => x.mul(x).mul(2).sum()).backward();
    expect(direct).toEqual([0, 4, 8, 12]);
    expect(gradOf(x)).toEqual(direct);
  });
});

describe("ordinary control flow", () => {
  const f = (a: NDArray): NDArray => {
    let b = a.mul(2);
    while (b.norm().asScalar() < 1000) b = b.mul(2);
    return b.sum().asScalar() > 0 ? b : b.mul(100);
  };

  test.each([
    [0.5, 1024, 2048],
    [-0.3, Math.fround(-122880.01), 409600],
    [3.7, Math.fround(1894.4), 512],
  ])("f(%d) takes its own path", (value, result, slope) => {
    const a = nd.array([value]).attachGrad();
    const d = autograd.record(() => f(a));
    d.backward();
    expect(d.shape).toEqual([1]);
    expect(d.asScalar()).toBe(result);
    expect(gradOf(a)).toEqual([slope]);
    expect(a.grad?.equal(d.div(a)).toFlat()).toEqual([1]);
  });

  test("the first number of a fresh seed gives MXNet's numbers", () => {
    nd.random.seed(0);
    const a = nd.random.normal({ shape: 1 }).attachGrad();
    const d = autograd.record(() => f(a));
    d.backward();
    expect([String(a), String(d), String(a.grad)]).toEqual([
      "\n[2.2122064]\n<NDArray 1 @cpu(0)>",
      "\n[1132.6497]\n<NDArray 1 @cpu(0)>",
      "\n[512.]\n<NDArray 1 @cpu(0)>",
    ]);
  });

  /** Paths that no other test of this file takes. */
  const branching = (a: NDArray): NDArray => {
    let b = a.mul(7);
    while (b.norm().asScalar() < 1000) b = b.mul(2);
    return b.sum().asScalar() > 0 ? b : b.mul(100);
  };

  test("each path is traced once, and planned no more once it is known what is read", () => {
    const run = (value: number) => {
      const a = nd.array([value]).attachGrad();
      autograd.record(() => branching(a)).backward();
    };
    const values = [0.5, -0.3, 3.7];
    const before = autograd.counts();
    for (const value of values) run(value);
    const first = autograd.counts();
    expect(first.traces - before.traces).toBe(3);
    expect(first.retraces - before.retraces).toBe(2);
    for (const value of values) run(value);
    const { plans } = autograd.counts();
    for (let time = 0; time < 1000; time++) run(values[time % 3] ?? 0);
    const after = autograd.counts();
    expect(after.traces).toBe(first.traces);
    expect(after.retraces).toBe(first.retraces);
    expect(after.plans).toBe(plans);
    expect(after.replays).toBeGreaterThan(first.replays);
  });

  test("a repeated path replays one plan per read and one for the gradient", () => {
    const run = () => {
      const a = nd.array([300]).attachGrad();
      autograd.record(() => branching(a)).backward();
    };
    for (let time = 0; time < 2; time++) run();
    const before = autograd.counts();
    run();
    const { traces, retraces, plans, replays } = autograd.counts();
    expect({
      traces: traces - before.traces,
      retraces: retraces - before.retraces,
      plans: plans - before.plans,
      replays: replays - before.replays,
    }).toEqual({ traces: 0, retraces: 0, plans: 0, replays: 3 });
  });
});

describe("head gradients and the chain rule", () => {
  test("attachGrad inside record cuts the product in two, step by step", () => {
    const x = nd.arange(4).attachGrad();
    let y = x;
    const z = autograd.record(() => {
      y = x.mul(2);
      y.attachGrad();
      return y.mul(x);
    });
    expect(gradOf(y)).toEqual([0, 0, 0, 0]);
    z.backward();
    expect(gradOf(x)).toEqual([0, 2, 4, 6]);
    expect(gradOf(y)).toEqual([0, 1, 2, 3]);
    y.backward(y.grad);
    expect(gradOf(y)).toEqual([0, 1, 2, 3]);
    expect(x.grad?.equal(x.mul(2)).toFlat()).toEqual([1, 1, 1, 1]);
  });

  test("y = 3x: backward of the cut array does not reach x", () => {
    const x = nd.array([1, 2, 3]).attachGrad();
    let y = x;
    const z = autograd.record(() => {
      y = x.mul(3);
      y.attachGrad();
      return autograd.record(() => y.mul(x));
    });
    z.backward();
    expect(gradOf(x)).toEqual([3, 6, 9]);
    x.grad?.assign(77);
    y.backward(nd.array([5, 6, 7]));
    expect(gradOf(x)).toEqual([77, 77, 77]);
    expect(gradOf(y)).toEqual([5, 6, 7]);
  });

  test("without the cut the gradient is the total one", () => {
    const x = nd.arange(4).attachGrad();
    autograd.record(() => x.mul(2).mul(x)).backward();
    expect(gradOf(x)).toEqual([0, 4, 8, 12]);
  });
});

import { AttributeError, ShapeError } from "@adjoint/graph";
import { autograd, type NDArray, nd } from "../src/index.js";

function gradOf(x: NDArray): number[] {
  if (x.grad === null) throw new Error("no gradient attached");
  return x.grad.toFlat();
}

describe("Dropout", () => {
  const ones = nd.ones([4, 25]);

  test("is the identity outside training", () => {
    expect(nd.Dropout(ones).toFlat()).toEqual(ones.toFlat());
    const x = nd.ones([3]).attachGrad();
    autograd.record(() => nd.Dropout(x), { trainMode: false }).backward();
    expect(gradOf(x)).toEqual([1, 1, 1]);
  });

  test("outside training a new array: a write to it leaves the argument alone", () => {
    const x = nd.ones([3]);
    nd.Dropout(x).assign(7);
    expect(x.toFlat()).toEqual([1, 1, 1]);
  });

  test("outside training it leaves the random numbers alone", () => {
    nd.random.seed(3);
    nd.Dropout(ones);
    const after = nd.random.uniform().asScalar();
    nd.random.seed(3);
    expect(nd.random.uniform().asScalar()).toBe(after);
  });

  test("in training elements are 0 or 1 / (1 - p), and the gradient has the same mask", () => {
    const x = nd.ones([4, 25]).attachGrad();
    const y = autograd.record(() => nd.Dropout(x, { p: 0.2 }));
    y.backward();
    const values = y.toFlat();
    expect(new Set(values)).toEqual(new Set([0, 1.25]));
    expect(gradOf(x)).toEqual(values);
  });

  test("the mask keeps what is below 1 - p of MXNet's uniform numbers", () => {
    nd.random.seed(0);
    const drawn = nd.random.uniform({ shape: [10] }).toFlat();
    nd.random.seed(0);
    const y = autograd.trainMode(() => nd.Dropout(nd.ones([10]), { p: 0.5 }));
    expect(y.toFlat()).toEqual(drawn.map((u) => (u < 0.5 ? 2 : 0)));
  });

  test("`always` does so in prediction too", () => {
    const y = nd.Dropout(ones, { mode: "always" });
    expect(new Set(y.toFlat())).toEqual(new Set([0, 2]));
  });

  test("p = 0 is the identity, p = 1 gives NaN", () => {
    autograd.trainMode(() => {
      expect(nd.Dropout(ones, { p: 0 }).toFlat()).toEqual(ones.toFlat());
      expect(nd.Dropout(nd.ones([3]), { p: 1 }).toFlat()).toEqual([
        Number.NaN,
        Number.NaN,
        Number.NaN,
      ]);
    });
  });

  test("layers of one scope have masks of their own, and graphs of their own", () => {
    const [x, w] = [nd.ones([50]).attachGrad(), nd.ones([50]).attachGrad()];
    const [y, z] = autograd.record(() => [nd.Dropout(x), nd.Dropout(w)] as const);
    expect(y.toFlat()).not.toEqual(z.toFlat());
    z.backward();
    expect(gradOf(x)).toEqual(new Array(50).fill(0));
    y.backward();
    expect([gradOf(x), gradOf(w)]).toEqual([y.toFlat(), z.toFlat()]);
  });

  test("axes share one mask", () => {
    const y = autograd.trainMode(() => nd.Dropout(nd.ones([2, 20]), { axes: [0] }));
    const values = y.toFlat();
    expect(values.slice(0, 20)).toEqual(values.slice(20));
    expect(new Set(values)).toEqual(new Set([0, 2]));
  });

  test("a repeated pass draws another mask without another trace", () => {
    const x = nd.ones([100]).attachGrad();
    const pass = () => autograd.record(() => nd.Dropout(x)).toFlat();
    const first = pass();
    const second = pass();
    const before = autograd.counts();
    expect(pass()).not.toEqual(second);
    expect(second).not.toEqual(first);
    expect(autograd.counts()).toMatchObject({ traces: before.traces, plans: before.plans });
  });

  test.each([-0.1, 1.5, Number.NaN])("p = %d is refused in every mode", (p) => {
    expect(() => nd.Dropout(ones, { p })).toThrow(AttributeError);
    expect(() => autograd.trainMode(() => nd.Dropout(ones, { p }))).toThrow(AttributeError);
  });
});

describe("BatchNorm", () => {
  const data = [
    [1, 2],
    [3, 6],
  ];
  const head = nd.array([
    [1, 2],
    [3, 4],
  ]);

  function layer() {
    return {
      x: nd.array(data).attachGrad(),
      gamma: nd.ones(2).attachGrad(),
      beta: nd.zeros(2).attachGrad(),
      mean: nd.zeros(2),
      variance: nd.ones(2),
    };
  }

  test("normalizes by the batch in training, with MXNet's values and gradients", () => {
    const { x, gamma, beta, mean, variance } = layer();
    const y = autograd.record(() =>
      nd.BatchNorm(x, gamma, beta, mean, variance, { eps: 1e-5, fixGamma: false }),
    );
    const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));
    expect(y.toFlat()).toEqual(near([-0.999995, -0.9999988, 0.999995, 0.9999988]));
    y.backward(head);
    expect(gradOf(gamma)).toEqual(near([1.99999, 1.9999976]));
    expect(gradOf(beta)).toEqual([4, 6]);
  });

  test("backward moves the running statistics, and a second retained one again", () => {
    const { x, gamma, beta, mean, variance } = layer();
    const y = autograd.record(() => nd.BatchNorm(x, gamma, beta, mean, variance));
    const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));
    expect(mean.toFlat()).toEqual([0, 0]);
    y.backward(null, { retainGraph: true });
    expect(mean.toFlat()).toEqual(near([0.2, 0.4]));
    expect(variance.toFlat()).toEqual(near([1, 1.3]));
    y.backward();
    expect(mean.toFlat()).toEqual(near([0.38, 0.76]));
    expect(variance.toFlat()).toEqual(near([1, 1.57]));
  });

  test("backward of something else leaves the running statistics alone", () => {
    const { x, gamma, beta, mean, variance } = layer();
    const other = autograd.record(() => {
      nd.BatchNorm(x, gamma, beta, mean, variance);
      return x.mul(2);
    });
    other.backward();
    expect(mean.toFlat()).toEqual([0, 0]);
  });

  test("prediction goes by the running statistics and does not move them", () => {
    const { x, gamma, beta, variance } = layer();
    const mean = nd.array([1, 2]);
    const y = autograd.record(
      () => nd.BatchNorm(x, gamma, beta, mean, variance, { eps: 0, fixGamma: false }),
      { trainMode: false },
    );
    y.backward(head, { trainMode: false });
    expect(y.toFlat()).toEqual([0, 0, 2, 4]);
    expect(gradOf(x)).toEqual(head.toFlat());
    expect(mean.toFlat()).toEqual([1, 2]);
  });

  test("useGlobalStats does so in training too", () => {
    const { x, gamma, beta, mean, variance } = layer();
    const y = autograd.record(() =>
      nd.BatchNorm(x, gamma, beta, mean, variance, { eps: 0, useGlobalStats: true }),
    );
    y.backward();
    expect(y.toFlat()).toEqual([1, 2, 3, 6]);
    expect(mean.toFlat()).toEqual([0, 0]);
  });

  test("fixGamma writes 1 to gamma, whose gradient is 0", () => {
    const { x, beta, mean, variance } = layer();
    const gamma = nd.array([5, 7]).attachGrad();
    gamma.grad?.assign(9);
    const y = autograd.record(() => nd.BatchNorm(x, gamma, beta, mean, variance));
    y.backward(head);
    expect(gamma.toFlat()).toEqual([1, 1]);
    expect(gradOf(gamma)).toEqual([0, 0]);
    expect(y.toFlat()[2]).toBeCloseTo(0.9995, 3);
  });

  test("a parameter of the wrong length is refused before gamma is written", () => {
    const { x, beta, mean, variance } = layer();
    const gamma = nd.array([5, 7, 9]);
    expect(() => nd.BatchNorm(x, gamma, beta, mean, variance)).toThrow(ShapeError);
    expect(gamma.toFlat()).toEqual([5, 7, 9]);
  });
});

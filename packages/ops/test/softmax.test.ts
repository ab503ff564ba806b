import {
  ArgumentError,
  AttributeError,
  BoundsError,
  DTypeError,
  ShapeError,
  type Value,
} from "@adjoint/graph";
import { fronts } from "../src/index.js";
import {
  evaluate,
  evaluateAll,
  expectDerivatives,
  type Given,
  given,
  gradientsOf,
  irregular,
  type Program,
} from "./support.js";

describe("softmax", () => {
  const { softmax, logSoftmax } = fronts;

  test("arguments of any size neither overflow nor lose the rest", () => {
    const x = given([1e4, -1e4, -1e4, -1e4], [2, 2]);
    expect(evaluate((v) => softmax(v), x).data).toEqual([1, 0, 0.5, 0.5]);
    expect(evaluate((v) => logSoftmax(v), x).data).toEqual([0, -2e4, -Math.LN2, -Math.LN2]);
  });

  test("elements of -inf get nothing, and gradient 0; a row of them is NaN", () => {
    const x = given([-Infinity, 3, -Infinity, -Infinity], [2, 2]);
    expect(evaluate((v) => softmax(v), x).data).toEqual([0, 1, Number.NaN, Number.NaN]);
    expect(evaluate((v) => logSoftmax(v), x).data).toEqual([-Infinity, 0, Number.NaN, Number.NaN]);
    expect(gradientsOf((v) => softmax(v), [given([-Infinity, 3], [1, 2])], [[2, 1]])).toEqual([
      [0, 0],
    ]);
  });

  test("elements behind a row's length get 0 and gradient 0, also in a row of length 0", () => {
    const x = given([1, 1, 50, Number.NaN, 1, 1], [2, 3]);
    const length = given([2, 0], [2], "int32");
    const program = (v: Value, n: Value) => softmax(v, n, { useLength: true });
    expect(evaluate(program, x, length).data).toEqual([0.5, 0.5, 0, 0, 0, 0]);
    expect(gradientsOf(program, [x, length], [[1, 0, 7, 7, 7, 7]])[0]).toEqual([
      0.25, -0.25, 0, 0, 0, 0,
    ]);
  });

  test("length and useLength belong together", () => {
    const x = irregular([2, 2]);
    expect(() => evaluate((v) => softmax(v, { useLength: true }), x)).toThrow(ArgumentError);
    expect(() => evaluate((v, n) => softmax(v, n), x, irregular([2]))).toThrow(ArgumentError);
  });

  test("wrong axis, temperature, dtype", () => {
    const x = irregular([2, 2]);
    expect(() => evaluate((v) => softmax(v, { axis: 2 }), x)).toThrow(BoundsError);
    expect(() => evaluate((v) => softmax(v, { temperature: 0 }), x)).toThrow(AttributeError);
    expect(() => evaluate((v) => softmax(v), given([1, 2], [2], "int32"))).toThrow(DTypeError);
  });
});

describe("logSumExp", () => {
  const { logSumExp, exp, log, max, stopGradient, sum } = fronts;
  const rows = given([1e4, -1e4, 1e4, -1e4, -1e4, -Infinity], [3, 2]);

  test("arguments of any size neither overflow nor underflow", () => {
    const expected = [1e4, 1e4 + Math.log1p(Math.exp(-2e4)), -1e4];
    expect(evaluate((x) => logSumExp(x, { axis: 1 }), rows).data).toEqual(expected);
    expect(gradientsOf((x) => logSumExp(x, { axis: 1 }), [rows], [[1, 2, 3]])).toEqual([
      [1, 0, 2, 0, 3, 0],
    ]);
  });

  test("-inf adds nothing; alone it is the result, with gradient 0", () => {
    const x = given([-Infinity, -Infinity, -Infinity, 3], [2, 2]);
    expect(evaluate((v) => logSumExp(v, { axis: 1 }), x).data).toEqual([-Infinity, 3]);
    expect(gradientsOf((v) => logSumExp(v, { axis: 1 }), [x])).toEqual([[0, 0, 0, 1]]);
  });

  test("the gradient is exact where the result is large", () => {
    const x = given([1e4, 1e4], [2], "float32");
    expect(gradientsOf((v) => logSumExp(v), [x])).toEqual([[0.5, 0.5]]);
  });

  test("inf is the result, and NaN stays", () => {
    const x = given([Infinity, 1, Number.NaN, 1], [2, 2]);
    expect(evaluate((v) => logSumExp(v, { axis: 1 }), x).data).toEqual([Infinity, Number.NaN]);
    expect(gradientsOf((v) => logSumExp(v), [given([Infinity, 1])])).toEqual([[Number.NaN, 0]]);
  });

  test("composed of max, exp, sum and log it is the same where a number is finite", () => {
    const composed = (x: Value) => {
      const m = stopGradient(max(x, { axis: 1, keepdims: true }));
      const terms = exp(fronts.broadcastSub(x, m));
      return fronts.broadcastAdd(log(sum(terms, { axis: 1, keepdims: true })), m);
    };
    const whole = (x: Value) => logSumExp(x, { axis: 1, keepdims: true });
    expect(evaluate(composed, rows)).toEqual(evaluate(whole, rows));
    expect(gradientsOf(composed, [rows])).toEqual(gradientsOf(whole, [rows]));
  });

  test("integers are refused", () => {
    expect(() => evaluate((v) => logSumExp(v), given([1, 2], [2], "int32"))).toThrow(DTypeError);
  });
});

describe("softmaxCrossEntropy", () => {
  const { softmaxCrossEntropy } = fronts;

  test("sums over the batch, with shape (1,)", () => {
    const [y] = evaluateAll(
      softmaxCrossEntropy,
      given([0, 0, 0, Math.log(3)], [2, 2]),
      given([0, 1]),
    );
    expect(y?.shape).toEqual([1]);
    expect(y?.data[0]).toBeCloseTo(Math.log(2) - Math.log(0.75), 12);
  });

  test("probabilities have a floor of 1e-8 in the value, none in the gradient", () => {
    const givens = [given([100, 0], [1, 2]), given([1])];
    expect(evaluate(softmaxCrossEntropy, ...givens).data).toEqual([-Math.log(1e-8)]);
    expect(gradientsOf(softmaxCrossEntropy, givens)[0]).toEqual([
      expect.closeTo(1, 12),
      expect.closeTo(-1, 12),
    ]);
  });

  test("labels of any dtype; out of range they are clipped, in value and gradient", () => {
    const x = given([0, 0], [1, 2]);
    const gradient = gradientsOf(softmaxCrossEntropy, [x, given([9], [1], "int32")])[0];
    expect(gradient).toEqual([0.5, -0.5]);
  });

  test("derivatives to second order", () => {
    expectDerivatives(softmaxCrossEntropy, [irregular([2, 3]), given([2, 0], [2], "int32")]);
  });
});

describe("output layers", () => {
  const x = given([0, 0, 0, Math.log(3)], [2, 2]);
  const heads = [[5, -5, 5, -5]];

  function gradientOf(program: Program, ...givens: readonly Given[]): unknown {
    return gradientsOf(program, givens, heads)[0]?.map((value) => expect.closeTo(value, 10));
  }

  const gradients: Readonly<Record<string, readonly [Program, Given, readonly number[]]>> = {
    "SoftmaxOutput ignores the head gradient": [
      (v, l) => fronts.SoftmaxOutput(v, l),
      given([0, 1]),
      [-0.5, 0.5, 0.25, -0.25],
    ],
    "SoftmaxOutput with outGrad multiplies by it": [
      (v, l) => fronts.SoftmaxOutput(v, l, { outGrad: true }),
      given([0, 1]),
      [-2.5, -2.5, 1.25, 1.25],
    ],
    "SoftmaxOutput by probabilities": [
      (v, l) => fronts.SoftmaxOutput(v, l, { gradScale: 2 }),
      given([0.5, 0.5, 0, 1], [2, 2]),
      [0, 0, 0.5, -0.5],
    ],
    "SoftmaxOutput, valid, ignoring a label": [
      (v, l) =>
        fronts.SoftmaxOutput(v, l, { useIgnore: true, ignoreLabel: 0, normalization: "valid" }),
      given([0, 1]),
      [0, 0, 0.25, -0.25],
    ],
    "SoftmaxOutput, valid, all labels ignored: divided by 1": [
      (v, l) =>
        fronts.SoftmaxOutput(v, l, { useIgnore: true, ignoreLabel: 1, normalization: "valid" }),
      given([1, 1]),
      [0, 0, 0, 0],
    ],
    "SoftmaxOutput with smoothed targets": [
      (v, l) => fronts.SoftmaxOutput(v, l, { smoothAlpha: 0.25, normalization: "batch" }),
      given([0, 1]),
      [-0.125, 0.125, 0, 0],
    ],
    LinearRegressionOutput: [
      (v, l) => fronts.LinearRegressionOutput(v, l),
      given([1, 0, 0, Math.log(3)], [2, 2]),
      [-0.5, 0, 0, 0],
    ],
    LogisticRegressionOutput: [
      (v, l) => fronts.LogisticRegressionOutput(v, l, { gradScale: 4 }),
      given([1, 0, 0.5, 1], [2, 2]),
      [-1, 1, 0, -0.5],
    ],
    "MAERegressionOutput is -1 at equality": [
      (v, l) => fronts.MAERegressionOutput(v, l),
      given([0, 1, -1, 0], [2, 2]),
      [-0.5, -0.5, 0.5, 0.5],
    ],
    SVMOutput: [
      (v, l) => fronts.SVMOutput(v, l, { margin: 2, regularizationCoefficient: 0.5 }),
      given([0, 1]),
      [-2, 2, 2, Math.log(3) - 2],
    ],
    "SVMOutput, linear": [
      (v, l) => fronts.SVMOutput(v, l, { useLinear: true }),
      given([0, 1]),
      [-1, 1, 1, 0],
    ],
  };

  test.each(Object.entries(gradients))("%s", (_, [program, label, expected]) => {
    expect(expected).toEqual(gradientOf(program, x, label));
  });

  test("SoftmaxOutput over channels divides by the number of positions", () => {
    const program = (v: Value, l: Value) => fronts.SoftmaxOutput(v, l, { multiOutput: true });
    const gradient = gradientsOf(program, [
      given([0, 0, 0, 0], [1, 2, 2]),
      given([0, 1], [1, 2]),
    ])[0];
    expect(gradient).toEqual([-0.25, 0.25, 0.25, -0.25]);
  });

  test("NaN in an ignored row does not reach the gradient", () => {
    const options = { useIgnore: true, ignoreLabel: 3 };
    const program = (v: Value, l: Value) => fronts.SoftmaxOutput(v, l, options);
    const gradient = gradientsOf(program, [given([Number.NaN, 0], [1, 2]), given([3])])[0];
    expect(gradient).toEqual([0, 0]);
  });

  test("smoothing beyond 0 to 1 is refused", () => {
    const label = given([0, 1]);
    const smooth = (v: Value, l: Value) => fronts.SoftmaxOutput(v, l, { smoothAlpha: 1.5 });
    expect(() => evaluate(smooth, x, label)).toThrow(AttributeError);
  });

  test("labels that do not fit are refused", () => {
    const label = irregular([3]);
    expect(() => evaluate((v, l) => fronts.SoftmaxOutput(v, l), x, label)).toThrow(ShapeError);
    expect(() => evaluate((v, l) => fronts.LinearRegressionOutput(v, l), x, label)).toThrow(
      ShapeError,
    );
    expect(() => evaluate((v, l) => fronts.SVMOutput(v, l), x, label)).toThrow(ShapeError);
  });
});

import {
  ArgumentError,
  AttributeError,
  BoundsError,
  DTypeError,
  ShapeError,
  type Value,
} from "@adjoint/graph";
import { batchNorm, dropout, fronts } from "../src/index.js";
import {
  array,
  checkDerivatives,
  evaluate,
  type Given,
  gradientsOf,
  irregular,
  type Program,
  valuesOf,
} from "./derivativeSupport.js";

const { Convolution, Deconvolution, FullyConnected, Pooling, UpSampling } = fronts;

interface Layer {
  readonly program: Program;
  readonly shapes: readonly (readonly number[])[];
  /** Arguments that are not differentiated by. */
  readonly constant?: readonly number[];
}

const layers: Readonly<Record<string, Layer>> = {
  "FullyConnected flattens": {
    program: (x, w, b) => FullyConnected(x, w, b, { numHidden: 2 }),
    shapes: [[2, 2, 2], [2, 4], [2]],
  },
  "FullyConnected of the last axis": {
    program: (x, w) => FullyConnected(x, w, { noBias: true, flatten: false }),
    shapes: [
      [2, 2, 3],
      [2, 3],
    ],
  },
  "Convolution with groups and bias": {
    program: (x, w, b) => Convolution(x, w, b, { kernel: [2], numGroup: 2, pad: [1], stride: [2] }),
    shapes: [[1, 2, 3], [2, 1, 2], [2]],
  },
  "Deconvolution with adj and bias": {
    program: (x, w, b) => Deconvolution(x, w, b, { stride: [2], adj: [1], noBias: false }),
    shapes: [[1, 2, 2], [2, 1, 2], [1]],
  },
  "Pooling max": {
    program: (x) => Pooling(x, { kernel: [2], stride: [2], poolingConvention: "full" }),
    shapes: [[1, 2, 5]],
  },
  "Pooling avg over the edge": {
    program: (x) =>
      Pooling(x, { kernel: [2, 2], stride: [2, 1], poolType: "avg", poolingConvention: "full" }),
    shapes: [[1, 1, 3, 3]],
  },
  "Pooling avg without padding": {
    program: (x) => Pooling(x, { kernel: [3], pad: [1], poolType: "avg", countIncludePad: false }),
    shapes: [[1, 1, 4]],
  },
  "Pooling lp 2": {
    program: (x) => Pooling(x, { kernel: [2], poolType: "lp" }),
    shapes: [[1, 1, 4]],
  },
  "Pooling lp 3": {
    program: (x) => Pooling(x, { kernel: [2], poolType: "lp", pValue: 3 }),
    shapes: [[1, 1, 4]],
  },
  "UpSampling nearest": { program: (x) => UpSampling(x, { scale: 2 }), shapes: [[1, 1, 2, 1]] },
  "UpSampling bilinear": {
    program: (x, w) => UpSampling(x, w, { scale: 2, sampleType: "bilinear" }),
    shapes: [
      [1, 1, 2, 2],
      [1, 1, 4, 4],
    ],
  },
  "softmax with temperature": {
    program: (x) => fronts.softmax(x, { axis: 0, temperature: 0.7 }),
    shapes: [[3, 2]],
  },
  logSoftmax: { program: (x) => fronts.logSoftmax(x, { temperature: 2 }), shapes: [[2, 3]] },
  softmin: { program: (x) => fronts.softmin(x), shapes: [[2, 3]] },
  "SoftmaxActivation of channels": {
    program: (x) => fronts.SoftmaxActivation(x, { mode: "channel" }),
    shapes: [[1, 3, 2]],
  },
  "BatchNorm, all results, in training": {
    program: (x, g, b, m, v) => batchNorm(x, g, b, m, v, { fixGamma: false, training: true }),
    shapes: [[3, 2, 2], [2], [2], [2], [2]],
    constant: [3, 4],
  },
  "BatchNorm of the last axis with gamma fixed": {
    program: (x, g, b, m, v) => batchNorm(x, g, b, m, v, { axis: -1, training: true }),
    shapes: [[3, 2], [2], [2], [2], [2]],
    constant: [3, 4],
  },
  "LayerNorm, all results": {
    program: (x, g, b) => fronts.LayerNorm(x, g, b, { axis: 1, outputMeanVar: true }),
    shapes: [[2, 3, 2], [3], [3]],
  },
  InstanceNorm: {
    program: (x, g, b) => fronts.InstanceNorm(x, g, b),
    shapes: [[1, 2, 2, 2], [2], [2]],
  },
  GroupNorm: {
    program: (x, g, b) => fronts.GroupNorm(x, g, b, { numGroups: 2 }),
    shapes: [[1, 4, 2], [2], [2]],
  },
  "L2Normalization of channels": {
    program: (x) => fronts.L2Normalization(x, { mode: "channel" }),
    shapes: [[1, 3, 2]],
  },
  LRN: { program: (x) => fronts.LRN(x, { nsize: 3, alpha: 0.5 }), shapes: [[1, 4, 2]] },
};

test.each(Object.entries(layers))("%s: derivatives to second order", (_, layer) => {
  const givens = layer.shapes.map((shape, index) => irregular(shape, index + 1));
  checkDerivatives(layer.program, givens, layer);
});

const modes = ["rnn_relu", "rnn_tanh", "lstm", "gru"] as const;

test.each(modes)("RNN %s, two layers in both directions: first derivatives", (mode) => {
  const gates = { rnn_relu: 1, rnn_tanh: 1, lstm: 4, gru: 3 }[mode];
  const parameters = 2 * gates * (1 + 1 + 2) + 2 * gates * (2 + 1 + 2);
  const options = { mode, stateSize: 1, numLayers: 2, bidirectional: true, stateOutputs: true };
  const states = [irregular([4, 1, 1], 3), ...(mode === "lstm" ? [irregular([4, 1, 1], 4)] : [])];
  checkDerivatives(
    (x, p, h, c) => fronts.RNN(x, p, h, ...(mode === "lstm" ? [c, options] : [options])),
    [irregular([2, 1, 1], 1), irregular([parameters], 2), ...states],
    { order: 1 },
  );
});

describe("softmax", () => {
  const { softmax, logSoftmax } = fronts;

  test("arguments of any size neither overflow nor lose the rest", () => {
    const x = array([2, 2], [1e4, -1e4, -1e4, -1e4]);
    expect(valuesOf((v) => softmax(v), x)).toEqual([1, 0, 0.5, 0.5]);
    expect(valuesOf((v) => logSoftmax(v), x)).toEqual([0, -2e4, -Math.LN2, -Math.LN2]);
  });

  test("elements of -inf get nothing, and gradient 0; a row of them is NaN", () => {
    const x = array([2, 2], [-Infinity, 3, -Infinity, -Infinity]);
    expect(valuesOf((v) => softmax(v), x)).toEqual([0, 1, Number.NaN, Number.NaN]);
    expect(valuesOf((v) => logSoftmax(v), x)).toEqual([-Infinity, 0, Number.NaN, Number.NaN]);
    expect(gradientsOf((v) => softmax(v), [array([1, 2], [-Infinity, 3])], [[2, 1]])).toEqual([
      [0, 0],
    ]);
  });

  test("elements behind a row's length get 0; a row of length 0 is all 0, and so is its gradient", () => {
    const x = array([2, 3], [1, 1, 50, Number.NaN, 1, 1]);
    const length = array([2], [2, 0], "int32");
    const program = (v: Value, n: Value) => softmax(v, n, { useLength: true });
    expect(valuesOf(program, x, length)).toEqual([0.5, 0.5, 0, 0, 0, 0]);
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
    expect(() => evaluate((v) => softmax(v), array([2], [1, 2], "int32"))).toThrow(DTypeError);
  });
});

describe("softmaxCrossEntropy", () => {
  const { softmaxCrossEntropy } = fronts;

  test("sums over the batch, with shape (1,)", () => {
    const [y] = evaluate(
      softmaxCrossEntropy,
      array([2, 2], [0, 0, 0, Math.log(3)]),
      array([2], [0, 1]),
    );
    expect(y?.shape).toEqual([1]);
    expect(y?.data[0]).toBeCloseTo(Math.log(2) - Math.log(0.75), 12);
  });

  test("probabilities have a floor of 1e-8 in the value, none in the gradient", () => {
    const givens = [array([1, 2], [100, 0]), array([1], [1])];
    expect(valuesOf(softmaxCrossEntropy, ...givens)).toEqual([-Math.log(1e-8)]);
    expect(gradientsOf(softmaxCrossEntropy, givens)[0]).toEqual([
      expect.closeTo(1, 12),
      expect.closeTo(-1, 12),
    ]);
  });

  test("labels of any dtype; out of range they are clipped, in value and gradient", () => {
    const x = array([1, 2], [0, 0]);
    const gradient = gradientsOf(softmaxCrossEntropy, [x, array([1], [9], "int32")])[0];
    expect(gradient).toEqual([0.5, -0.5]);
  });

  test("derivatives to second order", () => {
    checkDerivatives(softmaxCrossEntropy, [irregular([2, 3]), array([2], [2, 0], "int32")]);
  });
});

describe("output layers", () => {
  const x = array([2, 2], [0, 0, 0, Math.log(3)]);
  const heads = [[5, -5, 5, -5]];

  function gradientOf(program: Program, ...givens: readonly Given[]): unknown {
    return gradientsOf(program, givens, heads)[0]?.map((value) => expect.closeTo(value, 10));
  }

  const gradients: Readonly<Record<string, readonly [Program, Given, readonly number[]]>> = {
    "SoftmaxOutput ignores the head gradient": [
      (v, l) => fronts.SoftmaxOutput(v, l),
      array([2], [0, 1]),
      [-0.5, 0.5, 0.25, -0.25],
    ],
    "SoftmaxOutput with outGrad multiplies by it": [
      (v, l) => fronts.SoftmaxOutput(v, l, { outGrad: true }),
      array([2], [0, 1]),
      [-2.5, -2.5, 1.25, 1.25],
    ],
    "SoftmaxOutput by probabilities": [
      (v, l) => fronts.SoftmaxOutput(v, l, { gradScale: 2 }),
      array([2, 2], [0.5, 0.5, 0, 1]),
      [0, 0, 0.5, -0.5],
    ],
    "SoftmaxOutput, valid, ignoring a label": [
      (v, l) =>
        fronts.SoftmaxOutput(v, l, { useIgnore: true, ignoreLabel: 0, normalization: "valid" }),
      array([2], [0, 1]),
      [0, 0, 0.25, -0.25],
    ],
    "SoftmaxOutput, valid, all labels ignored: divided by 1": [
      (v, l) =>
        fronts.SoftmaxOutput(v, l, { useIgnore: true, ignoreLabel: 1, normalization: "valid" }),
      array([2], [1, 1]),
      [0, 0, 0, 0],
    ],
    "SoftmaxOutput with smoothed targets": [
      (v, l) => fronts.SoftmaxOutput(v, l, { smoothAlpha: 0.25, normalization: "batch" }),
      array([2], [0, 1]),
      [-0.125, 0.125, 0, 0],
    ],
    LinearRegressionOutput: [
      (v, l) => fronts.LinearRegressionOutput(v, l),
      array([2, 2], [1, 0, 0, Math.log(3)]),
      [-0.5, 0, 0, 0],
    ],
    LogisticRegressionOutput: [
      (v, l) => fronts.LogisticRegressionOutput(v, l, { gradScale: 4 }),
      array([2, 2], [1, 0, 0.5, 1]),
      [-1, 1, 0, -0.5],
    ],
    "MAERegressionOutput is 0 at equality": [
      (v, l) => fronts.MAERegressionOutput(v, l),
      array([2, 2], [0, 1, -1, 0]),
      [0, -0.5, 0.5, 0.5],
    ],
    SVMOutput: [
      (v, l) => fronts.SVMOutput(v, l, { margin: 2, regularizationCoefficient: 0.5 }),
      array([2], [0, 1]),
      [-2, 2, 2, Math.log(3) - 2],
    ],
    "SVMOutput, linear": [
      (v, l) => fronts.SVMOutput(v, l, { useLinear: true }),
      array([2], [0, 1]),
      [-1, 1, 1, 0],
    ],
  };

  test.each(Object.entries(gradients))("%s", (_, [program, label, expected]) => {
    expect(expected).toEqual(gradientOf(program, x, label));
  });

  test("SoftmaxOutput over channels divides by the number of positions", () => {
    const program = (v: Value, l: Value) => fronts.SoftmaxOutput(v, l, { multiOutput: true });
    const gradient = gradientsOf(program, [
      array([1, 2, 2], [0, 0, 0, 0]),
      array([1, 2], [0, 1]),
    ])[0];
    expect(gradient).toEqual([-0.25, 0.25, 0.25, -0.25]);
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

describe("Pooling", () => {
  const x = array([1, 1, 5], [1, 2, 3, 4, 5]);

  test.each([
    ["valid", [3, 7]],
    ["full", [3, 7, 5]],
    ["same", [3, 7, 5]],
  ] as const)("convention %s", (poolingConvention, expected) => {
    const options = { kernel: [2], stride: [2], poolType: "sum", poolingConvention } as const;
    expect(valuesOf((v) => Pooling(v, options), x)).toEqual(expected);
  });

  test("averages count padded cells, but not those beyond the padding", () => {
    const options = { kernel: [3], stride: [3], pad: [1], poolType: "avg" } as const;
    const full = { ...options, kernel: [4], stride: [3], poolingConvention: "full" } as const;
    expect(valuesOf((v) => Pooling(v, options), x)).toEqual([1, 4]);
    expect(valuesOf((v) => Pooling(v, full), x)).toEqual([1.5, 3]);
    const own = { ...options, countIncludePad: false };
    expect(valuesOf((v) => Pooling(v, own), x)).toEqual([1.5, 4]);
  });

  test("globalPool needs no kernel", () => {
    const [y] = evaluate((v) => Pooling(v, { globalPool: true, poolType: "avg" }), x);
    expect(y).toEqual(array([1, 1, 1], [3]));
  });

  test("a last window of full that begins behind the data is refused", () => {
    const options = { kernel: [1], stride: [3], poolingConvention: "full" } as const;
    expect(() => evaluate((v) => Pooling(v, options), x)).toThrow(ShapeError);
  });

  test.each([
    {},
    { kernel: [2, 2] },
    { kernel: [2], pValue: 4 },
    { kernel: [2], pad: [1], poolingConvention: "same" },
    { kernel: [2], layout: "NWC" },
    { kernel: [0] },
  ] as const)("options %j are refused", (options) => {
    expect(() => evaluate((v) => Pooling(v, options), x)).toThrow(AttributeError);
  });
});

describe("FullyConnected, Convolution, Deconvolution", () => {
  const x = irregular([1, 2, 4]);

  test("a weight that does not fit is refused with the shape expected", () => {
    const run = () =>
      evaluate(
        (v, w) => FullyConnected(v, w, { noBias: true, numHidden: 3 }),
        x,
        irregular([3, 4]),
      );
    expect(run).toThrow("FullyConnected: weight does not fit the data: (3, 4) (allowed: (3, 8))");
  });

  test("numFilter and kernel, where given, are compared with the weight", () => {
    const weight = irregular([3, 2, 2]);
    const options = { noBias: true, numFilter: 5 };
    expect(() => evaluate((v, w) => Convolution(v, w, options), x, weight)).toThrow("(5, 2, 2)");
    const kernel = { noBias: true, kernel: [3] };
    expect(() => evaluate((v, w) => Convolution(v, w, kernel), x, weight)).toThrow("(3, 2, 3)");
  });

  test("a bias is given exactly where noBias is false", () => {
    const [w, b] = [irregular([3, 8]), irregular([3])];
    expect(() => evaluate((v, u) => FullyConnected(v, u), x, w)).toThrow("bias is missing");
    const both = (v: Value, u: Value, c: Value) => FullyConnected(v, u, c, { noBias: true });
    expect(() => evaluate(both, x, w, b)).toThrow(ArgumentError);
  });

  test("layouts other than channel-first are refused", () => {
    const program = (v: Value, w: Value) => Convolution(v, w, { noBias: true, layout: "NWC" });
    expect(() => evaluate(program, x, irregular([3, 2, 2]))).toThrow(AttributeError);
  });

  test("Deconvolution with targetShape takes padding from it", () => {
    const program = (v: Value, w: Value) => Deconvolution(v, w, { stride: [2], targetShape: [7] });
    const [y] = evaluate(program, x, irregular([2, 1, 3]));
    expect(y?.shape).toEqual([1, 1, 7]);
    const large = (v: Value, w: Value) => Deconvolution(v, w, { stride: [2], targetShape: [10] });
    expect(() => evaluate(large, x, irregular([2, 1, 3]))).toThrow("at most (9,)");
  });

  test("Deconvolution refuses adj of a stride or more", () => {
    const program = (v: Value, w: Value) => Deconvolution(v, w, { stride: [2], adj: [2] });
    expect(() => evaluate(program, x, irregular([2, 1, 3]))).toThrow(AttributeError);
  });
});

describe("normalizations", () => {
  test("BatchNorm in training gives mean and population variance of the batch", () => {
    const x = array([2, 2], [1, 2, 3, 6]);
    const ones = array([2], [1, 1]);
    const program: Program = (v, g, b) => batchNorm(v, g, b, b, g, { eps: 0, training: true });
    const [y, mean, variance] = evaluate(program, x, ones, array([2], [0, 0]));
    expect([y?.data, mean?.data, variance?.data]).toEqual([
      [-1, -1, 1, 1],
      [2, 4],
      [1, 4],
    ]);
  });

  test("BatchNorm with fixed gamma counts it as 1, with gradient 0", () => {
    const program: Program = (v, g, b) => batchNorm(v, g, b, b, g).slice(0, 1);
    const givens = [array([1, 1], [3]), array([1], [4]), array([1], [1])];
    expect(valuesOf(program, ...givens)[0]).toBeCloseTo(1 + 2 / Math.sqrt(4.001), 12);
    expect(gradientsOf(program, givens)[1]).toEqual([0]);
  });

  test("large means cost no accuracy", () => {
    const x = array([1, 2], [1e8 + 1, 1e8 - 1]);
    const program: Program = (v, g, b) => fronts.LayerNorm(v, g, b, { eps: 0 });
    expect(valuesOf(program, x, array([2], [1, 1]), array([2], [0, 0]))).toEqual([1, -1]);
  });

  test("parameters that do not fit are refused by name", () => {
    const x = irregular([2, 4, 3]);
    const run = (program: Program, size: number) => () =>
      evaluate(program, x, irregular([size]), irregular([4]));
    expect(run((v, g, b) => fronts.LayerNorm(v, g, b), 4)).toThrow("LayerNorm: gamma");
    expect(run((v, g, b) => fronts.InstanceNorm(v, g, b), 3)).toThrow("InstanceNorm: gamma");
    expect(run((v, g, b) => fronts.GroupNorm(v, g, b, { numGroups: 3 }), 3)).toThrow("4 channels");
    expect(run((v, g, b) => batchNorm(v, g, b, b, b), 3)).toThrow("BatchNorm: gamma");
  });

  test("L2Normalization of zeros is 0, with a finite gradient", () => {
    const x = array([1, 2], [0, 0]);
    expect(valuesOf((v) => fronts.L2Normalization(v), x)).toEqual([0, 0]);
    const [gradient] = gradientsOf((v) => fronts.L2Normalization(v), [x]);
    expect(gradient).toEqual([expect.closeTo(1e5, 5), expect.closeTo(1e5, 5)]);
  });

  test("LRN needs an odd window", () => {
    expect(() => evaluate((v) => fronts.LRN(v, { nsize: 2 }), irregular([1, 2, 2]))).toThrow(
      AttributeError,
    );
  });
});

describe("dropout", () => {
  const state = array([1025], [7, ...new Array<number>(1024).fill(0)]);
  const x = array([40], new Array<number>(40).fill(3));

  test("elements are 0 or enlarged, by the same mask in the gradient", () => {
    const program: Program = (v, s) => dropout(v, s, { p: 0.25 })[0];
    const y = valuesOf(program, x, state);
    expect(new Set(y)).toEqual(new Set([0, 4]));
    expect(gradientsOf(program, [x, state])[0]).toEqual(y.map((value) => value / 3));
  });

  test("the next state gives another mask", () => {
    const [first, second] = evaluate(
      (v, s) => {
        const [y, next] = dropout(v, s);
        return [y, dropout(v, next)[0]];
      },
      x,
      state,
    );
    expect(first?.data).not.toEqual(second?.data);
  });

  test("one mask serves the axes named", () => {
    const image = array([8, 3], new Array<number>(24).fill(1));
    const y = valuesOf((v, s) => dropout(v, s, { axes: [-1] })[0], image, state);
    const rows = Array.from({ length: 8 }, (_, row) => new Set(y.slice(3 * row, 3 * row + 3)).size);
    expect(rows).toEqual(new Array<number>(8).fill(1));
  });

  test("p = 0 is the identity, p = 1 is NaN, other values are refused", () => {
    expect(valuesOf((v, s) => fronts.add(dropout(v, s, { p: 0 })[0], 0), x, state)).toEqual(x.data);
    expect(valuesOf((v, s) => dropout(v, s, { p: 1 })[0], x, state)).toEqual(
      x.data.map(() => Number.NaN),
    );
    expect(() => evaluate((v, s) => dropout(v, s, { p: 1.5 })[0], x, state)).toThrow(
      AttributeError,
    );
    expect(() => evaluate((v, s) => dropout(v, s, { p: Number.NaN })[0], x, state)).toThrow(
      AttributeError,
    );
  });
});

describe("UpSampling", () => {
  test("arrays of several sizes come to one and lie side by side", () => {
    const program = (a: Value, b: Value) => UpSampling(a, b, { scale: 2 });
    const [y] = evaluate(
      program,
      array([1, 1, 1, 2], [1, 2]),
      array([1, 1, 2, 4], [3, 4, 5, 6, 7, 8, 9, 0]),
    );
    expect(y).toEqual(array([1, 2, 2, 4], [1, 1, 2, 2, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 0]));
  });

  test("sizes without a whole factor, and a wrong numArgs, are refused", () => {
    const two = [irregular([1, 1, 2, 2]), irregular([1, 1, 3, 3])];
    expect(() => evaluate((a, b) => UpSampling(a, b, { scale: 2 }), ...two)).toThrow(ShapeError);
    expect(() => evaluate((a, b) => UpSampling(a, b, { numArgs: 3 }), ...two)).toThrow(
      ArgumentError,
    );
  });
});

describe("RNN", () => {
  test("an lstm with all weights 0.1 is MXNet's", () => {
    const zeros = array([1, 1, 3], [0, 0, 0]);
    const options = { mode: "lstm", stateSize: 3, stateOutputs: true } as const;
    const program: Program = (x, w, h, c) => fronts.RNN(x, w, h, c, options);
    const weights = array(
      [12 * 5 + 12 * 3 + 24],
      [...new Array<number>(96).fill(0.1), ...new Array<number>(24).fill(0)],
    );
    const [y, h, c] = evaluate(program, array([1, 1, 5], [1, 1, 1, 1, 1]), weights, zeros, zeros);
    expect([y?.data[0], h?.data[0], c?.data[0]]).toEqual([
      expect.closeTo(0.17426974, 6),
      expect.closeTo(0.17426974, 6),
      expect.closeTo(0.28764915, 6),
    ]);
  });

  test("parameters, states and modes that do not fit are refused", () => {
    const [x, h] = [irregular([2, 1, 1]), irregular([1, 1, 1])];
    const run = (parameters: number, options: Parameters<typeof fronts.RNN>[4]) => () =>
      evaluate((v, p, s) => fronts.RNN(v, p, s, options ?? {}), x, irregular([parameters]), h);
    expect(run(5, { mode: "rnn_tanh", stateSize: 1 })).toThrow("(5,) (allowed: (4,))");
    expect(run(16, { mode: "lstm", stateSize: 1 })).toThrow("stateCell is missing");
    expect(run(4, { stateSize: 1 })).toThrow(AttributeError);
    expect(run(8, { mode: "rnn_tanh", stateSize: 2 })).toThrow(ShapeError);
  });
});

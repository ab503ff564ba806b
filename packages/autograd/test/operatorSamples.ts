import { type Attrs, Builder, type Graph, type TensorType } from "@adjoint/graph";
import { add, fronts, mul, registry } from "@adjoint/ops";
import { f32, f64, type Numbers, program, scattered } from "./support.js";

/** A call of an operator: types of its arguments, attributes, and which numbers it takes. */
export interface Sample {
  readonly ins: readonly TensorType[];
  readonly attrs?: Attrs;
  readonly numbers?: (argument: number, seed: number, count: number) => Numbers;
  /** Ways to map it, by positions of batched arguments; all subsets unless given. */
  readonly only?: readonly (readonly number[])[];
}

const within = (low: number, high: number) => (_: number, seed: number, count: number) =>
  scattered([count], seed).map((value) => low + ((value + 1) / 2) * (high - low));

/** Integers from 0 for the second argument. */
const indices = (argument: number, seed: number, count: number) =>
  scattered([count], seed).map((value) => (argument === 1 ? Math.floor((value + 1) * 2) : value));

/** Symmetric positive definite matrices of side 3. */
const definite = (_: number, seed: number, count: number) =>
  Array.from({ length: count / 9 }, (_, matrix) => {
    const [a = 0, b = 0, c = 0] = scattered([3], seed + matrix);
    return [4 + a, b, c, b, 5 + b, a, c, a, 6 + c];
  }).flat();

const zeroOne = (argument: number, seed: number, count: number) =>
  scattered([count], seed).map((value) => (argument === 0 ? Number(value > 0) : value));

const [v, m] = [f64(3), f64(2, 3)];
const spatial = { stride: [2], dilate: [1], padLow: [1], padHigh: [0] };
const pool = { kernel: [2], stride: [2], padLow: [1], padHigh: [0] };
const state = f64(1026);
const sample = { shape: [2], dtype: "float64" };
const loss = { gradScale: 1 };

/** A state, and parameters between 0.2 and 0.8. */
const chances = (argument: number, seed: number, count: number) =>
  argument === 0 ? states(seed, count) : within(0.2, 0.8)(argument, seed, count);

const increments = program("increments", { s: v, x: v, w: v }, ({ s, x, w }) => ({
  s: add(s, mul(x, w)),
  y: mul(s, x),
  t: fronts.sum(x),
}));
/** Loops end at a limit that may be each example's own. */
const below = program("below", { s: v, t: f64(1), limit: f64(1) }, ({ t, limit }) => ({
  y: fronts.lesser(t, limit),
}));
const growing = program("growing", { s: v, t: f64(1), w: v }, ({ s, t, w }) => ({
  s: add(mul(s, w), fronts.sqrt(t)),
  t: add(t, fronts.square(fronts.sum(s))),
  y: mul(s, t),
}));
const doubled = program("doubled", { x: v }, ({ x }) => ({ y: mul(x, 2) }));
const scaled = program("scaled", { x: v, w: v }, ({ x, w }) => ({ y: mul(x, w) }));

/** The regions of both images that the second argument names, a corner and its opposite each. */
const regions = (argument: number, seed: number, count: number) => {
  if (argument === 0) return scattered([count], seed);
  const corners = scattered([count], seed);
  return corners.map((value, at) =>
    at % 5 === 0 ? Math.floor(at / 5) % 2 : at % 5 < 3 ? Math.abs(value) : 2.2 + value / 2,
  );
};
const pooled = { pooledHeight: 2, pooledWidth: 1, spatialScale: 1 };
const images = f64(2, 2, 3, 3);

export const samples: Readonly<Record<string, Sample>> = {
  affineGrid: { ins: [f64(2, 6)], attrs: { height: 2, width: 3 } },
  warpGrid: { ins: [f64(1, 2, 2, 3)] },
  BilinearSampler: { ins: [f64(2, 1, 2, 3), f64(2, 2, 2, 2)] },
  SpatialTransformer: { ins: [f64(1, 1, 3, 2), f64(1, 6)], attrs: { height: 2, width: 2 } },
  BilinearResize2D: { ins: [images], attrs: { height: 4, width: 2, alignCorners: true } },
  AdaptiveAvgPooling2D: { ins: [images], attrs: { height: 2, width: 2 } },
  ROIPooling: { ins: [images, f64(3, 5)], attrs: pooled, numbers: regions },
  ROIAlign: {
    ins: [images, f64(3, 5)],
    attrs: { ...pooled, sampleRatio: 2, positionSensitive: false, aligned: false },
    numbers: regions,
  },
  Correlation: {
    ins: [f64(1, 2, 3, 2), f64(1, 2, 3, 2)],
    attrs: {
      kernelSize: 1,
      maxDisplacement: 1,
      stride1: 1,
      stride2: 1,
      padSize: 1,
      isMultiply: true,
    },
  },
  addN: { ins: [m, m, m] },
  polygamma: { ins: [v], attrs: { n: 1 }, numbers: within(0.5, 2) },
  arccosh: { ins: [v], numbers: within(1.1, 2) },
  where: { ins: [f64(3), m, f64(2, 1)], numbers: zeroOne },
  cast: { ins: [m], attrs: { dtype: "float32" } },
  quadratic: { ins: [m], attrs: { a: 0.5, b: -2, c: 3 } },
  gradientMultiplier: { ins: [m], attrs: { scalar: -0.5 } },
  clip: { ins: [m], attrs: { aMin: -0.3, aMax: 0.4 } },
  smoothL1: { ins: [m], attrs: { scalar: 1 } },
  makeLoss: { ins: [m], attrs: { gradScale: 1, valid: false, validThresh: 0 } },
  hardSigmoid: { ins: [m], attrs: { alpha: 0.2, beta: 0.5 } },
  Activation: { ins: [m], attrs: { actType: "softrelu" } },
  LeakyReLU: { ins: [m, f64(3)], attrs: { actType: "prelu", slope: 0.25 } },
  broadcastTo: { ins: [f64(2, 1)], attrs: { shape: [4, 2, 3] } },
  norm: { ins: [m], attrs: { ord: 2, axes: [1], keepdims: true } },
  reshape: { ins: [m], attrs: { shape: [3, 2] } },
  transpose: { ins: [m], attrs: { axes: [1, 0] } },
  slice: { ins: [m], attrs: { starts: [1, 2], sizes: [1, 2], steps: [1, -1] } },
  pad: { ins: [m], attrs: { low: [1, 0], high: [0, -1], interior: [0, 1], value: 7 } },
  concat: { ins: [m, f64(2, 1)], attrs: { axis: 1 } },
  take: { ins: [f64(2, 4, 3), f64(2, 2)], attrs: { axis: 1, mode: "wrap" }, numbers: indices },
  takeAdjoint: {
    ins: [f64(2, 5, 3), f64(5)],
    attrs: { axis: 1, mode: "clip", length: 4 },
    numbers: indices,
  },
  takeAlong: { ins: [f64(2, 4), m], attrs: { axis: 1, mode: "clip" }, numbers: indices },
  takeAlongAdjoint: {
    ins: [m, m],
    attrs: { axis: 1, mode: "clip", length: 4 },
    numbers: indices,
  },
  gatherNd: { ins: [f64(4, 4, 2), f64(2, 3)], numbers: indices },
  gatherNdAdjoint: { ins: [f64(3, 2), f64(2, 3)], attrs: { shape: [4, 4, 2] }, numbers: indices },
  scatterNd: { ins: [f64(3, 2), f64(2, 3)], attrs: { shape: [4, 4, 2] }, numbers: indices },
  oneHot: {
    ins: [v],
    attrs: { depth: 3, onValue: 2, offValue: -1, dtype: "float64" },
    numbers: within(0, 3),
  },
  Embedding: {
    ins: [f64(2), f64(4, 3)],
    attrs: { inputDim: 4, outputDim: 3 },
    numbers: within(0, 4),
  },
  SequenceMask: { ins: [f64(4, 2), f64(2)], attrs: { axis: 0, value: 9 }, numbers: within(1, 4) },
  SequenceLast: { ins: [f64(4, 2, 3), f64(2)], attrs: { axis: 0 }, numbers: within(1, 4) },
  SequenceReverse: { ins: [f64(2, 4), f64(2)], attrs: { axis: 1 }, numbers: within(1, 4) },
  unravelIndex: { ins: [v], attrs: { shape: [2, 3] }, numbers: within(0, 6) },
  ravelMultiIndex: { ins: [f64(2, 3)], attrs: { shape: [4, 4] }, numbers: within(0, 4) },
  sort: { ins: [m], attrs: { axis: 0, ascending: false } },
  cumsum: { ins: [m], attrs: { axis: 1, reverse: true } },
  cumprod: { ins: [m], attrs: { axis: 0, reverse: false } },
  dot: { ins: [f64(4, 2), f64(3, 4)], attrs: { transposeA: true, transposeB: true } },
  batchDot: { ins: [f64(2, 2, 4), f64(2, 4, 3)], attrs: { transposeA: false, transposeB: false } },
  conv: { ins: [f64(2, 4, 5), f64(6, 2, 3)], attrs: { ...spatial, groups: 2 } },
  convData: {
    ins: [f64(2, 6, 2), f64(6, 2, 3)],
    attrs: { ...spatial, groups: 2, spatial: [5] },
  },
  convWeight: {
    ins: [f64(2, 4, 5), f64(2, 6, 2)],
    attrs: { ...spatial, groups: 2, kernel: [3] },
  },
  poolSum: { ins: [f64(2, 3, 5)], attrs: pool },
  poolSumAdjoint: { ins: [f64(2, 3, 3)], attrs: { ...pool, spatial: [5] } },
  poolMax: { ins: [f64(2, 3, 5)], attrs: pool },
  potrf: { ins: [f64(3, 3)], numbers: definite },
  trsm: {
    ins: [f64(3, 3), f64(3, 2)],
    attrs: { lower: true, transpose: false, rightSide: false },
    numbers: (argument, seed, count) =>
      argument === 0 ? definite(argument, seed, count) : scattered([count], seed),
  },
  inverse: { ins: [f64(3, 3)], numbers: definite },
  slogdet: { ins: [f64(3, 3)], numbers: definite },
  det: { ins: [f64(3, 3)], numbers: definite },
  gelqf: { ins: [f64(2, 3)] },
  syevd: { ins: [f64(3, 3)], numbers: definite },
  uniform: {
    ins: [state],
    attrs: { low: 0, high: 1, ...sample },
    numbers: (_, s, n) => states(s, n),
  },
  normal: {
    ins: [state],
    attrs: { mean: 0, deviation: 1, ...sample },
    numbers: (_, s, n) => states(s, n),
  },
  exponential: { ins: [state], attrs: { scale: 1, ...sample }, numbers: (_, s, n) => states(s, n) },
  randint: {
    ins: [state],
    attrs: { low: 0, high: 9, shape: [2], dtype: "int32" },
    numbers: (_, s, n) => states(s, n),
  },
  sequence: { ins: [state], attrs: sample, numbers: (_, s, n) => states(s, n) },
  randomGamma: { ins: [state, v, v], attrs: sample, numbers: chances },
  poisson: { ins: [state, v], attrs: sample, numbers: chances },
  negativeBinomial: { ins: [state, v, v], attrs: sample, numbers: chances },
  generalizedNegativeBinomial: { ins: [state, v, v], attrs: sample, numbers: chances },
  multinomial: { ins: [state, m], attrs: { shape: [4] }, numbers: chances },
  call: { ins: [v, v], attrs: { graph: scaled, name: "scaled" } },
  scan: {
    ins: [v, f64(4, 3), v],
    attrs: {
      states: 1,
      slices: 1,
      stacked: 1,
      length: 4,
      reverse: true,
      counted: false,
      history: true,
      body: increments,
    },
  },
  whileLoop: {
    ins: [v, f64(1), f64(1), v],
    attrs: {
      states: 2,
      stacked: 1,
      length: 5,
      history: true,
      condition: below,
      body: growing,
    },
    numbers: (argument, seed, count) =>
      within(argument === 2 ? 1 : 0.2, argument === 2 ? 4 : 0.9)(argument, seed, count),
  },
  cond: {
    ins: [f64(1), v, v, v],
    attrs: { whenTrue: doubled, whenFalse: scaled },
    numbers: zeroOne,
  },
  FullyConnected: { ins: [f64(2, 3), f64(4, 3), f64(4)], attrs: { flatten: true } },
  Convolution: {
    ins: [f64(2, 4, 5), f64(6, 4, 3), f64(6)],
    attrs: { stride: [1], dilate: [1], pad: [1], groups: 1 },
  },
  Deconvolution: {
    ins: [f64(2, 4, 3), f64(4, 2, 3)],
    attrs: { stride: [2], dilate: [1], pad: [1], groups: 1, adj: [0] },
  },
  Pooling: {
    ins: [f64(2, 3, 4)],
    attrs: { ...pool, padLow: [0], poolType: "avg", pValue: 2, countIncludePad: true },
  },
  UpSampling: { ins: [f64(1, 2, 2, 2)], attrs: { scale: 2 } },
  softmax: { ins: [f64(2, 4), f64(2)], attrs: { axis: 1, temperature: 2 }, numbers: within(1, 4) },
  logSumExp: { ins: [m], attrs: { axes: [1], keepdims: false } },
  logSoftmax: { ins: [m], attrs: { axis: 0, temperature: 1 } },
  softmaxCrossEntropy: { ins: [m, f64(2)], numbers: indices },
  SoftmaxOutput: {
    ins: [m, f64(2)],
    attrs: {
      ...loss,
      ignoreLabel: -1,
      useIgnore: false,
      multiOutput: false,
      preserveShape: false,
      normalization: "batch",
      outGrad: false,
      smoothAlpha: 0,
    },
    numbers: indices,
  },
  LinearRegressionOutput: { ins: [m, m], attrs: loss },
  LogisticRegressionOutput: { ins: [m, m], attrs: loss },
  MAERegressionOutput: { ins: [f64(), f64(1)], attrs: loss },
  SVMOutput: {
    ins: [m, f64(2)],
    attrs: { margin: 1, regularizationCoefficient: 1, useLinear: false },
    numbers: indices,
  },
  BatchNorm: {
    ins: [m, v, v, v, v],
    attrs: { axis: 1, eps: 1e-3, fixGamma: false, training: true },
    numbers: within(0.2, 2),
    only: [[0], [0, 1], [0, 1, 2, 3, 4]],
  },
  LayerNorm: { ins: [m, v, v], attrs: { axis: 1, eps: 1e-5 } },
  InstanceNorm: { ins: [f64(2, 3, 4), v, v], attrs: { eps: 1e-3 } },
  GroupNorm: { ins: [f64(2, 4, 3), f64(2), f64(2)], attrs: { groups: 2, eps: 1e-5 } },
  L2Normalization: { ins: [f64(2, 3, 2)], attrs: { axes: [1, 2], eps: 1e-10 } },
  LRN: { ins: [f64(2, 3, 2, 2)], attrs: { alpha: 1e-2, beta: 0.75, knorm: 2, nsize: 3 } },
  Dropout: {
    ins: [f32(2, 3), state],
    attrs: { p: 0.5, axes: [] },
    numbers: (argument, s, n) => (argument === 1 ? states(s, n) : scattered([n], s)),
  },
};

/** Random states: a seed, and nothing drawn yet. */
function states(seed: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => (at === 0 ? seed + 1 : 0));
}

/** Elementwise operators without attributes, and reductions with the usual ones, need no row. */
export function sampleOf(name: string): Sample | undefined {
  const { arity, attrs } = registry.get(name);
  const known = samples[name];
  if (known !== undefined) return known;
  const attributes = Object.keys(attrs).join();
  if (attributes === "" && arity === 1) return { ins: [m], numbers: within(0.2, 0.9) };
  if (attributes === "" && arity === 2) return { ins: [v, m], numbers: within(0.2, 2) };
  if (attributes === "axes,keepdims")
    return { ins: [f64(2, 3, 2)], attrs: { axes: [0, 2], keepdims: false } };
  return undefined;
}

/** A graph of one call. */
export function graphOf(name: string, { ins, attrs = {} }: Sample): Graph {
  const builder = new Builder(name);
  const values = ins.map((type, at) => builder.input(`in${at}`, type));
  builder.emit(registry.get(name), values, attrs).forEach((value, out) => {
    builder.output(`out${out}`, value);
  });
  return builder.finish();
}

/** Numbers for an input of a sample's graph. */
export function numbersFor(given: Sample, input: string, shape: readonly number[], seed: number) {
  const argument = Number(input.slice(2));
  const count = shape.reduce((size, length) => size * length, 1);
  return given.numbers?.(argument, seed, count) ?? scattered(shape, seed);
}

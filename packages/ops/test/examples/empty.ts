import { type Case, int32 } from "./emptyCase.js";
import { emptySpatialCases } from "./emptySpatial.js";

/** The result of a reduction has as many elements as are kept, the gradient none. */
const reduction: readonly Case[] = [
  { ins: [[2, 0]], attrs: { axes: [1], keepdims: false }, outs: [[2]] },
  { ins: [[2, 0]], attrs: { axes: [0], keepdims: true }, outs: [[1, 0]] },
  { ins: [[0, 3]], attrs: { axes: [0, 1], keepdims: false }, outs: [[]] },
];
const norms = reduction.flatMap((one) =>
  [1, 2].map((ord) => ({ ...one, attrs: { ...one.attrs, ord } })),
);
const search: readonly Case[] = [
  { ins: [[2, 0]], attrs: { axes: [0], keepdims: false }, outs: [[0]] },
];
const product = { transposeA: false, transposeB: false };
const along = { axis: 0, mode: "clip" };
const convolution = { stride: [1], dilate: [1], padLow: [0], padHigh: [0], groups: 1 };
const layer = { stride: [1], dilate: [1], pad: [0], groups: 1 };
const pool = { kernel: [2], stride: [1], padLow: [0], padHigh: [0] };
const running = { axis: 0, reverse: false };
const triangular = { lower: true, transpose: false, rightSide: false };
const softmaxOutput = {
  gradScale: 1,
  ignoreLabel: -1,
  useIgnore: false,
  multiOutput: false,
  preserveShape: false,
  normalization: "valid",
  outGrad: false,
  smoothAlpha: 0,
};
const sample = { shape: [0], dtype: "float64" } as const;
const batchNorm = { axis: 1, eps: 1e-3, fixGamma: false, training: true };

/** By operator, arguments with an axis of length 0. */
export const emptyCases: Readonly<Record<string, readonly Case[]>> = {
  sum: reduction,
  mean: reduction,
  prod: reduction,
  max: reduction,
  min: reduction,
  nansum: reduction,
  nanprod: reduction,
  norm: norms,
  moments: reduction.map((one) => ({ ...one, outs: [...one.outs, ...one.outs] })),
  argmax: search,
  argmin: search,
  broadcastTo: [
    { ins: [[0, 1]], attrs: { shape: [2, 0, 3] }, outs: [[2, 0, 3]] },
    { ins: [[1]], attrs: { shape: [0] }, outs: [[0]] },
  ],
  barrier: [{ ins: [[2, 0]], outs: [[2, 0]] }],
  reshape: [{ ins: [[2, 0]], attrs: { shape: [0, 5, 1] }, outs: [[0, 5, 1]] }],
  transpose: [{ ins: [[2, 0, 3]], attrs: { axes: [2, 0, 1] }, outs: [[3, 2, 0]] }],
  slice: [
    { ins: [[0, 3]], attrs: { starts: [0, 1], sizes: [0, 2], steps: [1, 1] }, outs: [[0, 2]] },
    { ins: [[3]], attrs: { starts: [0], sizes: [0], steps: [-1] }, outs: [[0]] },
  ],
  pad: [
    {
      ins: [[0, 2]],
      attrs: { low: [1, 0], high: [1, 0], interior: [3, 0], value: 1 },
      outs: [[2, 2]],
    },
    { ins: [[2]], attrs: { low: [-1], high: [-1], interior: [0], value: 1 }, outs: [[0]] },
  ],
  concat: [
    {
      ins: [
        [2, 0],
        [2, 3],
        [2, 0],
      ],
      attrs: { axis: 1 },
      outs: [[2, 3]],
    },
    {
      ins: [
        [0, 2],
        [0, 3],
      ],
      attrs: { axis: 1 },
      outs: [[0, 5]],
    },
  ],
  take: [
    { ins: [[3, 2], int32(0)], attrs: along, outs: [[0, 2]] },
    { ins: [[3, 0], int32(2)], attrs: along, outs: [[2, 0]] },
    { ins: [[0, 3], int32(0)], attrs: along, outs: [[0, 3]] },
  ],
  takeAdjoint: [{ ins: [[0, 2], int32(0)], attrs: { ...along, length: 3 }, outs: [[3, 2]] }],
  takeAlong: [{ ins: [[3, 2], int32(0, 2)], attrs: along, outs: [[0, 2]] }],
  takeAlongAdjoint: [
    { ins: [[0, 2], int32(0, 2)], attrs: { ...along, length: 3 }, outs: [[3, 2]] },
  ],
  gatherNd: [{ ins: [[3, 2], int32(1, 0)], outs: [[0, 2]] }],
  gatherNdAdjoint: [{ ins: [[0, 2], int32(1, 0)], attrs: { shape: [3, 2] }, outs: [[3, 2]] }],
  scatterNd: [{ ins: [[0, 2], int32(1, 0)], attrs: { shape: [3, 2] }, outs: [[3, 2]] }],
  oneHot: [
    {
      ins: [int32(0)],
      attrs: { depth: 3, onValue: 1, offValue: 0, dtype: "float64" },
      outs: [[0, 3]],
    },
  ],
  Embedding: [{ ins: [int32(0), [2, 3]], attrs: { inputDim: 2, outputDim: 3 }, outs: [[0, 3]] }],
  SequenceMask: [{ ins: [[2, 0], int32(0)], attrs: { axis: 0, value: 1 }, outs: [[2, 0]] }],
  SequenceLast: [{ ins: [[2, 0], int32(0)], attrs: { axis: 0 }, outs: [[0]] }],
  SequenceReverse: [
    { ins: [[2, 0], int32(0)], attrs: { axis: 0 }, outs: [[2, 0]] },
    { ins: [[0, 2]], attrs: { axis: 0 }, outs: [[0, 2]] },
    { ins: [[0, 2], int32(2)], attrs: { axis: 0 }, outs: [[0, 2]] },
  ],
  unravelIndex: [{ ins: [[0]], attrs: { shape: [2, 3] }, outs: [[2, 0]] }],
  ravelMultiIndex: [{ ins: [[2, 0]], attrs: { shape: [2, 3] }, outs: [[0]] }],
  sort: [
    {
      ins: [[0, 2]],
      attrs: { axis: 0, ascending: true },
      outs: [
        [0, 2],
        [0, 2],
      ],
    },
  ],
  cumsum: [{ ins: [[0, 2]], attrs: running, outs: [[0, 2]] }],
  cumprod: [
    { ins: [[0, 2]], attrs: running, outs: [[0, 2]] },
    { ins: [[2, 0]], attrs: running, outs: [[2, 0]] },
  ],
  dot: [
    {
      ins: [
        [2, 0],
        [0, 3],
      ],
      attrs: product,
      outs: [[2, 3]],
    },
    {
      ins: [
        [0, 2],
        [2, 3],
      ],
      attrs: product,
      outs: [[0, 3]],
    },
  ],
  batchDot: [
    {
      ins: [
        [0, 2, 3],
        [0, 3, 1],
      ],
      attrs: product,
      outs: [[0, 2, 1]],
    },
    {
      ins: [
        [2, 2, 0],
        [2, 0, 1],
      ],
      attrs: product,
      outs: [[2, 2, 1]],
    },
  ],
  conv: [
    {
      ins: [
        [0, 1, 3],
        [2, 1, 2],
      ],
      attrs: convolution,
      outs: [[0, 2, 2]],
    },
  ],
  convData: [
    {
      ins: [
        [0, 2, 2],
        [2, 1, 2],
      ],
      attrs: { ...convolution, spatial: [3] },
      outs: [[0, 1, 3]],
    },
  ],
  convWeight: [
    {
      ins: [
        [0, 1, 3],
        [0, 2, 2],
      ],
      attrs: { ...convolution, kernel: [2] },
      outs: [[2, 1, 2]],
    },
  ],
  poolSum: [{ ins: [[0, 2, 3]], attrs: pool, outs: [[0, 2, 2]] }],
  poolSumAdjoint: [{ ins: [[0, 2, 2]], attrs: { ...pool, spatial: [3] }, outs: [[0, 2, 3]] }],
  poolMax: [
    {
      ins: [[0, 2, 3]],
      attrs: pool,
      outs: [
        [0, 2, 2],
        [0, 2, 2],
      ],
    },
  ],
  potrf: [
    { ins: [[0, 2, 2]], outs: [[0, 2, 2]] },
    { ins: [[0, 0]], outs: [[0, 0]] },
  ],
  trsm: [
    {
      ins: [
        [0, 2, 2],
        [0, 2, 1],
      ],
      attrs: triangular,
      outs: [[0, 2, 1]],
    },
    {
      ins: [
        [2, 2],
        [2, 0],
      ],
      attrs: triangular,
      outs: [[2, 0]],
    },
  ],
  gelqf: [
    {
      ins: [[0, 2, 3]],
      outs: [
        [0, 2, 3],
        [0, 2, 2],
      ],
    },
    {
      ins: [[0, 3]],
      outs: [
        [0, 3],
        [0, 0],
      ],
    },
  ],
  syevd: [
    {
      ins: [[0, 2, 2]],
      outs: [
        [0, 2, 2],
        [0, 2],
      ],
    },
    { ins: [[0, 0]], outs: [[0, 0], [0]] },
  ],
  inverse: [{ ins: [[0, 2, 2]], outs: [[0, 2, 2]] }],
  slogdet: [{ ins: [[0, 2, 2]], outs: [[0], [0]] }],
  det: [
    { ins: [[0, 2, 2]], outs: [[0]] },
    { ins: [[0, 0]], outs: [[]] },
  ],
  FullyConnected: [
    { ins: [[0, 3], [2, 3], [2]], attrs: { flatten: true }, outs: [[0, 2]] },
    { ins: [[2, 0], [2, 0], [2]], attrs: { flatten: false }, outs: [[2, 2]] },
  ],
  Convolution: [{ ins: [[0, 1, 3], [2, 1, 2], [2]], attrs: layer, outs: [[0, 2, 2]] }],
  Deconvolution: [
    { ins: [[0, 2, 2], [2, 1, 2], [1]], attrs: { ...layer, adj: [0] }, outs: [[0, 1, 3]] },
  ],
  Pooling: ["sum", "avg", "lp"].map((poolType) => ({
    ins: [[0, 2, 3]],
    attrs: { ...pool, poolType, pValue: 2, countIncludePad: true },
    outs: [[0, 2, 2]],
  })),
  UpSampling: [{ ins: [[0, 1, 2, 2]], attrs: { scale: 2 }, outs: [[0, 1, 4, 4]] }],
  softmax: [
    { ins: [[0, 3]], attrs: { axis: 1, temperature: 1 }, outs: [[0, 3]] },
    { ins: [[3, 0]], attrs: { axis: 1, temperature: 1 }, outs: [[3, 0]] },
    { ins: [[0, 3], int32(0)], attrs: { axis: 1, temperature: 1 }, outs: [[0, 3]] },
  ],
  logSumExp: reduction,
  logSoftmax: [{ ins: [[3, 0]], attrs: { axis: 1, temperature: 2 }, outs: [[3, 0]] }],
  softmaxCrossEntropy: [{ ins: [[0, 3], int32(0)], outs: [[]] }],
  SoftmaxOutput: [{ ins: [[0, 3], int32(0)], attrs: softmaxOutput, outs: [[0, 3]] }],
  LinearRegressionOutput: [
    {
      ins: [
        [0, 2],
        [0, 2],
      ],
      attrs: { gradScale: 1 },
      outs: [[0, 2]],
    },
  ],
  LogisticRegressionOutput: [
    {
      ins: [
        [0, 2],
        [0, 2],
      ],
      attrs: { gradScale: 1 },
      outs: [[0, 2]],
    },
  ],
  MAERegressionOutput: [
    {
      ins: [
        [0, 2],
        [0, 2],
      ],
      attrs: { gradScale: 1 },
      outs: [[0, 2]],
    },
  ],
  SVMOutput: [
    {
      ins: [[0, 3], int32(0)],
      attrs: { margin: 1, regularizationCoefficient: 1, useLinear: false },
      outs: [[0, 3]],
    },
  ],
  BatchNorm: [
    { ins: [[0, 2], [2], [2], [2], [2]], attrs: batchNorm, outs: [[0, 2], [2], [2]] },
    { ins: [[3, 0], [0], [0], [0], [0]], attrs: batchNorm, outs: [[3, 0], [0], [0]] },
  ],
  LayerNorm: [
    {
      ins: [[0, 2], [2], [2]],
      attrs: { axis: 1, eps: 1 },
      outs: [
        [0, 2],
        [0, 1],
        [0, 1],
      ],
    },
    {
      ins: [[2, 0], [0], [0]],
      attrs: { axis: 1, eps: 1 },
      outs: [
        [2, 0],
        [2, 1],
        [2, 1],
      ],
    },
  ],
  InstanceNorm: [
    {
      ins: [[0, 2, 3], [2], [2]],
      attrs: { eps: 1 },
      outs: [
        [0, 2, 3],
        [0, 2, 1],
        [0, 2, 1],
      ],
    },
  ],
  GroupNorm: [
    {
      ins: [[0, 4, 3], [2], [2]],
      attrs: { groups: 2, eps: 1 },
      outs: [
        [0, 4, 3],
        [0, 2, 1],
        [0, 2, 1],
      ],
    },
  ],
  Dropout: [{ ins: [[0], [1026]], attrs: { p: 0.5, axes: [] }, outs: [[0], [1026], [0]] }],
  uniform: [{ ins: [[1026]], attrs: { ...sample, low: 0, high: 1 }, outs: [[0], [1026]] }],
  normal: [{ ins: [[1026]], attrs: { ...sample, mean: 0, deviation: 1 }, outs: [[0], [1026]] }],
  exponential: [{ ins: [[1026]], attrs: { ...sample, scale: 1 }, outs: [[0], [1026]] }],
  randint: [
    {
      ins: [[1026]],
      attrs: { shape: [0], dtype: "int32", low: 0, high: 9 },
      outs: [[0], [1026]],
    },
  ],
  sequence: [{ ins: [[1026]], attrs: sample, outs: [[0], [1026]] }],
  randomGamma: [{ ins: [[1026], [2], [2]], attrs: sample, outs: [[2, 0], [1026]] }],
  poisson: [{ ins: [[1026], [0]], attrs: { ...sample, shape: [3] }, outs: [[0, 3], [1026]] }],
  negativeBinomial: [{ ins: [[1026], [2], [2]], attrs: sample, outs: [[2, 0], [1026]] }],
  generalizedNegativeBinomial: [
    { ins: [[1026], [0], [0]], attrs: { ...sample, shape: [3] }, outs: [[0, 3], [1026]] },
  ],
  multinomial: [
    { ins: [[1026], [0, 4]], attrs: { shape: [3] }, outs: [[0, 3], [1026]] },
    { ins: [[1026], [2, 4]], attrs: { shape: [0] }, outs: [[2, 0], [1026]] },
  ],
  L2Normalization: [{ ins: [[0, 3]], attrs: { axes: [1], eps: 1e-3 }, outs: [[0, 3]] }],
  LRN: [
    {
      ins: [[0, 3, 2]],
      attrs: { alpha: 1, beta: 0.5, knorm: 2, nsize: 3 },
      outs: [[0, 3, 2]],
    },
  ],
  ...emptySpatialCases,
};

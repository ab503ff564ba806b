import { initialRandomState, toNumbers } from "@adjoint/runtime";
import { given, irregular } from "../support.js";
import { type Examples, withEach } from "./example.js";
import { spatialExamples } from "./spatial.js";

const convolution = { stride: [2], dilate: [1], pad: [1], groups: 2 };
const deconvolution = { stride: [2], dilate: [1], pad: [0], groups: 1, adj: [1] };
const window = { kernel: [2], stride: [1], padLow: [1], padHigh: [0] };
const pooling = { ...window, pValue: 2, countIncludePad: true };
const lengths = given([2, 3], [2], "int32");
const labels = given([2, 0], [2], "int32");
const batch = irregular([2, 3]);
const channels = [irregular([2], 2), irregular([2], 3)];
const moving = [irregular([2], 4), given([0.5, 1.7])];
const norm = { axis: 1, eps: 1e-3, fixGamma: false, training: true };

const softmaxOutput = {
  gradScale: 1.5,
  ignoreLabel: -1,
  useIgnore: false,
  multiOutput: false,
  preserveShape: false,
  normalization: "null",
  outGrad: false,
  smoothAlpha: 0,
};
const svmOutput = { margin: 1, regularizationCoefficient: 0.5 };

const targets = irregular([2, 3], 2);
const regression = [{ ins: [batch, targets], attrs: { gradScale: 2 }, decreed: true }] as const;

/** The layers of MXNet. */
export const layerExamples: Examples = {
  Embedding: withEach([given([1, 0, 1], [3], "int32"), irregular([2, 2])], {
    inputDim: 2,
    outputDim: 2,
  }),
  SequenceMask: [
    ...withEach([irregular([3, 2]), lengths], { axis: 0, value: 0.5 }),
    ...withEach([irregular([3, 2])], { axis: 1, value: 0 }),
  ],
  SequenceLast: [
    ...withEach([irregular([3, 2]), lengths], { axis: 0 }),
    ...withEach([irregular([3, 2])], { axis: 1 }),
  ],
  SequenceReverse: [
    ...withEach([irregular([2, 3, 2]), lengths], { axis: 1 }),
    ...withEach([irregular([3, 2])], { axis: 0 }),
  ],
  FullyConnected: [
    ...withEach([irregular([2, 2, 2]), irregular([2, 4], 2), irregular([2], 3)], { flatten: true }),
    ...withEach([irregular([2, 1, 3]), irregular([2, 3], 2)], { flatten: false }),
  ],
  Convolution: withEach(
    [irregular([1, 2, 3]), irregular([2, 1, 2], 2), irregular([2], 3)],
    convolution,
  ),
  Deconvolution: withEach(
    [irregular([1, 2, 2]), irregular([2, 1, 2], 2), irregular([1], 3)],
    deconvolution,
  ),
  Pooling: withEach(
    [irregular([1, 2, 4])],
    { ...pooling, poolType: "max" },
    { ...pooling, poolType: "sum" },
    { ...pooling, poolType: "avg" },
    { ...pooling, poolType: "avg", countIncludePad: false },
    { ...pooling, poolType: "lp", padLow: [0] },
    { ...pooling, poolType: "lp", padLow: [0], pValue: 3 },
  ),
  UpSampling: withEach([irregular([1, 1, 2, 2])], { scale: 2 }),
  softmax: [
    ...withEach([batch], { axis: 1, temperature: 1 }, { axis: 0, temperature: 0.7 }),
    ...withEach([batch, lengths], { axis: 1, temperature: 1 }),
  ],
  logSumExp: [
    { ins: [batch], attrs: { axes: [1], keepdims: false }, order: 3 },
    { ins: [irregular([2, 3, 2])], attrs: { axes: [0, 2], keepdims: true }, order: 3 },
  ],
  logSoftmax: withEach([batch], { axis: 1, temperature: 1 }, { axis: 0, temperature: 2 }),
  softmaxCrossEntropy: [{ ins: [batch, labels] }],
  SoftmaxOutput: [
    { ins: [batch, labels], attrs: softmaxOutput, decreed: true },
    { ins: [batch, labels], attrs: { ...softmaxOutput, outGrad: true }, decreed: true },
    { ins: [batch, labels], attrs: { ...softmaxOutput, smoothAlpha: 0.1 }, decreed: true },
    {
      ins: [irregular([1, 3, 2]), given([0, 2], [1, 2], "int32")],
      attrs: { ...softmaxOutput, multiOutput: true, normalization: "valid" },
      decreed: true,
    },
  ],
  LinearRegressionOutput: regression,
  LogisticRegressionOutput: regression,
  MAERegressionOutput: regression,
  SVMOutput: [true, false].map((useLinear) => ({
    ins: [batch, labels],
    attrs: { ...svmOutput, useLinear },
    decreed: true,
  })),
  BatchNorm: [
    ...withEach([irregular([3, 2, 2]), ...channels, ...moving], norm),
    ...withEach([irregular([3, 2]), ...channels, ...moving], { ...norm, fixGamma: true }),
    // Moving statistics count as constants.
    {
      ins: [irregular([3, 2]), ...channels, ...moving],
      attrs: { ...norm, training: false },
      constant: [3, 4],
    },
  ],
  LayerNorm: withEach([irregular([2, 3, 2]), irregular([3], 2), irregular([3], 3)], {
    axis: 1,
    eps: 1e-3,
  }),
  InstanceNorm: withEach([irregular([1, 2, 2, 2]), ...channels], { eps: 1e-3 }),
  GroupNorm: withEach([irregular([1, 4, 2]), ...channels], { groups: 2, eps: 1e-3 }),
  L2Normalization: withEach([irregular([2, 3])], { axes: [1], eps: 1e-3 }),
  LRN: withEach([irregular([1, 4, 2])], { alpha: 0.5, beta: 0.75, knorm: 2, nsize: 3 }),
  Dropout: [
    {
      ins: [irregular([6]), given(toNumbers(initialRandomState(3)))],
      attrs: { p: 0.5, axes: [] },
      constant: [1],
    },
  ],
  ...spatialExamples,
};

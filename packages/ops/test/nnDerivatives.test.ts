import { batchNorm, fronts } from "../src/index.js";
import { expectDerivatives, irregular, type Program, type Results } from "./support.js";

const { Convolution, Deconvolution, FullyConnected, Pooling, UpSampling } = fronts;

interface Layer {
  readonly program: Program<Results>;
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
  "BatchNorm by the moving statistics": {
    program: (x, g, b, m, v) =>
      batchNorm(x, g, b, m, fronts.square(v), { fixGamma: false }).slice(0, 1),
    shapes: [[2, 2], [2], [2], [2], [2]],
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
  expectDerivatives(layer.program, givens, layer);
});

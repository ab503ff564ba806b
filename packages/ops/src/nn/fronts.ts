export { Convolution, type ConvolutionOptions } from "./Convolution.js";
export {
  CTCLoss,
  CTCLoss as ctcLoss,
  type CTCLossOptions,
} from "./CTCLoss.js";
export { Deconvolution, type DeconvolutionOptions } from "./Deconvolution.js";
export { FullyConnected, type FullyConnectedOptions } from "./FullyConnected.js";
export { type Col2imOptions, col2im, type Im2colOptions, im2col } from "./im2col.js";
export { L2Normalization, type L2NormalizationOptions } from "./L2Normalization.js";
export {
  GroupNorm,
  type GroupNormOptions,
  InstanceNorm,
  LayerNorm,
  type LayerNormOptions,
} from "./LayerNorm.js";
export { LRN, type LRNOptions } from "./LRN.js";
export { logSumExp } from "./logSumExp.js";
export { Pooling, type PoolingOptions } from "./Pooling.js";
export { RNN } from "./RNN.js";
export type { RNNOptions } from "./rnnArguments.js";
export {
  LinearRegressionOutput,
  LogisticRegressionOutput,
  MAERegressionOutput,
  type RegressionOptions,
} from "./regressionOutput.js";
export { SoftmaxActivation, type SoftmaxActivationOptions } from "./SoftmaxActivation.js";
export {
  SoftmaxOutput,
  SoftmaxOutput as Softmax,
  type SoftmaxOutputOptions,
} from "./SoftmaxOutput.js";
export { SVMOutput, type SVMOutputOptions } from "./SVMOutput.js";
export {
  logSoftmax,
  type SoftmaxLengthOptions,
  type SoftmaxOptions,
  softmax,
  softmin,
} from "./softmax.js";
export { softmaxCrossEntropy } from "./softmaxCrossEntropy.js";
export { UpSampling, type UpSamplingOptions } from "./UpSampling.js";

import type { OpDef } from "@adjoint/graph";
import { batchNormOp } from "./BatchNorm.js";
import { convolutionOp } from "./Convolution.js";
import { deconvolutionOp } from "./Deconvolution.js";
import { dropoutOp } from "./dropout.js";
import { fullyConnectedOp } from "./FullyConnected.js";
import { l2NormalizationOp } from "./L2Normalization.js";
import { groupNormOp, instanceNormOp, layerNormOp } from "./LayerNorm.js";
import { lrnOp } from "./LRN.js";
import { logSumExpOp } from "./logSumExp.js";
import { poolingOp } from "./poolingOp.js";
import { linearRegressionOp, logisticRegressionOp, maeRegressionOp } from "./regressionOutput.js";
import { softmaxOutputOp } from "./SoftmaxOutput.js";
import { svmOutputOp } from "./SVMOutput.js";
import { logSoftmaxOp, softmaxOp } from "./softmax.js";
import { softmaxCrossEntropyOp } from "./softmaxCrossEntropy.js";
import { upSamplingOp } from "./UpSampling.js";

export const nnOps: readonly OpDef[] = [
  fullyConnectedOp,
  convolutionOp,
  deconvolutionOp,
  poolingOp,
  upSamplingOp,
  softmaxOp,
  logSoftmaxOp,
  logSumExpOp,
  softmaxCrossEntropyOp,
  softmaxOutputOp,
  linearRegressionOp,
  logisticRegressionOp,
  maeRegressionOp,
  svmOutputOp,
  batchNormOp,
  layerNormOp,
  instanceNormOp,
  groupNormOp,
  l2NormalizationOp,
  lrnOp,
  dropoutOp,
];

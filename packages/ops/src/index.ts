export { apply, applyOne, checkOperands, describe, first, isOperand, nth } from "./core/define.js";
export { checkFinite } from "./nn/layerArguments.js";
export {
  checkChoice,
  checkInteger,
  checkIntegers,
  checkNumber,
  normalizeAxes,
  normalizeAxis,
  readOptions,
} from "./core/options.js";
export { callOp } from "./control/call.js";
export { customFunctionOp } from "./control/customFunction.js";
export { add, mul, negative, sub } from "./elementwise/arithmetic.js";
export { addN } from "./elementwise/addN.js";
export { fill, fullOp, literal, zerosOf } from "./elementwise/full.js";
export { stopGradient } from "./elementwise/identity.js";
export { broadcastTo } from "./reduce/sum.js";
export { barrier } from "./view/barrier.js";
export { reshape } from "./view/reshape.js";
export * as fronts from "./fronts.js";
export * from "./registry.js";
export { exponentialAround, normalAround, uniformBetween } from "./random/arrayParameters.js";
export {
  exponentialSample,
  normalSample,
  randintSample,
  sequenceSample,
  uniformSample,
} from "./random/distributions.js";
export {
  gammaSample,
  generalizedNegativeBinomialSample,
  negativeBinomialSample,
  poissonSample,
} from "./random/gammaFamily.js";
export { categoryLogarithm, multinomialSample } from "./random/multinomial.js";
export { shuffled } from "./random/shuffle.js";
export { batchNorm, type BatchNormOptions } from "./nn/BatchNorm.js";
export {
  type BetweenLayers,
  recurrentLayers,
  type StatesGiven,
  type StatesLeftOut,
} from "./nn/RNN.js";
export type { RNNSettings } from "./nn/rnnArguments.js";
export { dropout, dropoutAttrs, type DropoutOptions } from "./nn/dropout.js";
export { algebraicSimplification, algebraicRules } from "./simplify/algebraicSimplification.js";

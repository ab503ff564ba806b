export { Activation } from "./Activation.js";
export { addN, addN as ElementWiseSum } from "./addN.js";
export { ampCast, type AmpMulticastOptions, ampMulticast } from "./ampCast.js";
export {
  add,
  add as broadcastAdd,
  add as broadcastPlus,
  div,
  div as broadcastDiv,
  div as divide,
  div as trueDivide,
  mul,
  mul as broadcastMul,
  mul as multiply,
  negative,
  negative as neg,
  sub,
  sub as broadcastMinus,
  sub as broadcastSub,
  sub as subtract,
} from "./arithmetic.js";
export { cast, cast as Cast } from "./cast.js";
export { castStorage } from "./castStorage.js";
export { clip, smoothL1 } from "./clip.js";
export {
  equal,
  equal as broadcastEqual,
  greater,
  greater as broadcastGreater,
  greaterEqual,
  greaterEqual as broadcastGreaterEqual,
  lesser,
  lesser as broadcastLesser,
  lesserEqual,
  lesserEqual as broadcastLesserEqual,
  logicalAnd,
  logicalAnd as broadcastLogicalAnd,
  logicalNot,
  logicalOr,
  logicalOr as broadcastLogicalOr,
  logicalXor,
  logicalXor as broadcastLogicalXor,
  notEqual,
  notEqual as broadcastNotEqual,
} from "./compare.js";
export { elemwiseAdd, elemwiseDiv, elemwiseMul, elemwiseSub } from "./elemwise.js";
export { exp, expm1, log, log1p, log2, log10, tanh } from "./exponential.js";
export {
  maximum,
  maximum as broadcastMaximum,
  minimum,
  minimum as broadcastMinimum,
} from "./extremum.js";
export { arccosh, arcsinh, arctanh, cosh, sinh } from "./hyperbolic.js";
export {
  identity,
  onesLike,
  stopGradient,
  stopGradient as BlockGrad,
  stopGradient as blockGrad,
  zerosLike,
} from "./identity.js";
export { LeakyReLU, type LeakyReLUOptions } from "./LeakyReLU.js";
export { type MakeLossOptions, makeLoss, makeLoss as MakeLoss } from "./makeLoss.js";
export {
  cbrt,
  pow,
  pow as broadcastPower,
  pow as power,
  rcbrt,
  reciprocal,
  rsqrt,
  sqrt,
  square,
} from "./powers.js";
export { hardSigmoid, relu, sigmoid, softsign } from "./rectify.js";
export { mod, mod as broadcastMod, mod as modulo } from "./remainder.js";
export { ceil, floor, rint, round, trunc, trunc as fix } from "./rounding.js";
export { scalarFronts } from "./scalarFronts.js";
export { abs, sign } from "./sign.js";
export { digamma, erf, erfc, erfinv, gamma, gammaln, polygamma } from "./special.js";
export {
  arccos,
  arcsin,
  arctan,
  arctan2,
  cos,
  degrees,
  hypot,
  hypot as broadcastHypot,
  radians,
  sin,
  tan,
} from "./trigonometric.js";
export { where } from "./where.js";

/** Samplers under the names that MXNet gives them outside of `random`. */
export {
  randomExponential,
  randomExponential as sampleExponential,
  type RandomExponentialOptions,
} from "./exponential.js";
export { gamma as randomGamma, gamma as sampleGamma } from "./gamma.js";
export { multinomial as sampleMultinomial } from "./multinomial.js";
export {
  generalizedNegativeBinomial as randomGeneralizedNegativeBinomial,
  generalizedNegativeBinomial as sampleGeneralizedNegativeBinomial,
  negativeBinomial as randomNegativeBinomial,
  negativeBinomial as sampleNegativeBinomial,
} from "./negativeBinomial.js";
export { normal, normal as randomNormal, normal as sampleNormal } from "./normal.js";
export { poisson as randomPoisson, poisson as samplePoisson } from "./poisson.js";
export { randint as randomRandint } from "./randint.js";
export { shuffle } from "./shuffle.js";
export { uniform, uniform as randomUniform, uniform as sampleUniform } from "./uniform.js";

export type { Parameter, SampleOptions } from "./random/draw.js";
export {
  type ExponentialLikeOptions,
  type ExponentialOptions,
  exponential,
  exponentialLike,
} from "./random/exponential.js";
export {
  type GammaLikeOptions,
  type GammaOptions,
  gamma,
  gammaLike,
} from "./random/gamma.js";
export { type MultinomialOptions, multinomial } from "./random/multinomial.js";
export {
  type GeneralizedNegativeBinomialLikeOptions,
  type GeneralizedNegativeBinomialOptions,
  generalizedNegativeBinomial,
  generalizedNegativeBinomialLike,
  type NegativeBinomialLikeOptions,
  type NegativeBinomialOptions,
  negativeBinomial,
  negativeBinomialLike,
} from "./random/negativeBinomial.js";
export {
  type NormalLikeOptions,
  type NormalOptions,
  normal,
  normalLike,
  type RandnOptions,
  randn,
} from "./random/normal.js";
export {
  type PoissonLikeOptions,
  type PoissonOptions,
  poisson,
  poissonLike,
} from "./random/poisson.js";
export { randint } from "./random/randint.js";
export { seed } from "./random/seed.js";
export { shuffle } from "./random/shuffle.js";
export {
  type UniformLikeOptions,
  type UniformOptions,
  uniform,
  uniformLike,
} from "./random/uniform.js";

import type { SampledDistribution } from "./samplers.js";

function isPositive(value: number): boolean {
  return value > 0 && Number.isFinite(value);
}

function isCount(value: number): boolean {
  return value >= 0 && Number.isFinite(value);
}

/** Whether parameters make a distribution, where only their values tell; else samples are NaN. */
export const validity: {
  readonly [D in SampledDistribution]: (first: number, second: number) => boolean;
} = {
  uniform: () => true,
  normal: () => true,
  exponential: () => true,
  randint: () => true,
  sequence: () => true,
  gamma: (shape, scale) => isPositive(shape) && isPositive(scale),
  poisson: (mean) => isCount(mean),
  negativeBinomial: (k, p) => isCount(k) && p > 0 && p <= 1,
  generalizedNegativeBinomial: (mean, dispersion) => isCount(mean) && isCount(dispersion),
};

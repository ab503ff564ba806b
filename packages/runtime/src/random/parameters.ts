import type { RandomKernel } from "@adjoint/graph";

/** What the parameters of one sample have to fulfil. */
interface Demand {
  holds(first: number, second: number): boolean;
  readonly allowed: string;
}

function isFinitePositive(value: number): boolean {
  return value > 0 && Number.isFinite(value);
}

function isFiniteCount(value: number): boolean {
  return value >= 0 && Number.isFinite(value);
}

const any: Demand = { holds: () => true, allowed: "any" };

/** Demands that only the values can meet; those on attributes were checked when the graph was built. */
export const demands: { readonly [D in RandomKernel["distribution"]]: Demand } = {
  uniform: any,
  normal: any,
  exponential: any,
  sequence: any,
  // Integers come from a remainder, so the range must not be empty, nor wider than 32 bits.
  randint: {
    holds: (low, high) => high - low > 0 && high - low <= 2 ** 32,
    allowed: "low < high <= low + 2^32",
  },
  gamma: {
    holds: (shape, scale) => isFinitePositive(shape) && isFinitePositive(scale),
    allowed: "a shape and a scale above 0",
  },
  poisson: { holds: (mean) => isFiniteCount(mean), allowed: "a mean of at least 0" },
  negativeBinomial: {
    holds: (k, p) => isFiniteCount(k) && p > 0 && p <= 1,
    allowed: "k of at least 0 and 0 < p <= 1",
  },
  generalizedNegativeBinomial: {
    holds: (mean, dispersion) => isFiniteCount(mean) && isFiniteCount(dispersion),
    allowed: "a mean and a dispersion of at least 0",
  },
  multinomial: {
    holds: (probability) => isFiniteCount(probability),
    allowed: "finite probabilities of at least 0, not all of them 0",
  },
};

import { erfcxTail64, erfinvCentre64, erfinvStart, erfTail64 } from "./coefficients.js";
import { polynomial } from "./elementary.js";
import { expOfPair, roundedScaled, type Scaled } from "./pairFunctions.js";
import { dividePairs, fastTwoSum, multiplyPairs, negatePair, twoProduct, twoSum } from "./pairs.js";

const [erfcxFirst = 0, ...erfcxOthers] = erfcxTail64;

/** x (1 + tail(x^2)) */
function quotientSeries(x: number, tail: readonly number[]): number {
  return polynomial(tail, x * x) * x + x;
}

/**
 * erfc(x) for 7/16 <= x <= 28 as e^(-x^2) (1 + 2 x) e^(x^2) erfc(x) / (1 + 2 x): M. M. Shepherd and J. G.
 * Laframboise, Chebyshev approximation of (1 + 2x) exp(x^2) erfc x, Math. Comp. 36 (1981).
 */
function erfcPositive(x: number): number {
  const gauss = expOfPair(negatePair(twoProduct(x, x)));
  const t = (x - 4) / (x + 4);
  const factor = fastTwoSum(erfcxFirst, polynomial(erfcxOthers, t) * t);
  const quotient = dividePairs(multiplyPairs(gauss, factor), twoSum(x + x, 1));
  const scaled: Scaled = { ...quotient, power: gauss.power };
  return roundedScaled(scaled);
}

/** Where 1 - erf x is as good as erfc itself. */
const cancelling = 7 / 16;

/** The error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 0.84375) return quotientSeries(x, erfTail64);
  if (size > 6) return Math.sign(x);
  const rest = erfcPositive(size);
  return x < 0 ? rest - 1 : 1 - rest;
}

/** 1 - erf(x), without cancellation for large x. */
export function erfc(x: number): number {
  const size = Math.abs(x);
  if (size < cancelling) return 1 - quotientSeries(x, erfTail64);
  const positive = erfcPositive(Math.min(size, 27.3));
  return x < 0 ? 2 - positive : positive;
}

const inverseSqrtPi = 0.5641895835477563;

/**
 * The inverse of erf: NaN outside of [-1, 1], infinite at its ends. In the centre y (1 + tail(y^2)); from there
 * on Halley's method takes a start of 23 bits to double precision, since 1 - |y| - erfc(x) is small and has all its
 * digits.
 */
export function erfinv(y: number): number {
  const size = Math.abs(y);
  if (!(size <= 1)) return NaN;
  if (size === 1) return y * Infinity;
  if (y === 0) return y;
  if (size < 0.75) return quotientSeries(y, erfinvCentre64);
  const rest = 1 - size;
  const start = polynomial(erfinvStart, Math.sqrt(-Math.log(rest * (size + 1))));
  const excess = erfcPositive(start) - rest;
  const newton = (excess * (0.5 / inverseSqrtPi)) / Math.exp(-start * start);
  const x = start + newton / (1 - start * newton);
  return y < 0 ? -x : x;
}

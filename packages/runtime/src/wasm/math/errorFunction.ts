import {
  erfcLogarithm32,
  erfcxTail64,
  erfinvCentre64,
  erfinvStart,
  erfTail32,
  erfTail64,
} from "../../math/coefficients.js";
import { expNormal, expOfPair, scaleByPower, type Scale } from "./exponential.js";
import type { LaneMath, Vector } from "./laneMath.js";
import { log } from "./logarithm.js";
import {
  dividePairs,
  fastTwoSum,
  multiplyPairs,
  negatePair,
  type Pair,
  rounded,
  twoProduct,
  twoSum,
} from "./pairs.js";

/** x (1 + tail(x^2)) */
function quotientSeries(math: LaneMath, x: Vector, tail: readonly number[]): Vector {
  const square = math.multiply(x, x);
  return math.multiplyAdd(math.polynomial(square, tail), x, x);
}

/** e^(-x^2) (1 + 2 x) e^(x^2) erfc(x) / (1 + 2 x) for 7/16 <= x <= 28, up to a power of two. */
function erfcMantissa(math: LaneMath, x: Vector): Pair & { readonly scale: Scale } {
  const square = negatePair(math, twoProduct(math, x, x));
  const gauss = expOfPair(math, square);
  const t = math.divide(math.subtract(x, 4), math.add(x, 4));
  // The polynomial's first coefficient dominates: adding it last, its rounding is kept.
  const [first = 0, ...others] = erfcxTail64;
  const rest = math.multiply(math.polynomial(t, others), t);
  const factor = fastTwoSum(math, first, rest);
  const numerator = multiplyPairs(math, gauss, factor);
  const denominator = twoSum(math, math.add(x, x), 1);
  return { ...dividePairs(math, numerator, denominator), scale: gauss.scale };
}

/** Where 1 - erf x is as good as erfc itself. */
const cancelling = 7 / 16;
/** erfc is 0 beyond. */
const furthest = 27.3;

/**
 * M. M. Shepherd and J. G. Laframboise, Chebyshev approximation of (1 + 2x) exp(x^2) erfc x, Math.
 * Comp. 36 (1981).
 */
export function erfc(math: LaneMath, x: Vector): Vector {
  const size = math.absolute(x);
  const bounded = math.atLeast(math.atMost(size, furthest), cancelling);
  const tail = erfcMantissa(math, bounded);
  const positive = scaleByPower(math, rounded(math, tail), tail.scale);
  const large = math.select(math.less(x, 0), math.subtract(2, positive), positive);
  const small = math.subtract(1, quotientSeries(math, x, erfTail64));
  return math.select(math.less(size, cancelling), small, large);
}

/** erfc of singles held as doubles, whose squares are exact. */
export function erfcOfSingles(math: LaneMath, x: Vector): Vector {
  const size = math.absolute(x);
  // Beyond 12 the result is 0 in single precision.
  const bounded = math.atMost(size, 12);
  const gauss = expNormal(math, math.negate(math.multiply(bounded, bounded)));
  const t = math.divide(math.subtract(bounded, 4), math.add(bounded, 4));
  const factor = math.multiply(gauss, math.polynomial(t, erfcxTail64));
  const positive = math.divide(factor, math.multiplyAdd(bounded, 2, 1));
  const large = math.select(math.less(x, 0), math.subtract(2, positive), positive);
  const small = math.subtract(1, quotientSeries(math, x, erfTail64));
  return math.select(math.less(size, cancelling), small, large);
}

/** 1 - erfc(x), and a polynomial where that cancels. */
export function erf(math: LaneMath, x: Vector): Vector {
  return math.type === "f32x4" ? erfOfSingles(math, x) : erfOfDoubles(math, x);
}

function erfOfDoubles(math: LaneMath, x: Vector): Vector {
  const size = math.absolute(x);
  // Beyond 6 the result is 1.
  const tail = erfcMantissa(math, math.atLeast(math.atMost(size, 6), cancelling));
  const large = math.subtract(1, scaleByPower(math, rounded(math, tail), tail.scale));
  const small = quotientSeries(math, size, erfTail64);
  return math.withSign(math.select(math.less(size, 0.84375), small, large), x);
}

/**
 * 1 - e^(log erfc(x)), where the rest is a quarter at most, so that the logarithm needs few digits.
 */
function erfOfSingles(math: LaneMath, x: Vector): Vector {
  const size = math.absolute(x);
  // Beyond 4 the result is 1.
  const bounded = math.atMost(size, 4);
  const exponent = math.negate(math.polynomial(bounded, erfcLogarithm32));
  const large = math.subtract(1, expNormal(math, exponent));
  const small = quotientSeries(math, size, erfTail32);
  return math.withSign(math.select(math.less(size, 0.9375), small, large), x);
}

const inverseSqrtPi = 0.5641895835477563;

/**
 * The inverse of erf: infinite at -1 and 1, NaN beyond. In the centre y (1 + tail(y^2)); from there
 * on Halley's method takes a start of 23 bits to double precision, since 1 - |y| - erfc(x) is small
 * and has all its digits.
 */
export function erfinv(math: LaneMath, y: Vector): Vector {
  const size = math.absolute(y);
  const small = quotientSeries(math, size, erfinvCentre64);
  const rest = math.subtract(1, size);
  const w = math.negate(log(math, math.multiply(rest, math.add(size, 1))));
  const start = math.polynomial(math.squareRoot(w), erfinvStart);
  const tail = erfcMantissa(math, math.atLeast(start, cancelling));
  const complement = scaleByPower(math, rounded(math, tail), tail.scale);
  // (erfc(x) - rest) / (2 / sqrt(pi) e^(-x^2))
  const gauss = expNormal(math, math.negate(math.multiply(start, start)));
  const excess = math.subtract(complement, rest);
  const newton = math.divide(math.multiply(excess, 0.5 / inverseSqrtPi), gauss);
  const step = math.divide(newton, math.subtractProduct(1, start, newton));
  const large = math.add(start, step);
  const inside = math.select(math.less(size, 0.75), small, large);
  const closed = math.select(math.equal(size, 1), Infinity, inside);
  const checked = math.select(math.lessOrEqual(size, 1), closed, NaN);
  return math.withSign(checked, y);
}

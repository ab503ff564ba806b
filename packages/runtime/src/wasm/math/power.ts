import { exp, expOfPair, scaleByPower } from "./exponential.js";
import type { LaneMath, Vector } from "./laneMath.js";
import { log, logOfPair } from "./logarithm.js";
import { fastTwoSum, rounded, twoProduct } from "./pairs.js";

/** Beyond this e^x is 0 or infinite. */
const furthest = 800;

/** a^b as C's pow has it: 1^b and a^0 are 1 even for NaN, and (-1)^inf is 1. Doubles. */
export function pow(math: LaneMath, a: Vector, b: Vector): Vector {
  return withSpecialCases(math, a, b, powerOfPositive);
}

/** For singles held as doubles: their result needs no more digits than log and exp have. */
export function powOfSingles(math: LaneMath, a: Vector, b: Vector): Vector {
  return withSpecialCases(math, a, b, (inner, size, exponent) =>
    exp(inner, inner.multiply(log(inner, size), exponent)),
  );
}

/**
 * log |a| is exactly 0 for 1, so that infinite exponents do no harm there; it is infinite at 0 and
 * infinity.
 */
function endsOfLog(math: LaneMath, size: Vector, value: Vector): Vector {
  const finite = math.select(math.less(size, Infinity), value, Infinity);
  return math.select(math.equal(size, 0), -Infinity, finite);
}

/** e^(b log a), where the exponent has about 64 bits. */
function powerOfPositive(math: LaneMath, a: Vector, b: Vector): Vector {
  const logarithm = logOfPair(math, { high: a, low: math.vector(0) });
  const leading = math.multiply(endsOfLog(math, a, logarithm.high), b);
  const isFar = math.less(furthest, math.absolute(leading));
  const product = twoProduct(math, logarithm.high, b);
  const low = math.multiplyAdd(logarithm.low, b, product.low);
  const exponent = fastTwoSum(
    math,
    math.select(isFar, math.withSign(math.vector(furthest), leading), leading),
    math.select(isFar, 0, low),
  );
  const value = expOfPair(math, exponent);
  return scaleByPower(math, rounded(math, value), value.scale);
}

function withSpecialCases(
  math: LaneMath,
  a: Vector,
  b: Vector,
  powerOf: (math: LaneMath, size: Vector, b: Vector) => Vector,
): Vector {
  const size = math.absolute(a);
  const isOne = math.equal(size, 1);
  const value = math.select(isOne, 1, powerOf(math, size, b));
  const half = math.multiply(b, 0.5);
  const isWhole = math.isInteger(b);
  const isOdd = math.and(isWhole, math.not(math.isInteger(half)));
  const negative = math.and(math.signOf(a), isOdd);
  const signed = math.xor(value, negative);
  const hasRoot = math.or(isWhole, math.not(math.less(a, 0)));
  // -inf has powers of any exponent.
  const isReal = math.or(hasRoot, math.equal(size, Infinity));
  const real = math.select(isReal, signed, NaN);
  const isUndefined = math.or(math.isNaN(a), math.isNaN(b));
  const checked = math.select(isUndefined, NaN, real);
  return math.select(math.or(math.equal(a, 1), math.equal(b, 0)), 1, checked);
}

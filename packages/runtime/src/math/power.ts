import { expOfPair, logOfPair, roundedScaled } from "./pairFunctions.js";
import { fastTwoSum, pairOf, twoProduct } from "./pairs.js";

/** Beyond this e^x is 0 or infinite. */
const furthest = 800;

/**
 * C's pow, which differs from JavaScript's where the result does not depend on the exponent: 1^NaN, (-1)^inf. The
 * exponent of e has 64 bits, where engines' `**` may lose ten in large ones.
 */
export function power(a: number, b: number): number {
  if (a === 1 || (a === -1 && (b === Infinity || b === -Infinity))) return 1;
  if (b === 2) return a * a;
  const isUsual = a !== 0 && Math.abs(a) < Infinity && b !== 0 && Math.abs(b) < Infinity;
  if (!isUsual || (a < 0 && !Number.isInteger(b))) return a ** b;
  const value = powerOfPositive(Math.abs(a), b);
  return a < 0 && b % 2 !== 0 ? -value : value;
}

/** e^(b log a) */
function powerOfPositive(a: number, b: number): number {
  const logarithm = logOfPair(pairOf(a));
  const leading = logarithm.high * b;
  if (leading > furthest) return Infinity;
  if (leading < -furthest) return 0;
  const product = twoProduct(logarithm.high, b);
  return roundedScaled(expOfPair(fastTwoSum(leading, logarithm.low * b + product.low)));
}

import { multiplyPairs, type Pair, pairOf, twoProduct } from "./pairs.js";

/** What is smaller has no room for a second part. */
const smallestPair = 2 ** -1010;

/** 1 / x */
export function inverseOf(x: Pair): Pair {
  const high = 1 / x.high;
  if (Math.abs(high) === Infinity) return pairOf(high);
  const product = twoProduct(high, x.high);
  return { high, low: (1 - product.high - product.low - high * x.low) * high };
}

/** The product, also where it is infinite or tiny. */
export function timesPair(a: Pair, b: Pair): Pair {
  const high = a.high * b.high;
  const size = Math.abs(high);
  return size < Infinity && size > smallestPair ? multiplyPairs(a, b) : pairOf(high);
}

/** A pair to the power of a whole number, by squaring. */
function powerOf(base: Pair, exponent: number): Pair {
  let result = pairOf(1);
  let square = base;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = timesPair(result, square);
    square = timesPair(square, square);
  }
  return result;
}

/**
 * A number times a pair to the power of a whole number: times half of the power, and again, so that a power too
 * small for a double does not lose the number.
 */
export function timesPower(factor: number, base: Pair, exponent: number): Pair {
  const root = powerOf(base, Math.floor(exponent / 2));
  const even = timesPair(timesPair(pairOf(factor), root), root);
  return exponent % 2 === 1 ? timesPair(even, base) : even;
}

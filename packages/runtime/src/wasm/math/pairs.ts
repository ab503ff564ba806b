import type { Term, LaneMath, Vector } from "./laneMath.js";

/**
 * The sum of two doubles, of which the second is at most half a unit in the last place of the
 * first: about 106 bits. T. J. Dekker, A floating-point technique for extending the available
 * precision, Numer. Math. 18 (1971). What is exact here uses no relaxed multiply-add, whose
 * rounding is not known.
 */
export interface Pair {
  readonly high: Vector;
  readonly low: Vector;
}

/** a + b without error. */
export function twoSum(math: LaneMath, a: Term, b: Term): Pair {
  const first = math.vector(a);
  const second = math.vector(b);
  const high = math.add(first, second);
  const part = math.subtract(high, first);
  const lost = math.subtract(first, math.subtract(high, part));
  return { high, low: math.add(lost, math.subtract(second, part)) };
}

/** a + b without error for |a| >= |b|. */
export function fastTwoSum(math: LaneMath, a: Term, b: Term): Pair {
  const first = math.vector(a);
  const second = math.vector(b);
  const high = math.add(first, second);
  return { high, low: math.subtract(second, math.subtract(high, first)) };
}

/** The leading 26 bits, and the rest. */
function split(math: LaneMath, x: Vector): Pair {
  const high = math.and(x, math.bits(-(1n << 27n)));
  return { high, low: math.subtract(x, high) };
}

/** a b up to 2^-105 of it. */
export function twoProduct(math: LaneMath, a: Term, b: Term): Pair {
  const first = math.vector(a);
  const second = math.vector(b);
  const high = math.multiply(first, second);
  const x = split(math, first);
  const y = split(math, second);
  const leading = math.subtract(math.multiply(x.high, y.high), high);
  const middle = math.add(
    math.add(leading, math.multiply(x.high, y.low)),
    math.multiply(x.low, y.high),
  );
  return { high, low: math.add(middle, math.multiply(x.low, y.low)) };
}

export function constantPair(math: LaneMath, high: number, low: number): Pair {
  return { high: math.vector(high), low: math.vector(low) };
}

export function addPairs(math: LaneMath, a: Pair, b: Pair): Pair {
  const sum = twoSum(math, a.high, b.high);
  return fastTwoSum(math, sum.high, math.add(sum.low, math.add(a.low, b.low)));
}

/** A pair plus a number that may be of any size. */
export function addTo(math: LaneMath, a: Pair, b: Term): Pair {
  const sum = twoSum(math, a.high, b);
  return fastTwoSum(math, sum.high, math.add(sum.low, a.low));
}

export function multiplyPairs(math: LaneMath, a: Pair, b: Pair): Pair {
  const product = twoProduct(math, a.high, b.high);
  const crossed = math.multiplyAdd(a.high, b.low, math.multiply(a.low, b.high));
  return fastTwoSum(math, product.high, math.add(product.low, crossed));
}

/** A pair times a number. */
export function multiplyBy(math: LaneMath, a: Pair, b: Term): Pair {
  const product = twoProduct(math, a.high, b);
  return fastTwoSum(math, product.high, math.multiplyAdd(a.low, b, product.low));
}

export function dividePairs(math: LaneMath, a: Pair, b: Pair): Pair {
  const quotient = math.divide(a.high, b.high);
  const product = twoProduct(math, quotient, b.high);
  const rest = math.subtract(math.subtract(a.high, product.high), product.low);
  const whole = math.subtractProduct(math.add(rest, a.low), quotient, b.low);
  return fastTwoSum(math, quotient, math.divide(whole, b.high));
}

export function negatePair(math: LaneMath, { high, low }: Pair): Pair {
  return { high: math.negate(high), low: math.negate(low) };
}

export function selectPair(math: LaneMath, mask: Vector, a: Pair, b: Pair): Pair {
  return {
    high: math.select(mask, a.high, b.high),
    low: math.select(mask, a.low, b.low),
  };
}

/** The pair as one number. */
export function rounded(math: LaneMath, { high, low }: Pair): Vector {
  return math.add(high, low);
}

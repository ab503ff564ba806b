/**
 * The sum of two doubles, of which the second is at most half a unit in the last place of the
 * first: about 106 bits. T. J. Dekker, A floating-point technique for extending the available
 * precision, Numer. Math. 18 (1971).
 */
export interface Pair {
  readonly high: number;
  readonly low: number;
}

const bits = new Float64Array(1);
const words = new Int32Array(bits.buffer);
/** All but the lowest 27 bits of a fraction. */
const leading = -(1 << 27);

/** The leading 26 bits. */
function headOf(x: number): number {
  bits[0] = x;
  words[0] = (words[0] ?? 0) & leading;
  return bits[0];
}

export function pairOf(high: number): Pair {
  return { high, low: 0 };
}

/** a + b without error. */
export function twoSum(a: number, b: number): Pair {
  const high = a + b;
  const part = high - a;
  return { high, low: a - (high - part) + (b - part) };
}

/** a + b without error for |a| >= |b|. */
export function fastTwoSum(a: number, b: number): Pair {
  const high = a + b;
  return { high, low: b - (high - a) };
}

/** a b up to 2^-105 of it. */
export function twoProduct(a: number, b: number): Pair {
  const high = a * b;
  const aHigh = headOf(a);
  const aLow = a - aHigh;
  const bHigh = headOf(b);
  const bLow = b - bHigh;
  return { high, low: aHigh * bHigh - high + aHigh * bLow + aLow * bHigh + aLow * bLow };
}

export function addPairs(a: Pair, b: Pair): Pair {
  const sum = twoSum(a.high, b.high);
  return fastTwoSum(sum.high, sum.low + (a.low + b.low));
}

export function subtractPairs(a: Pair, b: Pair): Pair {
  const sum = twoSum(a.high, -b.high);
  return fastTwoSum(sum.high, sum.low + (a.low - b.low));
}

/** A pair plus a number that may be of any size. */
export function addTo(a: Pair, b: number): Pair {
  const sum = twoSum(a.high, b);
  return fastTwoSum(sum.high, sum.low + a.low);
}

export function multiplyPairs(a: Pair, b: Pair): Pair {
  const product = twoProduct(a.high, b.high);
  return fastTwoSum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

/** A pair times a number. */
export function multiplyBy(a: Pair, b: number): Pair {
  const product = twoProduct(a.high, b);
  return fastTwoSum(product.high, a.low * b + product.low);
}

export function dividePairs(a: Pair, b: Pair): Pair {
  const quotient = a.high / b.high;
  const product = twoProduct(quotient, b.high);
  const rest = a.high - product.high - product.low + a.low - quotient * b.low;
  return fastTwoSum(quotient, rest / b.high);
}

export function negatePair({ high, low }: Pair): Pair {
  return { high: -high, low: -low };
}

export function absolutePair(pair: Pair): Pair {
  return pair.high < 0 ? negatePair(pair) : pair;
}

/** The pair as one number. */
export function rounded({ high, low }: Pair): number {
  return high + low;
}

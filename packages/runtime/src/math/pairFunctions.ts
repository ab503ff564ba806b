import { atanhRest64, expTail64 } from "./coefficients.js";
import { polynomial } from "./elementary.js";
import {
  addPairs,
  addTo,
  dividePairs,
  fastTwoSum,
  multiplyPairs,
  type Pair,
  rounded,
} from "./pairs.js";

const bits = new Float64Array(1);
const words = new Int32Array(bits.buffer);

/** 2^n for a normal result. */
function powerOfTwo(n: number): number {
  words[0] = 0;
  words[1] = (n + 1023) << 20;
  return bits[0] ?? 0;
}

/** x 2^n where the result may be denormal or infinite; |n| < 2000. */
export function scaleByPower(x: number, n: number): number {
  const half = Math.trunc(n / 2);
  return x * powerOfTwo(half) * powerOfTwo(n - half);
}

/** The upper half of the bits of sqrt(1/2). */
const rootOfHalf = 0x3fe6a09e;
const smallestNormal = 2 ** -1022;
/** log 2 in two parts; whole multiples of the first are exact. Sun's fdlibm, e_log.c. */
const logOfTwo = [0.6931471803691238, 1.9082149292705877e-10] as const;

/**
 * log(high + low) of a positive number to about 64 bits; |low| is at most a few units in the last
 * place. With f = mantissa - 1 and s = f / (2 + f) it is power log 2 + 2 s + s^3 (2/3 + s^2 ...).
 */
export function logOfPair({ high, low }: Pair): Pair {
  const isDenormal = high < smallestNormal;
  bits[0] = isDenormal ? high * 2 ** 54 : high;
  const power = ((words[1] ?? 0) - rootOfHalf) >> 20;
  words[1] = (words[1] ?? 0) - (power << 20);
  const mantissa = bits[0] ?? 0;
  const f = fastTwoSum(mantissa - 1, isDenormal ? 0 : scaleByPower(low, -power));
  const s = dividePairs(f, addTo(f, 2));
  const square = multiplyPairs(s, s);
  const rest = polynomial(atanhRest64, square.high) * square.high;
  const inner = addTo({ high: 2 / 3, low: 3.700743415417188e-17 }, rest);
  const cube = multiplyPairs(multiplyPairs(s, square), inner);
  const near = addPairs({ high: s.high + s.high, low: s.low + s.low }, cube);
  const whole = isDenormal ? power - 54 : power;
  return addPairs(fastTwoSum(whole * logOfTwo[0], whole * logOfTwo[1]), near);
}

/** A pair times a power of two. */
export interface Scaled extends Pair {
  readonly power: number;
}

/** e^(high + low), |high| <= 800. */
export function expOfPair({ high, low }: Pair): Scaled {
  const power = Math.round(high * Math.LOG2E);
  const near = high - power * logOfTwo[0];
  const correction = power * logOfTwo[1];
  const first = near - correction;
  const { high: r, low: rest } = fastTwoSum(first, near - first - correction + low);
  const above = polynomial(expTail64, r) * r * r + rest + r;
  const value = 1 + above;
  return { high: value, low: above - (value - 1), power };
}

/** The scaled pair as one number. */
export function roundedScaled(scaled: Scaled): number {
  return scaleByPower(rounded(scaled), scaled.power);
}

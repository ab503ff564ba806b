import { atanhRest64, atanhTail64, logTail32 } from "../../math/coefficients.js";
import type { LaneMath, Term, Vector } from "./laneMath.js";
import type { VectorType } from "./mathContext.js";
import {
  addPairs,
  addTo,
  constantPair,
  dividePairs,
  fastTwoSum,
  multiplyPairs,
  type Pair,
  rounded,
  twoSum,
} from "./pairs.js";

interface Constants {
  /** The bits of sqrt(1/2). */
  readonly rootOfHalf: bigint;
  readonly exponentMask: bigint;
  /** A power of two that makes denormals normal, and its exponent. */
  readonly lift: number;
  readonly lifted: number;
  /** log 2 in two parts; whole multiples of the first are exact. */
  readonly log2: readonly [number, number];
}

/** The parts of log 2 are those of Cephes' logf and of Sun's fdlibm, e_log.c. */
const constants: { readonly [T in VectorType]: Constants } = {
  f32x4: {
    rootOfHalf: 0x3f3504f3n,
    exponentMask: 0xff800000n,
    lift: 2 ** 23,
    lifted: 23,
    log2: [0.693359375, -2.1219444e-4],
  },
  f64x2: {
    rootOfHalf: 0x3fe6a09e667f3bcdn,
    exponentMask: 0xfff0000000000000n,
    lift: 2 ** 54,
    lifted: 54,
    log2: [0.6931471803691238, 1.9082149292705877e-10],
  },
};

/** x = 2^power mantissa, sqrt(1/2) <= mantissa < sqrt(2). */
interface Reduced {
  readonly power: Vector;
  readonly mantissa: Vector;
}

interface ReducedNormal extends Reduced {
  /** The power where a number's exponent has its bits. */
  readonly exponent: Vector;
}

/** For positive normal numbers. */
function reduceNormal(math: LaneMath, x: Vector): ReducedNormal {
  const { rootOfHalf, exponentMask } = constants[math.type];
  const { fraction, one } = math.format;
  const distance = math.subtractBits(x, math.bits(rootOfHalf));
  const exponent = math.and(distance, math.bits(exponentMask));
  // The power plus the bias of 1, as an integer in the low bits of 2^fraction.
  const biased = math.shiftRight(math.addBits(exponent, math.bits(one)), fraction);
  const integers = 2 ** fraction;
  const power = math.subtract(
    math.or(biased, math.vector(integers)),
    integers + Number(one >> BigInt(fraction)),
  );
  return { power, mantissa: math.subtractBits(x, exponent), exponent };
}

/** For positive numbers, denormal ones too. */
function reduce(math: LaneMath, x: Vector): Reduced {
  const { lift, lifted } = constants[math.type];
  const isDenormal = math.less(x, math.format.smallestNormal);
  const normal = math.select(isDenormal, math.multiply(x, lift), x);
  const { power, mantissa } = reduceNormal(math, normal);
  const down = math.and(isDenormal, math.vector(lifted));
  return { power: math.subtract(power, down), mantissa };
}

/**
 * power log 2 + log(1 + f) + correction. In double precision log(1 + f) = 2 atanh(s) with s = f /
 * (2 + f), arranged as in Sun's fdlibm, e_log.c; in single precision a polynomial in f saves the
 * division.
 */
function combine(math: LaneMath, power: Vector, f: Vector, correction?: Vector): Vector {
  const { log2 } = constants[math.type];
  const halfSquare = math.multiply(math.multiply(f, f), 0.5);
  const small = (rest: Vector) =>
    math.multiplyAdd(power, log2[1], correction === undefined ? rest : math.add(rest, correction));
  if (math.type === "f32x4") {
    const cube = math.multiply(math.multiply(f, f), f);
    const rest = small(math.multiply(math.polynomial(f, logTail32), cube));
    const near = math.add(math.subtract(rest, halfSquare), f);
    return math.multiplyAdd(power, log2[0], near);
  }
  const s = math.divide(f, math.add(f, 2));
  const square = math.multiply(s, s);
  const series = math.multiply(math.polynomial(square, atanhTail64), square);
  const rest = small(math.multiply(math.add(halfSquare, series), s));
  const near = math.subtract(f, math.subtract(halfSquare, rest));
  return math.multiplyAdd(power, log2[0], near);
}

/** The results of log at and beyond the ends of its domain, where 0 is at `start`. */
function atEnds(math: LaneMath, value: Vector, x: Vector, start: Term): Vector {
  const inside = math.select(math.less(x, Infinity), value, x);
  const above = math.select(math.less(x, start), NaN, inside);
  return math.select(math.equal(x, start), -Infinity, above);
}

/** The natural logarithm; -inf at 0, NaN below. */
export function log(math: LaneMath, x: Vector): Vector {
  const { power, mantissa } = reduce(math, x);
  return atEnds(math, combine(math, power, math.subtract(mantissa, 1)), x, 0);
}

/** log(1 + x): the rounding of u = 1 + x is carried to the result as (1 + x - u) / u. */
export function log1p(math: LaneMath, x: Vector): Vector {
  const u = twoSum(math, x, 1);
  const { power, mantissa } = reduceNormal(math, u.high);
  // Where u was not scaled x itself is exact.
  const isNear = math.equal(power, 0);
  const f = math.select(isNear, x, math.subtract(mantissa, 1));
  const correction = math.select(isNear, 0, math.divide(u.low, u.high));
  const value = math.withSign(combine(math, power, f, correction), x);
  return atEnds(math, value, x, -1);
}

/**
 * log(high + low) of a positive number to about 64 bits; |low| is at most a few units in the last
 * place.
 */
export function logOfPair(math: LaneMath, { high, low }: Pair): Pair {
  const isDenormal = math.less(high, math.format.smallestNormal);
  const { lift, lifted } = constants.f64x2;
  const scaledUp = math.select(isDenormal, math.multiply(high, lift), high);
  const { power: lead, mantissa, exponent } = reduceNormal(math, scaledUp);
  const power = math.subtract(lead, math.and(isDenormal, math.vector(lifted)));
  // 2^(1 - power), which is a number for all powers; where high is denormal there is no low part.
  const twiceInverse = math.subtractBits(math.vector(2), exponent);
  const rest = math.multiply(math.multiply(low, 0.5), twiceInverse);
  return addPairs(math, wholePart(math, power), logOfMantissa(math, mantissa, rest));
}

/** power log 2 */
function wholePart(math: LaneMath, power: Vector): Pair {
  const [high, low] = constants.f64x2.log2;
  return fastTwoSum(math, math.multiply(power, high), math.multiply(power, low));
}

/**
 * 2 s + s^3 (2/3 + s^2 ...) with s = f / (2 + f), where f is a pair and the inner sum has 58 bits.
 */
function logOfMantissa(math: LaneMath, mantissa: Vector, rest: Vector): Pair {
  const f = fastTwoSum(math, math.subtract(mantissa, 1), rest);
  const s = dividePairs(math, f, addTo(math, f, 2));
  const square = multiplyPairs(math, s, s);
  const series = math.multiply(math.polynomial(square.high, atanhRest64), square.high);
  const inner = addTo(math, constantPair(math, 2 / 3, 3.700743415417188e-17), series);
  const cube = multiplyPairs(math, multiplyPairs(math, s, square), inner);
  return addPairs(math, { high: math.add(s.high, s.high), low: math.add(s.low, s.low) }, cube);
}

/** log_b(x) as the logarithm times 1 / log b, both as pairs, so that powers of b are exact. */
function logToBase(math: LaneMath, x: Vector, inverse: readonly [number, number]): Vector {
  const natural = logOfPair(math, { high: x, low: math.vector(0) });
  const value = multiplyPairs(math, natural, constantPair(math, ...inverse));
  return atEnds(math, rounded(math, value), x, 0);
}

export function log2(math: LaneMath, x: Vector): Vector {
  return logToBase(math, x, [Math.LOG2E, 2.0355273740931033e-17]);
}

export function log10(math: LaneMath, x: Vector): Vector {
  return logToBase(math, x, [Math.LOG10E, 1.098319650216765e-17]);
}

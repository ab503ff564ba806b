import { expTail32, expTail64 } from "../../math/coefficients.js";
import type { LaneMath, Vector } from "./laneMath.js";
import type { VectorType } from "./mathContext.js";
import { fastTwoSum, type Pair } from "./pairs.js";

interface Constants {
  /** log 2 in two parts; n times the first is exact, so that x - n log 2 keeps its digits. */
  readonly log2: readonly [number, number];
  /** (e^r - 1 - r) / r^2 */
  readonly tail: readonly number[];
  /** e^x is 0 below and infinite above, and its power of two still fits in two factors. */
  readonly lowest: number;
  readonly highest: number;
  /** e^x - 1 rounds to -1 below. */
  readonly vanishing: number;
}

/** The parts of log 2 are those of Cephes' expf and of Sun's fdlibm, e_exp.c. */
const constants: { readonly [T in VectorType]: Constants } = {
  f32x4: {
    log2: [0.693145751953125, 1.428606820309417e-6],
    tail: expTail32,
    lowest: -104,
    highest: 89,
    vanishing: -18,
  },
  f64x2: {
    log2: [0.6931471803691238, 1.9082149292705877e-10],
    tail: expTail64,
    lowest: -746,
    highest: 710,
    vanishing: -38,
  },
};

/** x = n log 2 + rest, |rest| <= log(2) / 2, with the rest in two parts. */
interface Reduced extends Pair {
  /** n plus the rounding shift: n is in its low bits, and in the difference of two such. */
  readonly shifted: Vector;
  /** n as a number. */
  readonly power: Vector;
}

function reduce(math: LaneMath, x: Vector): Reduced {
  const { log2 } = constants[math.type];
  const { roundingShift } = math.format;
  const shifted = math.multiplyAdd(x, Math.LOG2E, roundingShift);
  const power = math.subtract(shifted, roundingShift);
  const near = math.subtractProduct(x, power, log2[0]);
  const correction = math.multiply(power, log2[1]);
  const high = math.subtract(near, correction);
  const low = math.subtract(math.subtract(near, high), correction);
  return { shifted, power, high, low };
}

/** e^r - 1 - r for the reduced r, with what its second part adds. */
function tailOf(math: LaneMath, { high, low }: Pair): Vector {
  const square = math.multiply(high, high);
  return math.multiplyAdd(math.polynomial(high, constants[math.type].tail), square, low);
}

/** 2^n for n from a shifted number, where that is a normal number. */
function powerOfTwo(math: LaneMath, shifted: Vector): Vector {
  const { fraction, one } = math.format;
  return math.addBits(math.shiftLeft(shifted, fraction), math.bits(one));
}

/** The scale of a whole number in a vector. */
export function scaleOf(math: LaneMath, power: Vector): Scale {
  return { power, shifted: math.add(power, math.format.roundingShift) };
}

/** x 2^n where the result may be denormal or infinite: two factors of about 2^(n/2). */
export function scaleByPower(math: LaneMath, x: Vector, scale: Scale): Vector {
  const { fraction, one, roundingShift } = math.format;
  const half = math.multiplyAdd(scale.power, 0.5, roundingShift);
  const rest = math.shiftLeft(math.subtractBits(scale.shifted, half), fraction);
  const second = math.addBits(rest, math.bits(one));
  return math.multiply(math.multiply(x, powerOfTwo(math, half)), second);
}

/** A power of two, as an integer and as bits. */
export type Scale = Pick<Reduced, "shifted" | "power">;

/** e^x = 2^n (1 + r + tail) */
export function exp(math: LaneMath, x: Vector): Vector {
  const { lowest, highest } = constants[math.type];
  const reduced = reduce(math, math.atLeast(math.atMost(x, highest), lowest));
  const value = math.add(math.add(tailOf(math, reduced), reduced.high), 1);
  return scaleByPower(math, value, reduced);
}

/** e^x where that is a normal number. */
export function expNormal(math: LaneMath, x: Vector): Vector {
  const reduced = reduce(math, x);
  const value = math.add(math.add(tailOf(math, reduced), reduced.high), 1);
  return math.multiply(value, powerOfTwo(math, reduced.shifted));
}

/** e^(high + low) as a pair times a power of two; |high| <= 745. */
export function expOfPair(math: LaneMath, { high, low }: Pair): Pair & { readonly scale: Scale } {
  const reduced = reduce(math, high);
  // The low part may be long against the rest, whose own low part may not.
  const rest = fastTwoSum(math, reduced.high, math.add(reduced.low, low));
  const above = math.add(tailOf(math, rest), rest.high);
  // Recovers what the sum with 1 rounds off.
  const value = math.add(above, 1);
  const lost = math.subtract(above, math.subtract(value, 1));
  return { high: value, low: lost, scale: reduced };
}

/**
 * e^x - 1 = (2^n - 1 + 2^n r) + 2^n tail, where the parenthesis has one rounding. For n = 0 it is r
 * + tail, so that denormals stay.
 */
export function expm1(math: LaneMath, x: Vector): Vector {
  const { vanishing, highest } = constants[math.type];
  const reduced = reduce(math, math.atLeast(math.atMost(x, highest), vanishing));
  const tail = tailOf(math, reduced);
  // Half of 2^n, which itself would be infinite for the largest x.
  const half = powerOfTwo(math, math.subtractBits(reduced.shifted, math.bits(1n)));
  const leading = math.multiplyAdd(half, reduced.high, math.subtract(half, 0.5));
  const scaled = math.multiplyAdd(half, tail, leading);
  const near = math.add(reduced.high, tail);
  const value = math.select(math.equal(reduced.power, 0), near, math.add(scaled, scaled));
  return math.withSign(value, x);
}

/**
 * 1 / (1 + p) with p = e^-|x|, for negative x p / (1 + p). What p and 1 + p were rounded by
 * corrects the quotient q, with 1 - q or q in place of 1 / (1 + p).
 */
export function sigmoid(math: LaneMath, x: Vector): Vector {
  const { lowest } = constants[math.type];
  const exponent = math.atLeast(math.negate(math.absolute(x)), lowest);
  const power = expOfPair(math, { high: exponent, low: math.vector(0) });
  const high = scaleByPower(math, power.high, power.scale);
  const low = scaleByPower(math, power.low, power.scale);
  const isNegative = math.less(x, 0);
  const sum = math.add(high, 1);
  const lost = math.add(math.subtract(high, math.subtract(sum, 1)), low);
  const quotient = math.divide(math.select(isNegative, high, 1), sum);
  const inverse = math.select(isNegative, math.subtract(1, quotient), quotient);
  const rest = math.subtractProduct(math.and(isNegative, low), quotient, lost);
  return math.multiplyAdd(rest, inverse, quotient);
}

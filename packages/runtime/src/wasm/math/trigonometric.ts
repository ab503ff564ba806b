import { cosTail32, cosTail64, sinTail32, sinTail64 } from "../../math/coefficients.js";
import { demote, promote } from "./halves.js";
import type { LaneMath, Vector } from "./laneMath.js";
import {
  constantPair,
  dividePairs,
  fastTwoSum,
  multiplyPairs,
  type Pair,
  rounded,
  selectPair,
  twoSum,
} from "./pairs.js";
import { quarterTurns, smallestTurned } from "./quarterTurns.js";

/** x = quadrant pi / 2 + rest, |rest| <= pi / 4 and a little. */
interface Reduced extends Pair {
  /** The quadrant in the low bits. */
  readonly quadrant: Vector;
}

const halfPi = [Math.PI / 2, 6.123233995736766e-17] as const;
/**
 * pi / 2 in three parts of 33 bits, whose multiples below 2^20 are exact, and the rest. Sun's
 * fdlibm, e_rem_pio2.c.
 */
const parts = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21] as const;
const lastPart = 8.4784276603689e-32;
/** pi / 2 without its first part. */
const afterFirst = 6.077100506506192e-11;

/**
 * After W. J. Cody and W. Waite, Software Manual for the Elementary Functions, 1980; for |x| <=
 * 2^19.
 */
function reduceSmall(math: LaneMath, x: Vector): Reduced {
  const { roundingShift } = math.format;
  const quadrant = math.multiplyAdd(x, 2 / Math.PI, roundingShift);
  const count = math.subtract(quadrant, roundingShift);
  const first = math.subtract(x, math.multiply(count, parts[0]));
  const second = twoSum(math, first, math.multiply(count, -parts[1]));
  const third = twoSum(math, second.high, math.multiply(count, -parts[2]));
  const low = math.subtractProduct(math.add(second.low, third.low), count, lastPart);
  return { quadrant, ...fastTwoSum(math, third.high, low) };
}

/** Any finite x; doubles only. */
function reduceAny(math: LaneMath, x: Vector): Reduced {
  const [near, rest] = quarterTurns(math, atLeastInSize(math, x, smallestTurned));
  const whole = math.nearest(near);
  const turn = fastTwoSum(math, math.subtract(near, whole), rest);
  const large = multiplyPairs(math, turn, constantPair(math, ...halfPi));
  const quadrant = math.add(whole, math.format.roundingShift);
  const small = reduceSmall(math, x);
  const isSmall = math.less(math.absolute(x), smallestTurned);
  return {
    quadrant: math.select(isSmall, small.quadrant, quadrant),
    ...selectPair(math, isSmall, small, large),
  };
}

function atLeastInSize(math: LaneMath, x: Vector, bound: number): Vector {
  return math.withSign(math.atLeast(math.absolute(x), bound), x);
}

/** sin(high + low) = high + (high^3 S + low), of which the second summand is the low part. */
function sinKernel(math: LaneMath, { high, low }: Pair): Pair {
  const square = math.multiply(high, high);
  const tail = math.type === "f32x4" ? sinTail32 : sinTail64;
  const cube = math.multiply(square, high);
  // The slope of sin at high, times low.
  const shifted = math.multiply(low, math.subtractProduct(1, square, 0.5));
  return { high, low: math.multiplyAdd(math.polynomial(square, tail), cube, shifted) };
}

/** cos(high + low) = (1 - high^2 / 2) + rest, with what the parenthesis rounds off in the rest. */
function cosKernel(math: LaneMath, { high, low }: Pair): Pair {
  const square = math.multiply(high, high);
  const tail = math.type === "f32x4" ? cosTail32 : cosTail64;
  const half = math.multiply(square, 0.5);
  const leading = math.subtract(1, half);
  const lost = math.subtract(math.subtract(1, leading), half);
  const fourth = math.multiply(square, square);
  const rest = math.subtractProduct(lost, high, low);
  return { high: leading, low: math.multiplyAdd(math.polynomial(square, tail), fourth, rest) };
}

/** All ones where the quadrant is odd. */
function isOdd(math: LaneMath, quadrant: Vector): Vector {
  const zero = math.bits(0n);
  return math.subtractBits(zero, math.and(quadrant, math.bits(1n)));
}

/** The sign bit where the quadrant is 2 or 3, modulo 4. */
function upperHalfSign(math: LaneMath, quadrant: Vector): Vector {
  const width = math.type === "f32x4" ? 32 : 64;
  return math.shiftLeft(math.and(quadrant, math.bits(2n)), width - 2);
}

/** sin of the angle `turned` quarter turns further. */
export function sinOfReduced(math: LaneMath, reduced: Reduced, turned: 0 | 1): Pair {
  const quadrant = turned === 0 ? reduced.quadrant : math.addBits(reduced.quadrant, math.bits(1n));
  const value = selectPair(
    math,
    isOdd(math, quadrant),
    cosKernel(math, reduced),
    sinKernel(math, reduced),
  );
  const sign = upperHalfSign(math, quadrant);
  return { high: math.xor(value.high, sign), low: math.xor(value.low, sign) };
}

/** sin(pi x) or cos(pi x) as a pair, exact at multiples of a half; |x| < 2^51. */
export function turnPi(math: LaneMath, x: Vector, turned: 0 | 1): Pair {
  const { roundingShift } = math.format;
  const quadrant = math.add(math.add(x, x), roundingShift);
  const whole = math.subtract(quadrant, roundingShift);
  const rest = math.subtract(x, math.multiply(whole, 0.5));
  const angle = multiplyPairs(
    math,
    { high: rest, low: math.vector(0) },
    constantPair(math, Math.PI, 1.2246467991473532e-16),
  );
  return sinOfReduced(math, { quadrant, ...angle }, turned);
}

type Reduction = (math: LaneMath, x: Vector) => Reduced;

function sinBy(math: LaneMath, x: Vector, turned: 0 | 1, reduction: Reduction): Vector {
  const value = rounded(math, sinOfReduced(math, reduction(math, x), turned));
  return turned === 0 ? keepZeroAndNaN(math, value, x) : math.select(math.isNaN(x), x, value);
}

/** x where that is 0, for its sign, or NaN. */
function keepZeroAndNaN(math: LaneMath, value: Vector, x: Vector): Vector {
  return math.select(math.less(0, math.absolute(x)), value, x);
}

/** tan as the quotient of sin and cos. */
function tanBy(math: LaneMath, x: Vector, reduction: Reduction): Vector {
  const reduced = reduction(math, x);
  const sine = sinKernel(math, reduced);
  const cosine = cosKernel(math, reduced);
  const odd = isOdd(math, reduced.quadrant);
  const turned = { high: math.negate(cosine.high), low: math.negate(cosine.low) };
  const normal = (pair: Pair) => fastTwoSum(math, pair.high, pair.low);
  const numerator = normal(selectPair(math, odd, turned, sine));
  const denominator = normal(selectPair(math, odd, sine, cosine));
  const value = rounded(math, dividePairs(math, numerator, denominator));
  return keepZeroAndNaN(math, value, x);
}

/** The value for usual x, but in lanes beyond the bound that of the module's function for any x. */
function guarded(
  math: LaneMath,
  x: Vector,
  bound: number,
  usual: Vector,
  any: (x: Vector) => Vector,
): Vector {
  const { code } = math.context;
  const value = code.variable("v128", usual);
  const size = math.absolute(x);
  const isBeyond = math.less(bound, size);
  code.if(math.any(isBeyond), () => {
    const large = math.select(math.less(size, Infinity), any(x), NaN);
    code.assign(value, math.select(isBeyond, large, value));
  });
  return value;
}

function sinOfDoubles(math: LaneMath, x: Vector, turned: 0 | 1): Vector {
  const usual = sinBy(math, x, turned, reduceSmall);
  const any = (large: Vector) =>
    math.callUnary(turned === 0 ? "sinOfLarge" : "cosOfLarge", large, (inner, y) =>
      sinBy(inner, y, turned, reduceAny),
    );
  return guarded(math, x, smallestTurned, usual, any);
}

/**
 * Single precision: reduced in doubles, where two parts of pi / 2 suffice, then computed in
 * singles.
 */
function sinOfSingles(math: LaneMath, x: Vector, turned: 0 | 1): Vector {
  const doubles = math.doubles();
  const [low, high] = promote(math, x).map((half) => reduceSingles(doubles, half));
  if (low === undefined || high === undefined) throw new RangeError("two halves");
  const lowWords = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
  const reduced = {
    quadrant: math.context.code.shuffle(low.quadrant, high.quadrant, lowWords),
    rest: demote(math, low.rest, high.rest),
  };
  const usual = singleKernels(math, reduced.quadrant, reduced.rest, turned);
  const any = (large: Vector) => {
    const name = turned === 0 ? "sinOfLarge" : "cosOfLarge";
    return math.callUnary(name, large, (inner, y) => {
      const [first, second] = promote(inner, y);
      const inDoubles = (half: Vector) => sinOfDoubles(inner.doubles(), half, turned);
      return demote(inner, inDoubles(first), inDoubles(second));
    });
  };
  const kept = turned === 0 ? keepZeroAndNaN(math, usual, x) : usual;
  return guarded(math, x, smallestTurned, kept, any);
}

function reduceSingles(math: LaneMath, x: Vector) {
  const { roundingShift } = math.format;
  const quadrant = math.multiplyAdd(x, 2 / Math.PI, roundingShift);
  const count = math.subtract(quadrant, roundingShift);
  const first = math.subtract(x, math.multiply(count, parts[0]));
  return { quadrant, rest: math.subtractProduct(first, count, afterFirst) };
}

function singleKernels(math: LaneMath, from: Vector, rest: Vector, turned: 0 | 1): Vector {
  const quadrant = turned === 0 ? from : math.addBits(from, math.bits(1n));
  const square = math.multiply(rest, rest);
  const cube = math.multiply(square, rest);
  const sine = math.multiplyAdd(math.polynomial(square, sinTail32), cube, rest);
  const leading = math.subtractProduct(1, square, 0.5);
  const fourth = math.multiply(square, square);
  const cosine = math.multiplyAdd(math.polynomial(square, cosTail32), fourth, leading);
  const value = math.select(isOdd(math, quadrant), cosine, sine);
  return math.xor(value, upperHalfSign(math, quadrant));
}

export function sin(math: LaneMath, x: Vector): Vector {
  return math.type === "f32x4" ? sinOfSingles(math, x, 0) : sinOfDoubles(math, x, 0);
}

export function cos(math: LaneMath, x: Vector): Vector {
  return math.type === "f32x4" ? sinOfSingles(math, x, 1) : sinOfDoubles(math, x, 1);
}

/** In doubles only. */
export function tan(math: LaneMath, x: Vector): Vector {
  const usual = tanBy(math, x, reduceSmall);
  const any = (large: Vector) =>
    math.callUnary("tanOfLarge", large, (inner, y) => tanBy(inner, y, reduceAny));
  return guarded(math, x, smallestTurned, usual, any);
}

/** tan of singles held as doubles: a plain quotient has digits to spare. */
export function tanOfSingles(math: LaneMath, x: Vector): Vector {
  const { quadrant, rest } = reduceSingles(math, x);
  const square = math.multiply(rest, rest);
  const cube = math.multiply(square, rest);
  const sine = math.multiplyAdd(math.polynomial(square, sinTail64), cube, rest);
  const leading = math.subtractProduct(1, square, 0.5);
  const fourth = math.multiply(square, square);
  const cosine = math.multiplyAdd(math.polynomial(square, cosTail64), fourth, leading);
  const odd = isOdd(math, quadrant);
  const numerator = math.select(odd, math.negate(cosine), sine);
  const usual = math.divide(numerator, math.select(odd, sine, cosine));
  const any = (large: Vector) => math.callUnary("tan", large, tan);
  return guarded(math, x, smallestTurned, keepZeroAndNaN(math, usual, x), any);
}

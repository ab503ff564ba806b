import { gammaTail64, logGammaTail64 } from "./coefficients.js";
import { expOfPair, scaleByPower } from "./exponential.js";
import type { LaneMath, Vector } from "./laneMath.js";
import { log, logOfPair } from "./logarithm.js";
import {
  addPairs,
  addTo,
  constantPair,
  dividePairs,
  fastTwoSum,
  multiplyBy,
  multiplyPairs,
  negatePair,
  type Pair,
  rounded,
  selectPair,
  twoSum,
} from "./pairs.js";
import { turnPi } from "./trigonometric.js";

// All in doubles. Gamma(x) and log Gamma(x) for x > 0 are carried to [3/2, 5/2) by Gamma(x + 1) = x
// Gamma(x), or follow Stirling's series; NIST DLMF 5.5.1, 5.11.1. The reflection Gamma(x) Gamma(1 -
// x) = pi / sin(pi x), 5.5.3, gives the rest.

/**
 * Where Stirling's series has all digits, and the product below would have more than 21 factors.
 */
const asymptotic = 23;
/** Gamma(x) is 1 / x to all digits below. */
const pole = 2 ** -60;
/** Beyond, log Gamma(x) is infinite. */
const largestFinite = 2.5599833278516383e305;

/** Gamma(x) = product / divisor Gamma(2 + offset), where product or divisor is 1. */
interface Shifted {
  readonly product: Pair;
  readonly divisor: Pair;
  readonly isDown: Vector;
  /** In [-1/2, 1/2]. */
  readonly offset: Vector;
}

/** For 0 < x <= 23. */
function shift(math: LaneMath, x: Vector): Shifted {
  const { code } = math.context;
  const rest = code.variable("v128", x);
  const high = code.variable("v128", math.vector(1));
  const low = code.variable("v128", math.vector(0));
  code.loop((again) => {
    const isLarge = math.lessOrEqual(2.5, rest);
    const next = math.subtract(rest, 1);
    const product = multiplyBy(math, { high, low }, next);
    code.assign(rest, math.select(isLarge, next, rest));
    code.assign(high, math.select(isLarge, product.high, high));
    code.assign(low, math.select(isLarge, product.low, low));
    code.branchIf(math.any(isLarge), again);
  });
  const isDown = math.less(x, 1.5);
  const isTwice = math.less(x, 0.5);
  const one = constantPair(math, 1, 0);
  const next = selectPair(math, isTwice, twoSum(math, x, 1), one);
  const divisor = selectPair(math, isDown, multiplyBy(math, next, x), one);
  const below = math.select(isTwice, x, math.subtract(x, 1));
  const offset = math.select(isDown, below, math.subtract(rest, 2));
  return { product: { high, low }, divisor, isDown, offset };
}

/** B(2k) / (2k (2k - 1)) for k = 1 ... 8: Stirling's series, NIST DLMF 5.11.1. */
const stirling = [
  0.08333333333333333, -0.002777777777777778, 0.0007936507936507937, -0.0005952380952380953,
  0.0008417508417508417, -0.0019175269175269176, 0.00641025641025641, -0.029550653594771242,
];
const halfLogTwoPi = [0.9189385332046728, -3.8782941580672414e-17] as const;

/** log Gamma(x) = x (log x - 1) - log(x) / 2 + log(2 pi) / 2 + series in 1 / x, for x >= 23. */
function logGammaOfLarge(math: LaneMath, x: Vector): Pair {
  const logarithm = logOfPair(math, { high: x, low: math.vector(0) });
  const product = multiplyBy(math, addTo(math, logarithm, -1), x);
  const halfLog = {
    high: math.multiply(logarithm.high, -0.5),
    low: math.multiply(logarithm.low, -0.5),
  };
  const inverse = math.divide(1, x);
  const square = math.multiply(inverse, inverse);
  const series = math.multiply(math.polynomial(square, stirling), inverse);
  const constant = addTo(math, constantPair(math, ...halfLogTwoPi), series);
  return addPairs(math, addPairs(math, product, halfLog), constant);
}

/** Gamma(x) for 0 < x <= 23 as a pair; exact for integers. */
function gammaOfSmall(math: LaneMath, x: Vector): Pair {
  const { product, divisor, offset } = shift(math, x);
  const tail = math.multiply(math.polynomial(offset, gammaTail64), offset);
  const near = fastTwoSum(math, 1, tail);
  return dividePairs(math, multiplyPairs(math, product, near), divisor);
}

/** x sin(pi x) of negative x, modulo the period. */
function sineTimes(math: LaneMath, x: Vector, factor: Pair): Pair {
  const turns = math.multiply(math.nearest(math.multiply(x, 0.5)), 2);
  const sine = turnPi(math, math.subtract(x, turns), 0);
  return multiplyPairs(math, factor, fastTwoSum(math, sine.high, sine.low));
}

const pi = [Math.PI, 1.2246467991473532e-16] as const;

/** As in C: infinite at 0 by its sign, NaN at negative integers and -inf. */
export function gamma(math: LaneMath, x: Vector): Vector {
  const { code } = math.context;
  const size = math.absolute(x);
  const isNegative = math.less(x, 0);
  const isLarge = math.less(asymptotic, size);
  const small = gammaOfSmall(math, math.atMost(math.atLeast(size, pole), asymptotic));
  const value = code.variable("v128", rounded(math, small));
  code.if(math.any(isNegative), () => {
    const reflected = reflect(math, x, multiplyBy(math, small, x));
    code.assign(value, math.select(isNegative, rounded(math, reflected), value));
  });
  code.if(math.any(isLarge), () => {
    const large = math.callUnary("gammaOfLarge", x, gammaOfLarge);
    code.assign(value, math.select(isLarge, large, value));
  });
  const isPole = math.and(isNegative, math.isInteger(x));
  const checked = math.select(isPole, NaN, value);
  const near = math.select(math.less(size, pole), math.divide(1, x), checked);
  return math.select(math.isNaN(x), x, near);
}

/** -pi / (x sin(pi x) Gamma(-x)) for a factor x Gamma(-x), or a part of it. */
function reflect(math: LaneMath, x: Vector, factor: Pair): Pair {
  const sine = sineTimes(math, x, factor);
  return dividePairs(math, constantPair(math, -pi[0], -pi[1]), sine);
}

/** e^(log Gamma(x)) for x > 23, and by reflection for x < -23. */
function gammaOfLarge(math: LaneMath, x: Vector): Vector {
  const isNegative = math.less(x, 0);
  // Beyond 200 the result is infinite, or 0.
  const size = math.atLeast(math.atMost(math.absolute(x), 200), asymptotic);
  const logarithm = logGammaOfLarge(math, size);
  const exponent = selectPair(math, isNegative, negatePair(math, logarithm), logarithm);
  const power = expOfPair(math, exponent);
  const quotient = reflect(math, x, { high: x, low: math.vector(0) });
  const mantissa = selectPair(math, isNegative, multiplyPairs(math, quotient, power), power);
  return scaleByPower(math, rounded(math, mantissa), power.scale);
}

/** 1 - Euler's constant: the slope of log Gamma at 2. */
const slopeAtTwo = [0.42278433509846713, 4.942915152430645e-18] as const;

/** log Gamma(x) for 0 < x <= 23. */
function logGammaOfSmall(math: LaneMath, x: Vector): Pair {
  const { product, divisor, isDown, offset } = shift(math, x);
  const logarithm = logOfPair(math, selectPair(math, isDown, divisor, product));
  const signed = selectPair(math, isDown, negatePair(math, logarithm), logarithm);
  const linear = multiplyBy(math, constantPair(math, ...slopeAtTwo), offset);
  const square = math.multiply(offset, offset);
  const curved = math.multiply(math.polynomial(offset, logGammaTail64), square);
  return addPairs(math, signed, addTo(math, linear, curved));
}

/** log |Gamma(x)|; infinite at 0 and the negative integers, and at both infinities. */
export function lgamma(math: LaneMath, x: Vector): Vector {
  const { code } = math.context;
  const size = math.absolute(x);
  const isNegative = math.less(x, 0);
  const isLarge = math.less(asymptotic, size);
  const small = logGammaOfSmall(math, math.atMost(math.atLeast(size, pole), asymptotic));
  const high = code.variable("v128", small.high);
  const low = code.variable("v128", small.low);
  code.if(math.any(isLarge), () => {
    const bounded = math.atLeast(math.atMost(size, largestFinite), asymptotic);
    const positive = selectPair(math, isLarge, logGammaOfLarge(math, bounded), { high, low });
    code.assign(high, positive.high);
    code.assign(low, positive.low);
  });
  const value = code.variable("v128", rounded(math, { high, low }));
  code.if(math.any(isNegative), () => {
    const reflected = reflectedLogGamma(math, size, { high, low });
    code.assign(value, math.select(isNegative, reflected, value));
  });
  const isPole = math.and(math.lessOrEqual(x, 0), math.isInteger(x));
  const isInfinite = math.or(isPole, math.less(largestFinite, size));
  const finite = math.select(isInfinite, Infinity, value);
  const near = math.select(math.less(size, pole), math.negate(log(math, size)), finite);
  return math.select(math.isNaN(x), x, near);
}

/** log pi - log(x sin(pi x)) - log Gamma(x), of x = -size. */
function reflectedLogGamma(math: LaneMath, size: Vector, positive: Pair): Vector {
  const sine = sineTimes(math, size, { high: size, low: math.vector(0) });
  const logarithm = logOfPair(math, absolutePair(math, sine));
  const sum = negatePair(math, addPairs(math, logarithm, positive));
  const logPi = constantPair(math, 1.1447298858494002, 1.0265951162707826e-17);
  return rounded(math, addPairs(math, logPi, sum));
}

function absolutePair(math: LaneMath, { high, low }: Pair): Pair {
  const sign = math.signOf(high);
  return { high: math.xor(high, sign), low: math.xor(low, sign) };
}

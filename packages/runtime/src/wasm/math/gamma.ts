import { gammaTail64 } from "../../math/coefficients.js";
import { expOfPair, scaleByPower } from "./exponential.js";
import type { LaneMath, Vector } from "./laneMath.js";
import {
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
import { asymptotic, logGammaOfLarge } from "./stirling.js";
import { turnPi } from "./trigonometric.js";

// All in doubles. Gamma(x) and log Gamma(x) for x > 0 are carried to [3/2, 5/2) by Gamma(x + 1) = x
// Gamma(x), or follow Stirling's series; NIST DLMF 5.5.1, 5.11.1. The reflection Gamma(x) Gamma(1 -
// x) = pi / sin(pi x), 5.5.3, gives the rest.

/** Gamma(x) is 1 / x to all digits below. */
export const pole = 2 ** -60;
/** Gamma(x) = product / divisor Gamma(2 + offset), where product or divisor is 1. */
export interface Shifted {
  readonly product: Pair;
  readonly divisor: Pair;
  readonly isDown: Vector;
  /** In [-1/2, 1/2]. */
  readonly offset: Vector;
}

/** For 0 < x <= 23: at most 21 factors. */
export function shift(math: LaneMath, x: Vector): Shifted {
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

/** Gamma(x) for 0 < x <= 23 as a pair; exact for integers. */
function gammaOfSmall(math: LaneMath, x: Vector): Pair {
  const { product, divisor, offset } = shift(math, x);
  const tail = math.multiply(math.polynomial(offset, gammaTail64), offset);
  const near = fastTwoSum(math, 1, tail);
  return dividePairs(math, multiplyPairs(math, product, near), divisor);
}

/** x sin(pi x) of negative x, modulo the period. */
export function sineTimes(math: LaneMath, x: Vector, factor: Pair): Pair {
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

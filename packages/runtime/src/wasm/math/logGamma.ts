import { logGammaTail64 } from "../../math/coefficients.js";
import { logGammaZeros } from "../../math/zeros.js";
import { aroundZero } from "./aroundZero.js";
import { pole, shift, sineTimes } from "./gamma.js";
import type { LaneMath, Vector } from "./laneMath.js";
import { log, logOfPair } from "./logarithm.js";
import {
  addPairs,
  addTo,
  constantPair,
  multiplyBy,
  multiplyPairs,
  negatePair,
  type Pair,
  rounded,
  selectPair,
  twoSum,
} from "./pairs.js";
import { asymptotic, logGammaOfLarge } from "./stirling.js";

// All in doubles.

/** Beyond, log Gamma(x) is infinite. */
const largestFinite = 2.5599833278516383e305;
/** Below, doubles between the poles are too sparse to come near a zero of log |Gamma|. */
const lastZero = -17.5;
/** What is smaller follows from the zero next to it. */
const small = 2 ** -6;

/** 1 - Euler's constant and (pi^2 / 6 - 1) / 2: the slope of log Gamma at 2, and half its curvature. */
const slopeAtTwo = [0.42278433509846713, 4.942915152430645e-18] as const;
const curvatureAtTwo = [0.3224670334241132, 1.520336175199238e-17] as const;

/** log Gamma(2 + z) for |z| <= 1/2, to 60 bits behind the point. */
function logGammaAtTwo(math: LaneMath, z: Vector): Pair {
  const tail = math.multiply(math.polynomial(z, logGammaTail64), z);
  const curved = multiplyBy(math, addTo(math, constantPair(math, ...curvatureAtTwo), tail), z);
  return multiplyBy(math, addPairs(math, constantPair(math, ...slopeAtTwo), curved), z);
}

/** log Gamma(x) for 0 < x <= 23 */
function logGammaOfSmall(math: LaneMath, x: Vector): Pair {
  const { product, divisor, isDown, offset } = shift(math, x);
  const logarithm = logOfPair(math, selectPair(math, isDown, divisor, product));
  const signed = selectPair(math, isDown, negatePair(math, logarithm), logarithm);
  return addPairs(math, signed, logGammaAtTwo(math, offset));
}

/** log |Gamma(x)|; infinite at 0 and the negative integers, and at both infinities. */
export function lgamma(math: LaneMath, x: Vector): Vector {
  const { code } = math.context;
  const size = math.absolute(x);
  const isNegative = math.less(x, 0);
  const isLarge = math.less(asymptotic, size);
  const near = logGammaOfSmall(math, math.atMost(math.atLeast(size, pole), asymptotic));
  const high = code.variable("v128", near.high);
  const low = code.variable("v128", near.low);
  code.if(math.any(isLarge), () => {
    const bounded = math.atLeast(math.atMost(size, largestFinite), asymptotic);
    const positive = selectPair(math, isLarge, logGammaOfLarge(math, bounded), { high, low });
    code.assign(high, positive.high);
    code.assign(low, positive.low);
  });
  const value = code.variable("v128", rounded(math, { high, low }));
  code.if(math.any(isNegative), () => {
    const reflected = reflectedLogGamma(math, size, { high, low });
    const between = math.callUnary("logGammaBetweenPoles", x, logGammaBetweenPoles);
    const negative = math.select(math.less(lastZero, x), between, reflected);
    code.assign(value, math.select(isNegative, negative, value));
  });
  return atEnds(math, x, size, value);
}

function atEnds(math: LaneMath, x: Vector, size: Vector, value: Vector): Vector {
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

/**
 * For `lastZero` < x < 0. With x = f - n, |f| <= 1/2, Gamma(x) is Gamma(2 + f) / (f (1 + f) (f - 1) ... (f - n)),
 * NIST DLMF 5.5.1; f is exact, so that nothing cancels but the logarithms.
 */
function logGammaBetweenPoles(math: LaneMath, x: Vector): Vector {
  const { code } = math.context;
  const steps = math.negate(math.nearest(math.atLeast(x, lastZero)));
  const offset = math.add(math.atLeast(x, lastZero), steps);
  const divisor = multiplyPairs(
    math,
    productTo(math, steps, offset),
    multiplyBy(math, twoSum(math, 1, offset), offset),
  );
  const logarithm = logOfPair(math, absolutePair(math, divisor));
  const difference = addPairs(math, logGammaAtTwo(math, offset), negatePair(math, logarithm));
  const value = code.variable("v128", rounded(math, difference));
  const isSmall = math.less(math.absolute(value), small);
  code.if(math.any(isSmall), () => {
    // Below -2 the first row, then the zero above and that below each integer.
    const rowBelow = math.subtract(math.add(steps, steps), 4);
    const above = math.and(math.less(0, offset), math.vector(1));
    const row = math.select(isSmall, math.subtract(rowBelow, above), 0);
    code.assign(value, math.select(isSmall, aroundZero(math, x, logGammaZeros, row), value));
  });
  return value;
}

/** (1 - f) (2 - f) ... (n - f) */
function productTo(math: LaneMath, steps: Vector, offset: Vector): Pair {
  const { code } = math.context;
  const high = code.variable("v128", math.vector(1));
  const low = code.variable("v128", math.vector(0));
  const factor = code.variable("v128", math.vector(1));
  code.loop((again) => {
    const isLeft = math.lessOrEqual(factor, steps);
    const product = multiplyPairs(math, { high, low }, twoSum(math, factor, math.negate(offset)));
    code.assign(high, math.select(isLeft, product.high, high));
    code.assign(low, math.select(isLeft, product.low, low));
    code.assign(factor, math.add(factor, 1));
    code.branchIf(math.any(isLeft), again);
  });
  return { high, low };
}

function absolutePair(math: LaneMath, { high, low }: Pair): Pair {
  const sign = math.signOf(high);
  return { high: math.xor(high, sign), low: math.xor(low, sign) };
}

import { gamma } from "./gamma.js";
import type { LaneMath, Vector } from "./laneMath.js";
import { logOfPair } from "./logarithm.js";
import { addPairs, negatePair, type Pair, twoProduct, twoSum } from "./pairs.js";
import { pow } from "./power.js";
import { turnPi } from "./trigonometric.js";

// All in doubles.

/** B(2k) / (2k) for k = 1 ... 9: the asymptotic series of digamma, NIST DLMF 5.11.2. */
const digammaSeries = [
  0.08333333333333333, -0.008333333333333333, 0.003968253968253968, -0.004166666666666667,
  0.007575757575757576, -0.021092796092796094, 0.08333333333333333, -0.4432598039215686,
  3.0539543302701198,
];

/** B(2k) / (2k)! for k = 1 ... 12. */
const bernoulli = [
  0.08333333333333333, -0.001388888888888889, 3.306878306878307e-5, -8.267195767195768e-7,
  2.08767569878681e-8, -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13,
  8.586062056277845e-15, -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812522e-19,
];

interface PartialSum {
  readonly sum: Pair;
  /** Where the sum ended: x plus a whole number. */
  readonly from: Vector;
}

/** The sum of term(x), term(x + 1), ... below `end`. */
function sumUpTo(math: LaneMath, x: Vector, end: Vector, term: (at: Vector) => Pair): PartialSum {
  const { code } = math.context;
  const from = code.variable("v128", x);
  const high = code.variable("v128", math.vector(0));
  const low = code.variable("v128", math.vector(0));
  code.loop((again) => {
    const isBelow = math.less(from, end);
    const next = term(from);
    const sum = twoSum(math, high, math.and(isBelow, next.high));
    code.assign(high, sum.high);
    code.assign(low, math.add(low, math.add(sum.low, math.and(isBelow, next.low))));
    code.assign(from, math.add(from, math.and(isBelow, math.vector(1))));
    code.branchIf(math.any(isBelow), again);
  });
  // Infinite terms leave no rest.
  return { from, sum: { high, low: math.select(math.isNaN(low), 0, low) } };
}

/** 1 / x as a pair. */
function inverseOf(math: LaneMath, x: Vector): Pair {
  const high = math.divide(1, x);
  const product = twoProduct(math, high, x);
  const rest = math.subtract(math.subtract(1, product.high), product.low);
  // An infinite inverse leaves no rest.
  return { high, low: math.select(math.less(high, Infinity), math.multiply(rest, high), 0) };
}

/**
 * log x - 1 / (2 x) - series in 1 / x^2, carried up to 10 by psi(x + 1) = psi(x) + 1 / x; for x >
 * 0.
 */
function digammaOfPositive(math: LaneMath, x: Vector): Vector {
  const { from, sum } = sumUpTo(math, x, math.vector(10), (at) => inverseOf(math, at));
  const inverse = math.divide(1, from);
  const square = math.multiply(inverse, inverse);
  const series = math.multiply(math.polynomial(square, digammaSeries), square);
  const small = math.multiplyAdd(inverse, 0.5, series);
  const logarithm = logOfPair(math, { high: from, low: math.vector(0) });
  const difference = addPairs(math, logarithm, negatePair(math, sum));
  const value = math.add(difference.high, math.subtract(difference.low, small));
  const hasValue = math.and(math.less(sum.high, Infinity), math.less(from, Infinity));
  return math.select(hasValue, value, math.subtract(from, sum.high));
}

/** psi(x) = psi(1 - x) - pi cot(pi x), NIST DLMF 5.5.4, for x <= 0. */
function digamma(math: LaneMath, x: Vector): Vector {
  const isNegative = math.less(x, 0);
  const positive = math.select(isNegative, math.subtract(1, x), x);
  const value = digammaOfPositive(math, positive);
  const offset = math.subtract(x, math.nearest(x));
  const sine = turnPi(math, offset, 0);
  const cosine = turnPi(math, offset, 1);
  const cotangent = math.divide(math.add(cosine.high, cosine.low), math.add(sine.high, sine.low));
  return math.select(isNegative, math.subtractProduct(value, cotangent, Math.PI), value);
}

/** The orders that have a finite factorial are below. */
const mostSteps = 200;

/**
 * The sum over k of (k + x)^-s for x > 0 and s >= 2, by Euler and Maclaurin's formula, NIST DLMF
 * 25.11.5.
 */
function hurwitzZeta(math: LaneMath, s: Vector, x: Vector): Vector {
  const power = math.negate(s);
  const enough = math.atMost(math.atLeast(s, 12), mostSteps);
  const { from, sum } = sumUpTo(math, x, enough, (at) => ({
    high: callPow(math, at, power),
    low: math.vector(0),
  }));
  const term = callPow(math, from, power);
  const square = math.multiply(from, from);
  let series = math.vector(0);
  let factor = math.divide(s, from);
  for (const [position, coefficient] of bernoulli.entries()) {
    series = math.multiplyAdd(factor, coefficient, series);
    const k = 2 * position + 1;
    const next = math.multiply(math.add(s, k), math.add(s, k + 1));
    factor = math.divide(math.multiply(factor, next), square);
  }
  const whole = math.divide(from, math.subtract(s, 1));
  const rest = math.multiply(term, math.add(math.add(whole, 0.5), series));
  return math.select(math.equal(x, Infinity), 0, math.add(sum.high, math.add(sum.low, rest)));
}

function callPow(math: LaneMath, a: Vector, b: Vector): Vector {
  return math.callBinary("pow", a, b, pow);
}

/**
 * For negative x too: with d = x - nearest integer the sum over all integers k of (k + d)^-s is
 * d^-s + zeta(s, 1 + d) + (-1)^s zeta(s, 1 - d), from which those terms before x are left out.
 */
function zetaOfAny(math: LaneMath, s: Vector, x: Vector): Vector {
  const { code } = math.context;
  const zeta = (at: Vector) => math.callBinary("hurwitzZeta", s, at, hurwitzZeta);
  const isNegative = math.less(x, 0);
  const value = code.variable("v128", zeta(math.absolute(x)));
  code.if(math.any(isNegative), () => {
    const offset = math.subtract(x, math.nearest(x));
    const upper = math.add(callPow(math, offset, math.negate(s)), zeta(math.add(offset, 1)));
    const lower = math.subtract(
      zeta(math.subtract(1, offset)),
      zeta(math.subtract(1, math.select(isNegative, x, 0))),
    );
    const signed = math.select(isOdd(math, s), math.negate(lower), lower);
    code.assign(value, math.select(isNegative, math.add(upper, signed), value));
  });
  return value;
}

/**
 * The (n + 1)-th derivative of log Gamma: digamma for n = 0, else (-1)^(n + 1) n! zeta(n + 1, x),
 * NIST DLMF 25.11.12. NaN unless n is an integer >= 0. At the poles 0, -1, -2, ...: +inf for odd n,
 * NaN for even n.
 */
export function polygamma(math: LaneMath, n: Vector, x: Vector): Vector {
  const { code } = math.context;
  const isFirst = math.equal(n, 0);
  const value = code.variable("v128", math.vector(0));
  code.if(math.any(isFirst), () => code.assign(value, math.callUnary("digamma", x, digamma)));
  code.if(math.any(math.not(isFirst)), () => {
    const derivative = math.callBinary("digammaDerivative", n, x, digammaDerivative);
    code.assign(value, math.select(isFirst, value, derivative));
  });
  const isPole = math.and(math.lessOrEqual(x, 0), math.isInteger(x));
  const atPole = math.select(isOdd(math, n), Infinity, NaN);
  const isOrder = math.and(math.isInteger(n), math.lessOrEqual(0, n));
  const isDefined = math.and(isOrder, math.less(-Infinity, x));
  return math.select(isDefined, math.select(isPole, atPole, value), NaN);
}

function isOdd(math: LaneMath, n: Vector): Vector {
  return math.not(math.isInteger(math.multiply(n, 0.5)));
}

/** (-1)^(n + 1) n! zeta(n + 1, x) for n >= 1 */
function digammaDerivative(math: LaneMath, n: Vector, x: Vector): Vector {
  const s = math.add(n, 1);
  const size = math.multiply(math.callUnary("gamma", s, gamma), zetaOfAny(math, s, x));
  return math.select(isOdd(math, n), size, math.negate(size));
}

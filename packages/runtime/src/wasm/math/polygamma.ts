import { gamma } from "./gamma.js";
import type { LaneMath, Term, Vector } from "./laneMath.js";
import { logOfPair } from "./logarithm.js";
import {
  addPairs,
  addTo,
  constantPair,
  dividePairs,
  multiplyPairs,
  negatePair,
  type Pair,
  twoProduct,
  twoSum,
} from "./pairs.js";
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
  readonly from: Pair;
}

/** The sum of term(x), term(x + 1), ... below `end`; the term after the last one is asked for too. */
function sumUpTo(math: LaneMath, x: Vector, end: Term, term: (at: Pair) => Pair): PartialSum {
  const { code } = math.context;
  const steps = code.variable("v128", math.vector(0));
  const sum = variablePair(math);
  const from = variablePair(math);
  code.loop((again) => {
    const at = twoSum(math, x, steps);
    assignPair(math, from, { high: at.high, low: finiteOr(math, at.low, 0) });
    const isBelow = math.less(from.high, end);
    const next = term(from);
    const total = twoSum(math, sum.high, math.and(isBelow, next.high));
    const low = math.add(sum.low, math.add(total.low, math.and(isBelow, next.low)));
    assignPair(math, sum, { high: total.high, low });
    code.assign(steps, math.add(steps, math.and(isBelow, math.vector(1))));
    code.branchIf(math.any(isBelow), again);
  });
  // Infinite terms leave no rest.
  return { from, sum: { high: sum.high, low: finiteOr(math, sum.low, 0) } };
}

function variablePair(math: LaneMath): Pair {
  const zero = () => math.context.code.variable("v128", math.vector(0));
  return { high: zero(), low: zero() };
}

function assignPair({ context: { code } }: LaneMath, to: Pair, { high, low }: Pair): void {
  code.assign(to.high, high);
  code.assign(to.low, low);
}

/** x, or another number where it is infinite or NaN. */
function finiteOr(math: LaneMath, x: Vector, other: Term): Vector {
  return math.select(math.less(math.absolute(x), Infinity), x, other);
}

/** 1 / x */
function inverseOf(math: LaneMath, x: Pair): Pair {
  const high = math.divide(1, x.high);
  const product = twoProduct(math, high, x.high);
  const rest = math.subtract(math.subtract(1, product.high), product.low);
  const low = math.multiply(math.subtract(rest, math.multiply(high, x.low)), high);
  // An infinite inverse leaves no rest.
  return { high, low: finiteOr(math, low, 0) };
}

/** The product, also where it is infinite. */
function timesPair(math: LaneMath, a: Pair, b: Pair): Pair {
  const product = multiplyPairs(math, a, b);
  const high = math.multiply(a.high, b.high);
  const fits = math.less(math.absolute(high), Infinity);
  return { high: math.select(fits, product.high, high), low: math.select(fits, product.low, 0) };
}

/**
 * A number times a pair to the power of a whole number, by squaring. The number comes first, so that
 * a power too small for a double does not lose it.
 */
function timesPower(math: LaneMath, factor: Vector, base: Pair, exponent: Vector): Pair {
  const { code } = math.context;
  const result = variablePair(math);
  const square = variablePair(math);
  assignPair(math, result, { high: factor, low: math.vector(0) });
  assignPair(math, square, base);
  const left = code.variable("v128", exponent);
  code.loop((again) => {
    const half = math.floor(math.multiply(left, 0.5));
    const isOdd = math.less(math.add(half, half), left);
    const product = timesPair(math, result, square);
    assignPair(math, result, {
      high: math.select(isOdd, product.high, result.high),
      low: math.select(isOdd, product.low, result.low),
    });
    assignPair(math, square, timesPair(math, square, square));
    code.assign(left, half);
    code.branchIf(math.any(math.less(0, left)), again);
  });
  return result;
}

/**
 * log x - 1 / (2 x) - series in 1 / x^2, carried up to 10 by psi(x + 1) = psi(x) + 1 / x; for x >
 * 0.
 */
function digammaOfPositive(math: LaneMath, x: Vector): Vector {
  const { from, sum } = sumUpTo(math, x, 10, (at) => inverseOf(math, at));
  const inverse = math.divide(1, from.high);
  const square = math.multiply(inverse, inverse);
  const series = math.multiply(math.polynomial(square, digammaSeries), square);
  const small = math.multiplyAdd(inverse, 0.5, series);
  const logarithm = logOfPair(math, from);
  const difference = addPairs(math, logarithm, negatePair(math, sum));
  const value = math.add(difference.high, math.subtract(difference.low, small));
  const hasValue = math.and(math.less(sum.high, Infinity), math.less(from.high, Infinity));
  return math.select(hasValue, value, math.subtract(from.high, sum.high));
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
const mostOrders = 200;
/** How far beyond s the sum goes on, so that the terms of the series fall off. */
const margin = 10;

/**
 * (s - 1)! times the sum over k of (k + x)^-s for x > 0 and whole s >= 2, by Euler and Maclaurin's
 * formula, NIST DLMF 25.11.5. With a, where the sum ends, the rest is a^(1-s) (1 / (s-1) + (1/2 +
 * series) / a), which is there also where a^-s is too small for a double.
 */
function scaledZeta(math: LaneMath, s: Vector, x: Vector): Vector {
  const [inverse, power] = [variablePair(math), variablePair(math)];
  const less = math.subtract(math.atMost(s, mostOrders), 1);
  const factorial = callGamma(math, s);
  const { from, sum } = sumUpTo(math, x, math.add(less, margin + 1), (at) => {
    assignPair(math, inverse, inverseOf(math, at));
    assignPair(math, power, timesPower(math, factorial, inverse, less));
    return timesPair(math, power, inverse);
  });
  const square = math.multiply(inverse.high, inverse.high);
  let series = math.vector(0);
  let factor = math.multiply(s, inverse.high);
  for (const [position, coefficient] of bernoulli.entries()) {
    series = math.multiplyAdd(factor, coefficient, series);
    const k = 2 * position + 1;
    const next = math.multiply(math.add(s, k), math.add(s, k + 1));
    factor = math.multiply(math.multiply(factor, next), square);
  }
  const one = constantPair(math, 1, 0);
  const whole = dividePairs(math, one, { high: less, low: math.vector(0) });
  const half = { high: math.multiply(inverse.high, 0.5), low: math.multiply(inverse.low, 0.5) };
  const both = addTo(math, addPairs(math, whole, half), math.multiply(series, inverse.high));
  const total = addPairs(math, sum, timesPair(math, power, both));
  const value = math.select(math.less(sum.high, Infinity), total.high, sum.high);
  return math.select(math.equal(from.high, Infinity), 0, value);
}

/** (s - 1)! */
function callGamma(math: LaneMath, s: Vector): Vector {
  return math.callUnary("gamma", s, gamma);
}

function callPow(math: LaneMath, a: Vector, b: Vector): Vector {
  return math.callBinary("pow", a, b, pow);
}

/**
 * (s - 1)! zeta(s, x), for negative x too: with d = x - nearest integer the sum over all integers k of (k + d)^-s is
 * d^-s + zeta(s, 1 + d) + (-1)^s zeta(s, 1 - d), from which those terms before x are left out.
 */
function zetaOfAny(math: LaneMath, s: Vector, x: Vector): Vector {
  const { code } = math.context;
  const zeta = (at: Vector) => math.callBinary("scaledZeta", s, at, scaledZeta);
  const isNegative = math.less(x, 0);
  const value = code.variable("v128", zeta(math.absolute(x)));
  code.if(math.any(isNegative), () => {
    const offset = math.subtract(x, math.nearest(x));
    const term = math.multiply(callGamma(math, s), callPow(math, offset, math.negate(s)));
    const upper = math.add(term, zeta(math.add(offset, 1)));
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
  const size = zetaOfAny(math, s, x);
  return math.select(isOdd(math, n), size, math.negate(size));
}

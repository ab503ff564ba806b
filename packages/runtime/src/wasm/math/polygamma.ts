import { digamma } from "./digamma.js";
import { gamma } from "./gamma.js";
import type { LaneMath, Vector } from "./laneMath.js";
import { assignPair, inverseOf, sumUpTo, variablePair } from "./partialSums.js";
import {
  addPairs,
  addTo,
  constantPair,
  dividePairs,
  multiplyPairs,
  negatePair,
  type Pair,
  rounded,
  selectPair,
} from "./pairs.js";

// All in doubles.

/** B(2k) / (2k)! for k = 1 ... 12. */
const bernoulli = [
  0.08333333333333333, -0.001388888888888889, 3.306878306878307e-5, -8.267195767195768e-7,
  2.08767569878681e-8, -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13,
  8.586062056277845e-15, -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812522e-19,
];

/** What is smaller has no room for a second part. */
const smallestPair = 2 ** -1010;

/** The product, also where it is infinite or tiny. */
function timesPair(math: LaneMath, a: Pair, b: Pair): Pair {
  const product = multiplyPairs(math, a, b);
  const high = math.multiply(a.high, b.high);
  const size = math.absolute(high);
  const fits = math.and(math.less(size, Infinity), math.less(smallestPair, size));
  return { high: math.select(fits, product.high, high), low: math.select(fits, product.low, 0) };
}

/** A pair to the power of a whole number, by squaring. */
function powerOf(math: LaneMath, base: Pair, exponent: Vector): Pair {
  const { code } = math.context;
  const result = variablePair(math);
  const square = variablePair(math);
  assignPair(math, result, pairOf(math, math.vector(1)));
  assignPair(math, square, base);
  const left = code.variable("v128", exponent);
  code.loop((again) => {
    const half = math.floor(math.multiply(left, 0.5));
    const isOdd = math.less(math.add(half, half), left);
    const product = timesPair(math, result, square);
    assignPair(math, result, selectPair(math, isOdd, product, result));
    assignPair(math, square, timesPair(math, square, square));
    code.assign(left, half);
    code.branchIf(math.any(math.less(0, left)), again);
  });
  return result;
}

/**
 * A number times a pair to the power of a whole number: times half of the power, and again, so that a power too small
 * for a double does not lose the number.
 */
function timesPower(math: LaneMath, factor: Vector, base: Pair, exponent: Vector): Pair {
  const half = math.floor(math.multiply(exponent, 0.5));
  const root = powerOf(math, base, half);
  const even = timesPair(math, timesPair(math, pairOf(math, factor), root), root);
  const isOdd = math.less(math.add(half, half), exponent);
  return selectPair(math, isOdd, timesPair(math, even, base), even);
}

/** The orders that have a finite factorial are below. */
const mostOrders = 200;
/** How far beyond s the sum goes on, so that the terms of the series fall off. */
const margin = 10;

/**
 * (s - 1)! times the sum over k of (k + x)^-s for whole s >= 2, from k = `first` on, 0 or 1; by Euler and
 * Maclaurin's formula, NIST DLMF 25.11.5. With a, where the sum ends, the rest is a^(1-s) (1 / (s-1) + (1/2 +
 * series) / a), which is there also where a^-s is too small for a double.
 */
function scaledZeta(math: LaneMath, s: Vector, x: Vector, first: Vector): Pair {
  const [inverse, power] = [variablePair(math), variablePair(math)];
  const less = math.subtract(math.atMost(s, mostOrders), 1);
  const factorial = callGamma(math, s);
  const term = (at: Pair) => {
    assignPair(math, inverse, inverseOf(math, at));
    assignPair(math, power, timesPower(math, factorial, inverse, less));
    return timesPair(math, power, inverse);
  };
  const { from, sum } = sumUpTo(math, x, math.add(less, margin + 1), term, first);
  const square = math.multiply(inverse.high, inverse.high);
  let series = math.vector(0);
  let factor = math.multiply(s, inverse.high);
  for (const [position, coefficient] of bernoulli.entries()) {
    series = math.multiplyAdd(factor, coefficient, series);
    const k = 2 * position + 1;
    const next = math.multiply(math.add(s, k), math.add(s, k + 1));
    factor = math.multiply(math.multiply(factor, next), square);
  }
  const whole = dividePairs(math, constantPair(math, 1, 0), pairOf(math, less));
  const half = { high: math.multiply(inverse.high, 0.5), low: math.multiply(inverse.low, 0.5) };
  const both = addTo(math, addPairs(math, whole, half), math.multiply(series, inverse.high));
  const total = addPairs(math, sum, timesPair(math, power, both));
  const hasValue = math.less(math.absolute(sum.high), Infinity);
  const value = selectPair(math, hasValue, total, pairOf(math, sum.high));
  const isEnd = math.equal(from.high, Infinity);
  return selectPair(math, isEnd, pairOf(math, math.vector(0)), value);
}

function pairOf(math: LaneMath, high: Vector): Pair {
  return { high, low: math.vector(0) };
}

/** (s - 1)! */
function callGamma(math: LaneMath, s: Vector): Vector {
  return math.callUnary("gamma", s, gamma);
}

/**
 * (s - 1)! times the sum over k >= 0 of (k + x)^-s. For negative x, with d = x - nearest integer, the sum over all
 * integers k of (k + d)^-s is zeta(s, d) + (-1)^s zeta(s, 1 - d), from which the terms before x are left out,
 * (-1)^s zeta(s, 1 - x). They cancel, and so are added as pairs.
 */
function zetaOfAny(math: LaneMath, s: Vector, x: Vector): Vector {
  const { code } = math.context;
  const isNegative = math.less(x, 0);
  const offset = math.subtract(x, math.nearest(x));
  const value = variablePair(math);
  const upper = math.select(isNegative, offset, x);
  assignPair(math, value, scaledZeta(math, s, upper, math.vector(0)));
  code.if(math.any(isNegative), () => {
    const beyond = (from: Vector) =>
      scaledZeta(math, s, math.select(isNegative, math.negate(from), 1), math.vector(1));
    const signed = (pair: Pair, mask: Vector) =>
      selectPair(math, mask, negatePair(math, pair), pair);
    // In this order: next to the middle between two poles the first two cancel.
    const whole = addPairs(math, value, signed(beyond(offset), isOdd(math, s)));
    const sum = addPairs(math, whole, signed(beyond(x), math.not(isOdd(math, s))));
    const counts = math.and(isNegative, math.less(math.absolute(value.high), Infinity));
    assignPair(math, value, selectPair(math, counts, sum, value));
  });
  return rounded(math, value);
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

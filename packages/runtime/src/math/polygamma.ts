import { digamma } from "./digamma.js";
import { gamma } from "./gamma.js";
import {
  addPairs,
  addTo,
  dividePairs,
  negatePair,
  type Pair,
  pairOf,
  rounded,
  twoSum,
} from "./pairs.js";
import { inverseOf, timesPair, timesPower } from "./powers.js";

/** B(2k) / (2k)! for k = 1 ... 12. */
const bernoulli = [
  0.08333333333333333, -0.001388888888888889, 3.306878306878307e-5, -8.267195767195768e-7,
  2.08767569878681e-8, -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13,
  8.586062056277845e-15, -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812522e-19,
];
/** How far beyond s the sum goes on, so that the terms of the series fall off. */
const margin = 10;

/**
 * The (n + 1)-th derivative of log Gamma: digamma for n = 0, else (-1)^(n + 1) n! zeta(n + 1, x), NIST DLMF 25.11.12.
 * NaN unless n is an integer >= 0. At the poles 0, -1, -2, ...: +inf for odd n, NaN for even n, where the two sides
 * differ in sign.
 */
export function polygamma(n: number, x: number): number {
  if (!(Number.isInteger(n) && n >= 0) || Number.isNaN(x) || x === -Infinity) return NaN;
  if (x <= 0 && Number.isInteger(x)) return n % 2 === 1 ? Infinity : NaN;
  if (n === 0) return digamma(x);
  const size = rounded(x < 0 ? zetaBetweenPoles(n + 1, x) : scaledZeta(n + 1, x, 0));
  return n % 2 === 1 ? size : -size;
}

/**
 * (s - 1)! times the sum over k of (k + x)^-s for whole s >= 2, from k = `first` on, by Euler and Maclaurin's formula,
 * NIST DLMF 25.11.5. With a, where the sum ends, the rest is a^(1-s) (1 / (s-1) + (1/2 + series) / a), which is
 * there also where a^-s is too small for a double.
 */
function scaledZeta(s: number, x: number, first: number): Pair {
  if (x === Infinity) return pairOf(0);
  const factorial = gamma(s);
  let sum = pairOf(0);
  let from = twoSum(x, first);
  for (let steps = first + 1; from.high < s + margin; steps++) {
    const inverse = inverseOf(from);
    const term = timesPair(timesPower(factorial, inverse, s - 1), inverse);
    if (Math.abs(sum.high + term.high) === Infinity) return pairOf(sum.high + term.high);
    sum = addPairs(sum, term);
    from = twoSum(x, steps);
  }
  const inverse = inverseOf(from);
  const square = inverse.high * inverse.high;
  let series = 0;
  let factor = s * inverse.high;
  for (const [position, coefficient] of bernoulli.entries()) {
    series += factor * coefficient;
    const k = 2 * position + 1;
    factor *= (s + k) * (s + k + 1) * square;
  }
  const whole = dividePairs(pairOf(1), pairOf(s - 1));
  const half = { high: inverse.high * 0.5, low: inverse.low * 0.5 };
  const both = addTo(addPairs(whole, half), series * inverse.high);
  return addPairs(sum, timesPair(timesPower(factorial, inverse, s - 1), both));
}

/**
 * For negative x, with d = x - nearest integer, the sum over all integers k of (k + d)^-s is zeta(s, d) + (-1)^s
 * zeta(s, 1 - d), from which the terms before x are left out, (-1)^s zeta(s, 1 - x). In this order: next to the middle
 * between two poles the first two cancel.
 */
function zetaBetweenPoles(s: number, x: number): Pair {
  const offset = x - Math.round(x);
  const upper = scaledZeta(s, offset, 0);
  if (Math.abs(upper.high) === Infinity) return upper;
  const lower = scaledZeta(s, -offset, 1);
  const before = scaledZeta(s, -x, 1);
  const signed = (pair: Pair, isMinus: boolean) => (isMinus ? negatePair(pair) : pair);
  const whole = addPairs(upper, signed(lower, s % 2 === 1));
  return addPairs(whole, signed(before, s % 2 === 0));
}

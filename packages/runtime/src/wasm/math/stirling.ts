import type { LaneMath, Vector } from "./laneMath.js";
import { logOfPair } from "./logarithm.js";
import { addPairs, addTo, constantPair, multiplyBy, type Pair } from "./pairs.js";

/** Where Stirling's series has all digits. */
export const asymptotic = 23;

/** B(2k) / (2k (2k - 1)) for k = 1 ... 8: Stirling's series, NIST DLMF 5.11.1. */
const stirling = [
  0.08333333333333333, -0.002777777777777778, 0.0007936507936507937, -0.0005952380952380953,
  0.0008417508417508417, -0.0019175269175269176, 0.00641025641025641, -0.029550653594771242,
];
const halfLogTwoPi = [0.9189385332046728, -3.8782941580672414e-17] as const;

/** In doubles: log Gamma(x) = x (log x - 1) - log(x) / 2 + log(2 pi) / 2 + series in 1 / x, for x >= 23. */
export function logGammaOfLarge(math: LaneMath, x: Vector): Pair {
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

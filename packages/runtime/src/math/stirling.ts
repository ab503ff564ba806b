import { polynomial } from "./elementary.js";
import { logOfPair } from "./pairFunctions.js";
import { addPairs, addTo, multiplyBy, type Pair, pairOf } from "./pairs.js";

/** Where Stirling's series has all digits. */
export const asymptotic = 23;

/** B(2k) / (2k (2k - 1)) for k = 1 ... 8: Stirling's series, NIST DLMF 5.11.1. */
const stirling = [
  0.08333333333333333, -0.002777777777777778, 0.0007936507936507937, -0.0005952380952380953,
  0.0008417508417508417, -0.0019175269175269176, 0.00641025641025641, -0.029550653594771242,
];
const halfLogTwoPi = { high: 0.9189385332046728, low: -3.8782941580672414e-17 };

/** log Gamma(x) = x (log x - 1) - log(x) / 2 + log(2 pi) / 2 + series in 1 / x, for x >= 23. */
export function logGammaOfLarge(x: number): Pair {
  const logarithm = logOfPair(pairOf(x));
  const product = multiplyBy(addTo(logarithm, -1), x);
  const halfLog = { high: logarithm.high * -0.5, low: logarithm.low * -0.5 };
  const inverse = 1 / x;
  const rest = polynomial(stirling, inverse * inverse) * inverse;
  return addPairs(addPairs(product, halfLog), addTo(halfLogTwoPi, rest));
}

import { aroundZero } from "./aroundZero.js";
import { polynomial } from "./elementary.js";
import { logOfPair } from "./pairFunctions.js";
import { addPairs, addTo, type Pair, pairOf, rounded, subtractPairs, twoSum } from "./pairs.js";
import { inverseOf } from "./powers.js";
import { digammaZeros } from "./zeros.js";

/** B(2k) / (2k) for k = 1 ... 9: the asymptotic series of digamma, NIST DLMF 5.11.2. */
const series = [
  0.08333333333333333, -0.008333333333333333, 0.003968253968253968, -0.004166666666666667,
  0.007575757575757576, -0.021092796092796094, 0.08333333333333333, -0.4432598039215686,
  3.0539543302701198,
];
/** Where the series has all digits. */
const asymptotic = 10;
/** Below, the zeros between the poles are in no table. */
const lastZero = -32;
/** What is smaller follows from the zero next to it. */
const small = 2 ** -6;

/** log x - 1 / (2 x) - series in 1 / x^2, to 60 bits behind the point; x >= 10. */
function digammaOfLarge(x: Pair): Pair {
  const inverse = inverseOf(x);
  const square = inverse.high * inverse.high;
  const half = { high: inverse.high * 0.5, low: inverse.low * 0.5 };
  return subtractPairs(logOfPair(x), addTo(half, polynomial(series, square) * square));
}

/** Carried up by psi(x + 1) = psi(x) + 1 / x, from negative numbers as well. */
function digammaFrom(x: number): Pair {
  let sum = pairOf(0);
  let from = pairOf(x);
  for (let steps = 1; from.high < asymptotic; steps++) {
    sum = addPairs(sum, inverseOf(from));
    from = twoSum(x, steps);
  }
  return subtractPairs(digammaOfLarge(from), sum);
}

/** The derivative of log |Gamma|, but for its poles. */
export function digamma(x: number): number {
  if (x === Infinity) return x;
  // The sums of pairs overflow.
  if (Math.abs(x) < 2 ** -1000) return -1 / x;
  if (x < lastZero) return digammaOfFar(x);
  const value = rounded(digammaFrom(x));
  if (Math.abs(value) >= small) return value;
  // The first row is the positive zero, the others are those between 0, -1, -2, ...
  return aroundZero(x, digammaZeros[x < 0 ? 1 - Math.trunc(x) : 0]);
}

/**
 * For x < `lastZero`, where x = f + n, |f| <= 1/2: psi(1 - x) - pi cot(pi f) = psi(1 - x) - psi(1 - f) + psi(f), twice NIST
 * DLMF 5.5.4, as its sums are better than a cotangent. 1 - f is exact, as x has no bits below.
 */
function digammaOfFar(x: number): number {
  const offset = x - Math.round(x);
  const cotangent = subtractPairs(digammaFrom(1 - offset), digammaFrom(offset));
  return rounded(subtractPairs(digammaOfLarge(twoSum(1, -x)), cotangent));
}

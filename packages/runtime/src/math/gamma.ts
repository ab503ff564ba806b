import { gammaTail64 } from "./coefficients.js";
import { polynomial } from "./elementary.js";
import { expOfPair, roundedScaled, scaleByPower } from "./pairFunctions.js";
import {
  dividePairs,
  fastTwoSum,
  multiplyBy,
  multiplyPairs,
  type Pair,
  pairOf,
  rounded,
  twoSum,
} from "./pairs.js";
import { asymptotic, logGammaOfLarge } from "./stirling.js";

/** Gamma(x) is 1 / x to all digits below. */
const pole = 2 ** -60;

/**
 * The gamma function. As in C: +-inf at +-0, NaN at negative integers and -inf. Carried to [3/2, 5/2) by Gamma(x + 1) = x
 * Gamma(x), so that factorials up to 22! are exact; beyond e^(log Gamma(x)).
 */
export function gamma(x: number): number {
  if (Math.abs(x) < pole) return 1 / x;
  if (Number.isNaN(x) || x === -Infinity || (x < 0 && Number.isInteger(x))) return NaN;
  if (x > 171.7) return Infinity;
  // The largest value between the poles is below the smallest double.
  if (x < -184) return Math.floor(x) % 2 === 0 ? 0 : -0;
  if (x < 0) return gammaBetweenPoles(x);
  if (x > asymptotic) return roundedScaled(expOfPair(logGammaOfLarge(x)));
  let product = pairOf(1);
  let rest = x;
  while (rest >= 2.5) {
    rest -= 1;
    product = multiplyBy(product, rest);
  }
  if (rest >= 1.5) return rounded(multiplyPairs(product, gammaAtTwo(rest - 2)));
  const divisor = rest < 0.5 ? multiplyBy(twoSum(rest, 1), rest) : pairOf(rest);
  return rounded(dividePairs(gammaAtTwo(rest < 0.5 ? rest : rest - 1), divisor));
}

/** Gamma(2 + z) for |z| <= 1/2 */
function gammaAtTwo(z: number): Pair {
  return fastTwoSum(1, polynomial(gammaTail64, z) * z);
}

/** A factor of the product that is put aside where it grows too large. */
const aside = 600;

/** With x = f - n, |f| <= 1/2: Gamma(2 + f) / (f (1 + f) (f - 1) ... (f - n)). */
function gammaBetweenPoles(x: number): number {
  const steps = -Math.round(x);
  const offset = x + steps;
  let divisor = multiplyBy(twoSum(1, offset), offset);
  let power = 0;
  for (let step = 1; step <= steps; step++) {
    if (Math.abs(divisor.high) > 2 ** aside) {
      divisor = { high: divisor.high * 2 ** -aside, low: divisor.low * 2 ** -aside };
      power -= aside;
    }
    divisor = multiplyPairs(divisor, twoSum(offset, -step));
  }
  return scaleByPower(rounded(dividePairs(gammaAtTwo(offset), divisor)), power);
}

import { polynomial } from "./elementary.js";
import { addTo, multiplyPairs, rounded, twoSum } from "./pairs.js";

/**
 * A function next to one of its zeros, by the Taylor series in a row of `zeros.ts`. The zero is closer to x than a
 * factor of two, so that their distance is exact up to the zero's second part, and keeps its digits however small
 * it is.
 */
export function aroundZero(x: number, row: readonly number[] = []): number {
  const [high = 0, low = 0, first = 0, firstLow = 0, ...others] = row;
  const distance = twoSum(x - high, -low);
  const linear = multiplyPairs({ high: first, low: firstLow }, distance);
  const rest = polynomial(others, distance.high) * (distance.high * distance.high);
  return rounded(addTo(linear, rest));
}

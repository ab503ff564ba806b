import {
  absolute,
  type Big,
  big,
  compare,
  leadingExponent,
  shift,
  sign,
  subtract,
  toNumber,
} from "./precise/big.js";

/** Precision of a format: bits of the fraction, exponents of its normal numbers. */
export interface Precision {
  readonly fraction: number;
  readonly lowest: number;
  readonly highest: number;
}

export const single: Precision = { fraction: 23, lowest: -126, highest: 127 };
export const double: Precision = { fraction: 52, lowest: -1022, highest: 1023 };

/** Where infinity stands among the numbers: the next power of two. */
function bounded(value: number, { highest }: Precision): Big {
  if (Math.abs(value) !== Infinity) return big(value);
  return shift(big(Math.sign(value)), highest + 1);
}

/**
 * How far a result is from the true value, in units in the last place of the true value. Infinity counts as the power
 * of two after the largest number, as do all true values beyond.
 */
export function ulpsFrom(got: number, reference: Big, precision: Precision): number {
  if (Number.isNaN(got)) return Infinity;
  const end = shift(big(sign(reference)), precision.highest + 1);
  const isBeyond = compare(absolute(reference), absolute(end)) > 0;
  const wanted = isBeyond ? end : reference;
  const exponent = wanted.mantissa === 0n ? precision.lowest : leadingExponent(wanted);
  const unit =
    Math.max(Math.min(exponent, precision.highest), precision.lowest) - precision.fraction;
  const distance = absolute(subtract(bounded(got, precision), wanted));
  return toNumber(shift(distance, -unit));
}

/** The same for a single and a double that stands for the true value. */
export function singleUlpsFrom(got: number, reference: number): number {
  if (Object.is(got, reference) || Number.isNaN(reference))
    return Object.is(got, reference) ? 0 : Infinity;
  if (Number.isNaN(got)) return Infinity;
  const limit = 2 ** 128;
  const wanted = Math.max(-limit, Math.min(limit, reference));
  const value = Math.max(-limit, Math.min(limit, got));
  const size = Math.min(Math.max(Math.abs(wanted), 2 ** -126), 2 ** 127);
  const exponent = Math.floor(Math.log2(size));
  // log2 may round up to a power of two.
  const unit = 2 ** ((2 ** exponent > size ? exponent - 1 : exponent) - 23);
  return Math.abs(value - wanted) / unit;
}

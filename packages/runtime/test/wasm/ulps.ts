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
 * How far a result is from the true value, in units in the last place of the true value. Infinity
 * counts as the power of two after the largest number, as do all true values beyond.
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

// Under jest a global costs a look-up in another context each time, which counts in sweeps.
const { abs, floor, log2, max, min } = Math;
const { is } = Object;
const isUndefined = Number.isNaN;
const infinity = Infinity;

/** The same for a single and a double that stands for the true value. */
export function singleUlpsFrom(got: number, reference: number): number {
  if (is(got, reference)) return 0;
  if (isUndefined(got) || isUndefined(reference)) return infinity;
  const limit = 2 ** 128;
  const wanted = max(-limit, min(limit, reference));
  const value = max(-limit, min(limit, got));
  const size = min(max(abs(wanted), 2 ** -126), 2 ** 127);
  const exponent = floor(log2(size));
  // log2 may round up to a power of two.
  const unit = 2 ** ((2 ** exponent > size ? exponent - 1 : exponent) - 23);
  return abs(value - wanted) / unit;
}

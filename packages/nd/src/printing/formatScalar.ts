import { decimalDigits, type FloatDType, shortest } from "./decimalDigits.js";
import { nonFiniteText, positionalText, scientificText, signOf } from "./decimalText.js";

/**
 * `str(x)` of a numpy float: shortest digits, with an exponent below 1e-4 and from 1e16 on.
 *
 * Source: `numpy/core/src/multiarray/scalartypes.c.src` of numpy 1.23.
 *
 * @example
 * ```ts
 * formatScalar(5, "float32"); // "5.0"
 * ```
 */
export function formatScalar(value: number, dtype: FloatDType): string {
  if (!Number.isFinite(value)) return nonFiniteText(value);
  const size = Math.abs(value);
  const decimal = decimalDigits(size, dtype, shortest);
  if (size === 0 || (size >= 1e-4 && size < 1e16)) {
    const { whole, fraction } = positionalText(signOf(value), decimal);
    return `${whole}.${fraction || "0"}`;
  }
  const text = scientificText(signOf(value), decimal);
  const point = text.fraction === "" ? "" : ".";
  return `${text.whole}${point}${text.fraction}e${text.exponentSign}${text.exponentDigits}`;
}

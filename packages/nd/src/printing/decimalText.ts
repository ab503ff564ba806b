import type { Decimal } from "./decimalDigits.js";

/** A number's text around its decimal point; either side may be padded. */
export interface DecimalText {
  /** With the sign, if it is negative. */
  readonly whole: string;
  /** Without trailing zeros; empty for a whole number. */
  readonly fraction: string;
}

/** `12` and `5` for 12.5. */
export function positionalText(sign: string, { digits, exponent }: Decimal): DecimalText {
  if (exponent < 0) {
    return { whole: `${sign}0`, fraction: trimZeros("0".repeat(-exponent - 1) + digits) };
  }
  const wholes = exponent + 1;
  return {
    whole: sign + digits.slice(0, wholes).padEnd(wholes, "0"),
    fraction: trimZeros(digits.slice(wholes)),
  };
}

/** `1`, `25` and the exponent's sign and digits for 12.5. */
export function scientificText(
  sign: string,
  { digits, exponent }: Decimal,
): DecimalText & { readonly exponentSign: string; readonly exponentDigits: string } {
  return {
    whole: sign + digits.slice(0, 1),
    fraction: trimZeros(digits.slice(1)),
    exponentSign: exponent < 0 ? "-" : "+",
    exponentDigits: String(Math.abs(exponent)).padStart(2, "0"),
  };
}

/** `-` for negative numbers and negative zero. */
export function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

/** numpy's names of the numbers that have no digits. */
export function nonFiniteText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  return value < 0 ? "-inf" : "inf";
}

function trimZeros(fraction: string): string {
  return fraction.replace(/0+$/, "");
}

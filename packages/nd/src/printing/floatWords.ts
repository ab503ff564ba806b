import { alignRight, longest } from "./alignRight.js";
import { decimalDigits, type FloatDType } from "./decimalDigits.js";
import { nonFiniteText, positionalText, scientificText, signOf } from "./decimalText.js";

/** numpy's print option: most digits behind the decimal point. */
const precision = 8;

/**
 * The words of an array of numbers: one notation for all, the same length behind each decimal
 * point, aligned right.
 *
 * Source: `FloatingFormat` of numpy 1.23, `numpy/core/arrayprint.py`.
 */
export function floatWords(values: readonly number[], dtype: FloatDType): string[] {
  const finite = values.filter(Number.isFinite);
  const write = needsExponent(finite, dtype)
    ? scientificWriter(finite, dtype)
    : positionalWriter(finite, dtype);
  return alignRight(
    values.map((value) => (Number.isFinite(value) ? write(value) : nonFiniteText(value))),
  );
}

function needsExponent(finite: readonly number[], dtype: FloatDType): boolean {
  const sizes = finite.filter((value) => value !== 0).map(Math.abs);
  if (sizes.length === 0) return false;
  const largest = sizes.reduce((a, b) => Math.max(a, b));
  const smallest = sizes.reduce((a, b) => Math.min(a, b));
  return largest >= 1e8 || smallest < 1e-4 || ratioExceeds1000[dtype](largest / smallest);
}

/**
 * numpy rounds the ratio to the array's dtype. Halves near 1000 lie 0.5 apart, and 1000.25 rounds
 * to the even one, 1000.
 */
const ratioExceeds1000: { readonly [D in FloatDType]: (ratio: number) => boolean } = {
  float16: (ratio) => Math.fround(ratio) > 1000.25,
  float32: (ratio) => Math.fround(ratio) > 1000,
  float64: (ratio) => ratio > 1000,
};

type Writer = (value: number) => string;

function positionalWriter(finite: readonly number[], dtype: FloatDType): Writer {
  const textOf = (value: number) => {
    // 0 digits behind the point at least: whole parts have all their digits, 65504 and not 65500.
    const range = { counted: "fraction", least: 0, most: precision } as const;
    return positionalText(signOf(value), decimalDigits(Math.abs(value), dtype, range));
  };
  const places = longest(finite.map((value) => textOf(value).fraction));
  return (value) => {
    const { whole, fraction } = textOf(value);
    return `${whole}.${fraction.padEnd(places)}`;
  };
}

/**
 * Fractions are as long as the longest of the shortest ones; digits beyond the shortest are exact.
 */
function scientificWriter(finite: readonly number[], dtype: FloatDType): Writer {
  const textOf = (value: number, least: number, most: number) => {
    const range = { counted: "all", least: least + 1, most: most + 1 } as const;
    return scientificText(signOf(value), decimalDigits(Math.abs(value), dtype, range));
  };
  const texts = finite.map((value) => textOf(value, 0, precision));
  const places = longest(texts.map(({ fraction }) => fraction));
  const columns = longest(texts.map(({ exponentDigits }) => exponentDigits));
  return (value) => {
    const { whole, fraction, exponentSign, exponentDigits } = textOf(value, places, places);
    const exponent = exponentSign + exponentDigits.padStart(columns, "0");
    return `${whole}.${fraction.padEnd(places, "0")}e${exponent}`;
  };
}

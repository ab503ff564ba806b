import { type DigitRange, decimalDigits, type FloatDType } from "./decimalDigits.js";
import { nonFiniteText, positionalText, scientificText, signOf } from "./decimalText.js";

/** numpy's print option `precision`: most digits behind the decimal point. */
const precision = 8;

/** How the finite numbers of one array are written. */
interface Notation {
  /** Columns before the decimal point, and behind it. */
  readonly left: number;
  readonly right: number;
  write(value: number, left: number): string;
}

/**
 * The words of an array of numbers: one notation for all, decimal points under each other, right sides
 * filled with spaces, or with digits if exponents follow.
 *
 * Source: `FloatingFormat` of numpy 1.23, `numpy/core/arrayprint.py`.
 */
export function floatWords(values: readonly number[], dtype: FloatDType): string[] {
  const finite = values.filter(Number.isFinite);
  const notation = needsExponent(finite, dtype)
    ? scientificNotation(finite, dtype)
    : positionalNotation(finite, dtype);
  const left = Math.max(notation.left, nonFiniteWidth(values) - notation.right - 1);
  const width = left + 1 + notation.right;
  return values.map((value) =>
    Number.isFinite(value) ? notation.write(value, left) : nonFiniteText(value).padStart(width),
  );
}

/** Columns that the numbers without digits need; 0 if there are none. */
function nonFiniteWidth(values: readonly number[]): number {
  return longest(values.filter((value) => !Number.isFinite(value)).map(nonFiniteText));
}

function needsExponent(finite: readonly number[], dtype: FloatDType): boolean {
  const sizes = finite.filter((value) => value !== 0).map(Math.abs);
  if (sizes.length === 0) return false;
  const largest = sizes.reduce((a, b) => Math.max(a, b));
  const smallest = sizes.reduce((a, b) => Math.min(a, b));
  return largest >= 1e8 || smallest < 1e-4 || ratioExceeds1000[dtype](largest / smallest);
}

/** numpy rounds the ratio to the array's dtype: halves from 1000 on lie 0.5 apart, so 1000.25 becomes 1000. */
const ratioExceeds1000: { readonly [D in FloatDType]: (ratio: number) => boolean } = {
  float16: (ratio) => Math.fround(ratio) > 1000.25,
  float32: (ratio) => Math.fround(ratio) > 1000,
  float64: (ratio) => ratio > 1000,
};

/**
 * Widths come from the shortest digits, but words have all digits of the whole part: 65504 in float16 is
 * told from its neighbours by `655` and written `65504.`.
 */
function positionalNotation(finite: readonly number[], dtype: FloatDType): Notation {
  const text = (value: number, least: number) => {
    const range: DigitRange = { counted: "fraction", least, most: precision };
    return positionalText(signOf(value), decimalDigits(Math.abs(value), dtype, range));
  };
  const texts = finite.map((value) => text(value, -Infinity));
  const right = longest(texts.map(({ fraction }) => fraction));
  return {
    left: longest(texts.map(({ whole }) => whole)),
    right,
    write(value, left) {
      const { whole, fraction } = text(value, 0);
      return `${whole.padStart(left)}.${fraction.padEnd(right)}`;
    },
  };
}

/** All fractions are as long as the longest of the shortest ones; digits beyond the shortest are exact. */
function scientificNotation(finite: readonly number[], dtype: FloatDType): Notation {
  const text = (value: number, least: number, most: number) => {
    const range: DigitRange = { counted: "all", least: least + 1, most: most + 1 };
    return scientificText(signOf(value), decimalDigits(Math.abs(value), dtype, range));
  };
  const texts = finite.map((value) => text(value, 0, precision));
  const digits = longest(texts.map(({ fraction }) => fraction));
  const columns = longest(texts.map(({ exponentDigits }) => exponentDigits));
  return {
    left: longest(texts.map(({ whole }) => whole)),
    right: digits + 2 + columns,
    write(value, left) {
      const { whole, fraction, exponentSign, exponentDigits } = text(value, digits, digits);
      const exponent = exponentSign + exponentDigits.padStart(columns, "0");
      return `${whole.padStart(left)}.${fraction.padEnd(digits, "0")}e${exponent}`;
    },
  };
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}

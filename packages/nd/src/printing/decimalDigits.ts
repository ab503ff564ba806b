/** The dtypes of numbers with a binary fraction. */
export type FloatDType = "float16" | "float32" | "float64";

/** A number as `d.ddd * 10 ** exponent`; `digits` leaves the point out. */
export interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

/** Where digits end. */
export interface DigitRange {
  /** Whether all digits are counted, or only those behind the decimal point. */
  readonly counted: "all" | "fraction";
  /** Written even if fewer tell the number from its neighbours. */
  readonly least: number;
  /** Where the number is rounded, even if its neighbours then look the same. */
  readonly most: number;
}

/** As few digits as tell a number from its neighbours of the same dtype. */
export const shortest: DigitRange = { counted: "all", least: 0, most: Infinity };

/** Bits of the significand with its leading one, and the power of two of the smallest number. */
const formats: {
  readonly [D in FloatDType]: { readonly bits: number; readonly smallest: number };
} = {
  float16: { bits: 11, smallest: -24 },
  float32: { bits: 24, smallest: -149 },
  float64: { bits: 53, smallest: -1074 },
};

/** A number and half its distances to the numbers below and above it, all times `one`. */
interface Scaled {
  readonly value: bigint;
  readonly below: bigint;
  readonly above: bigint;
  readonly one: bigint;
  /** What lies half way to a neighbour is read back as the number with the even significand. */
  readonly even: boolean;
}

/**
 * Digits of `size`, a finite number of `dtype` that is at least 0. They end where they tell it from
 * its neighbours of the same dtype, but within `range`: digits beyond the shortest are those of the
 * exact binary value. The last digit is rounded to nearest, ties to even, unless only one of its
 * two choices tells the number apart. Zero is the digit `0`. At least one digit is written, even
 * where `range` allows none.
 *
 * Source: Dragon4, the free-format algorithm of Steele and White, "How to print floating-point
 * numbers accurately" (1990), in the form that numpy uses.
 *
 * @example
 * ```ts
 * decimalDigits(Math.fround(0.1), "float32", shortest); // { digits: "1", exponent: -1 }
 * ```
 */
export function decimalDigits(size: number, dtype: FloatDType, range: DigitRange): Decimal {
  if (size === 0) return { digits: "0", exponent: 0 };
  const { exponent, scaled } = leadingDigit(scale(size, dtype), Math.floor(Math.log10(size)));
  const { one, even } = scaled;
  const digits: bigint[] = [];
  for (let { value, below, above } = scaled; ; value *= 10n, below *= 10n, above *= 10n) {
    const digit = value / one;
    value -= digit * one;
    digits.push(digit);
    const down = even ? value <= below : value < below;
    const up = even ? value + above >= one : value + above > one;
    const count = range.counted === "all" ? digits.length : digits.length - 1 - exponent;
    if (((down || up) && count >= range.least) || count >= range.most) {
      const nearerUp = 2n * value > one || (2n * value === one && digit % 2n === 1n);
      const roundUp = down === up ? nearerUp : up;
      return roundUp ? increment(digits, exponent) : { digits: digits.join(""), exponent };
    }
  }
}

function scale(size: number, dtype: FloatDType): Scaled {
  const { bits, smallest } = formats[dtype];
  const power = Math.max(binaryExponent(size) - bits + 1, smallest);
  // In two steps, as 2 ** -power may overflow.
  const half = Math.trunc(power / 2);
  const significand = BigInt(size * 2 ** -half * 2 ** (half - power));
  const step = 1n << BigInt(Math.max(power, 0));
  // Below a power of two numbers lie twice as dense, unless that is the densest they get.
  const denserBelow = significand === 1n << BigInt(bits - 1) && power > smallest;
  return {
    value: 4n * step * significand,
    below: denserBelow ? step : 2n * step,
    above: 2n * step,
    one: 4n << BigInt(Math.max(-power, 0)),
    even: significand % 2n === 0n,
  };
}

/** floor(log2 size); for subnormal float64, anything below -1022. */
function binaryExponent(size: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, size);
  return (bits.getUint16(0) >> 4) - 1023;
}

/** Takes out the power of ten that leaves `1 <= value < 10`; `guess` may be one off. */
function leadingDigit(given: Scaled, guess: number): { exponent: number; scaled: Scaled } {
  const scaled = divideByPowerOf10(given, guess);
  const { value, one } = scaled;
  if (value < one) return { exponent: guess - 1, scaled: divideByPowerOf10(given, guess - 1) };
  if (value >= 10n * one) {
    return { exponent: guess + 1, scaled: divideByPowerOf10(given, guess + 1) };
  }
  return { exponent: guess, scaled };
}

function divideByPowerOf10(scaled: Scaled, exponent: number): Scaled {
  const factor = 10n ** BigInt(Math.abs(exponent));
  if (exponent >= 0) return { ...scaled, one: scaled.one * factor };
  return {
    ...scaled,
    value: scaled.value * factor,
    below: scaled.below * factor,
    above: scaled.above * factor,
  };
}

/** One more in the last place. The zeros that nines turn into are left out. */
function increment(digits: readonly bigint[], exponent: number): Decimal {
  const text = digits.join("");
  const kept = text.replace(/9+$/, "");
  if (kept === "") return { digits: "1", exponent: exponent + 1 };
  return { digits: kept.slice(0, -1) + String(Number(kept.slice(-1)) + 1), exponent };
}

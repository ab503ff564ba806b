/**
 * The float16 nearest to `value` as 16 raw bits, ties to even; too large becomes infinity. IEEE
 * 754-2019, 4.3.1.
 */
export function encodeHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  // 65520 lies half way between the largest half, 65504, and what would follow it.
  if (size >= 65520) return sign | 0x7c00;
  // Below 2^-14 halves are multiples of 2^-24; a carry out of the fraction lands in the exponent,
  // as it should.
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  const exponent = exponentOf(size);
  const fraction = roundToEven((size / 2 ** exponent - 1) * 1024);
  return sign | (((exponent + 15) << 10) + fraction);
}

/** The value of the last bit of a fraction, by biased exponent. */
const lastBits = Float64Array.from({ length: 31 }, (_, e) => 2 ** (Math.max(e, 1) - 25));

/**
 * The number that the 16 raw bits of a float16 stand for. IEEE 754-2019, 3.4.
 *
 * @example
 * ```ts
 * decodeHalf(0x3c00); // 1
 * ```
 */
export function decodeHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const unit = lastBits[exponent];
  if (unit === undefined) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction : 1024 + fraction) * unit;
}

/** `value` rounded to float16. */
export function roundToHalf(value: number): number {
  return decodeHalf(encodeHalf(value));
}

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest > 0.5 || (rest === 0.5 && floor % 2 === 1)) return floor + 1;
  return floor;
}

/** floor(log2 x), exactly: `Math.log2` may round across a power of two. */
function exponentOf(x: number): number {
  const guess = Math.floor(Math.log2(x));
  if (2 ** guess > x) return guess - 1;
  return 2 ** (guess + 1) <= x ? guess + 1 : guess;
}

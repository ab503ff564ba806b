const { fround } = Math;

/**
 * The float32 that MXNet makes of a number: numbers reach it as decimal text, of which it reads the
 * part before the point and the fraction apart and rounds their sum, so that 1.43 becomes the float
 * above the nearest one. The nearest float for numbers below 1, and for integers up to 2^24.
 */
export function decimalFloat(value: number): number {
  if (!Number.isFinite(value)) return value;
  const size = Math.abs(value);
  // Python writes exponents outside of these bounds.
  const scaled = size !== 0 && (size < 1e-4 || size >= 1e16);
  const [mantissa = "0", exponent = "0"] = (scaled ? size.toExponential() : String(size)).split(
    "e",
  );
  const [whole = "0", fraction = ""] = mantissa.split(".");
  let read = 0;
  for (const digit of whole) read = fround(fround(read * 10) + Number(digit));
  if (fraction !== "") read = fround(read + fround(Number(fraction) / 10 ** fraction.length));
  const power = powerOfTen(Math.abs(Number(exponent)));
  read = Number(exponent) < 0 ? fround(read / power) : fround(read * power);
  return value < 0 ? -read : read;
}

/** `10**exponent` in float32, as a product of factors up to 1e8. */
function powerOfTen(exponent: number): number {
  let [power, left] = [1, exponent];
  for (; left >= 8; left -= 8) power = fround(power * 1e8);
  for (; left > 0; left--) power = fround(power * 10);
  return power;
}

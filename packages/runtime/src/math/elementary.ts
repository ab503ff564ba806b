/** -1, 0 or 1. MXNet's choice for NaN is 0. */
export function sign(x: number): number {
  if (x > 0) return 1;
  return x < 0 ? -1 : 0;
}

/** The nearest integer, halves away from zero. */
export function roundHalfAway(x: number): number {
  // The largest double below a half: adding a half itself would carry 0.49999999999999994 up to 1.
  return Math.trunc(x + (x < 0 ? -0.49999999999999994 : 0.49999999999999994));
}

/** The nearest integer, halves down: 2.5 -> 2, -2.5 -> -3. */
export function rint(x: number): number {
  const whole = Math.trunc(x);
  // Exact, unlike x - floor(x) for small negative x.
  const rest = x - whole;
  if (rest > 0.5) return whole + 1;
  return rest <= -0.5 ? whole - 1 : whole;
}

/** Remainder with the sign of the divisor; 0 for divisor 0. */
export function mod(a: number, b: number): number {
  if (b === 0) return 0;
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** 1 / (1 + e^-x) without overflow; the rounding of 1 + e^x corrects the quotient. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const power = Math.exp(x);
  const sum = 1 + power;
  const quotient = power / sum;
  return quotient - (quotient * (power - (sum - 1))) / sum;
}

/** (e^2x - 1) / (e^2x + 1), likewise, which engines have within three units only. */
export function tanh(x: number): number {
  const size = Math.abs(x);
  // Beyond 20 the result is 1.
  const excess = Math.expm1(2 * Math.min(size, 20));
  const value = size < 1 ? overTwoMore(excess) : 1 - 2 / (excess + 2);
  return x < 0 || Object.is(x, -0) ? -value : value;
}

/** x / (x + 2) */
function overTwoMore(x: number): number {
  const sum = x + 2;
  const lost = x < 2 ? x - (sum - 2) : 2 - (sum - x);
  const quotient = x / sum;
  return quotient - (quotient * lost) / sum;
}

/** sin(pi x), exact at multiples of a half. */
export function sinPi(x: number): number {
  const turns = x % 2;
  const size = Math.abs(turns);
  const flip = turns < 0 ? -1 : 1;
  if (size <= 0.25) return flip * Math.sin(Math.PI * size);
  if (size <= 0.75) return flip * Math.cos(Math.PI * (0.5 - size));
  if (size <= 1.25) return flip * Math.sin(Math.PI * (1 - size));
  if (size <= 1.75) return -flip * Math.cos(Math.PI * (1.5 - size));
  return flip * Math.sin(Math.PI * (size - 2));
}

/** The value of a polynomial at x, lowest power first. */
export function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) value = value * x + (coefficients[i] ?? 0);
  return value;
}

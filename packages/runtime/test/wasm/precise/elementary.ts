import {
  absolute,
  add,
  type Big,
  big,
  compare,
  divide,
  leadingExponent,
  multiply,
  negate,
  scaled,
  shift,
  sign,
  squareRoot,
  subtract,
  toNumber,
} from "./big.js";

const one = big(1);

/** Enough for x mod pi with x up to 2^1024. */
const circleBits = 1400;
const circle = circleRatio(circleBits);

/** pi * 2^bits by Machin's formula: 16 atan(1/5) - 4 atan(1/239). */
function circleRatio(bits: number): bigint {
  const guard = 32;
  const unit = 1n << BigInt(bits + guard);
  const inverseTangent = (n: bigint) => {
    let power = unit / n;
    let sum = power;
    for (let k = 3n; power !== 0n; k += 2n) {
      power /= -n * n;
      sum += power / k;
    }
    return sum;
  };
  return (16n * inverseTangent(5n) - 4n * inverseTangent(239n)) >> BigInt(guard);
}

export const pi: Big = scaled(circle, -circleBits);

/** Sum of terms until they no longer count. `next(term, k)` gives term k from term k - 1. */
export function series(first: Big, next: (term: Big, k: number) => Big): Big {
  let term = first;
  let sum = first;
  for (let k = 1; term.mantissa !== 0n; k++) {
    term = next(term, k);
    sum = add(sum, term);
    if (term.mantissa !== 0n && leadingExponent(term) < leadingExponent(sum) - 200) break;
  }
  return sum;
}

/** 2 atanh(x) for |x| well below 1. */
function twiceAtanh(x: Big): Big {
  const square = multiply(x, x);
  let power = x;
  let sum = x;
  for (let k = 3; power.mantissa !== 0n; k += 2) {
    power = multiply(power, square);
    const term = divide(power, big(k));
    if (term.mantissa === 0n || leadingExponent(term) < leadingExponent(sum) - 200) break;
    sum = add(sum, term);
  }
  return shift(sum, 1);
}

/** log 2 = 2 atanh(1/3). */
export const logOf2: Big = twiceAtanh(divide(one, big(3)));

export function exp(x: Big): Big {
  if (leadingExponentOrLess(x) < -220) return add(one, x);
  const power = Math.round(toNumber(x) / Math.LN2);
  const rest = shift(subtract(x, multiply(big(power), logOf2)), -8);
  let value = series(one, (term, k) => divide(multiply(term, rest), big(k)));
  for (let i = 0; i < 8; i++) value = multiply(value, value);
  return shift(value, power);
}

/** The leading exponent, or less than any for 0. */
export function leadingExponentOrLess(x: Big): number {
  return x.mantissa === 0n ? -1e9 : leadingExponent(x);
}

export function expm1(x: Big): Big {
  if (leadingExponentOrLess(x) > -4) return subtract(exp(x), one);
  return series(x, (term, k) => divide(multiply(term, x), big(k + 1)));
}

/** The double's logarithm is corrected by log(x e^-y), whose argument is next to 1. */
export function log(x: Big): Big {
  const power = leadingExponent(x);
  const reduced = shift(x, -power);
  if (compare(reduced, one) === 0) return multiply(big(power), logOf2);
  const guess = big(Math.log(toNumber(reduced)));
  const rest = subtract(multiply(reduced, exp(negate(guess))), one);
  const near = add(guess, log1p(rest));
  return power === 0 ? near : add(near, multiply(big(power), logOf2));
}

export function log1p(x: Big): Big {
  if (leadingExponentOrLess(x) > -5) return log(add(one, x));
  return twiceAtanh(divide(x, add(big(2), x)));
}

interface Reduced {
  readonly quadrant: number;
  readonly rest: Big;
}

/** x - quadrant pi / 2 */
function reduce(x: Big): Reduced {
  if (leadingExponentOrLess(x) < -100) return { quadrant: 0, rest: x };
  const position = x.exponent + circleBits;
  const value = position >= 0 ? x.mantissa << BigInt(position) : x.mantissa >> BigInt(-position);
  // In units of pi / 2, rounded: floor(value / (pi / 2) + 1 / 2).
  const doubled = 4n * value + circle;
  let turns = doubled / (2n * circle);
  if (turns * 2n * circle > doubled) turns -= 1n;
  const rest = scaled(2n * value - turns * circle, -circleBits - 1);
  return { quadrant: Number(((turns % 4n) + 4n) % 4n), rest };
}

function sinSeries(x: Big): Big {
  const square = negate(multiply(x, x));
  return series(x, (term, k) => divide(multiply(term, square), big(2 * k * (2 * k + 1))));
}

function cosSeries(x: Big): Big {
  const square = negate(multiply(x, x));
  return series(one, (term, k) => divide(multiply(term, square), big(2 * k * (2 * k - 1))));
}

export function sin(x: Big): Big {
  const { quadrant, rest } = reduce(x);
  const value = quadrant % 2 === 0 ? sinSeries(rest) : cosSeries(rest);
  return quadrant >= 2 ? negate(value) : value;
}

export function cos(x: Big): Big {
  const { quadrant, rest } = reduce(x);
  const value = quadrant % 2 === 0 ? cosSeries(rest) : sinSeries(rest);
  return quadrant === 1 || quadrant === 2 ? negate(value) : value;
}

export function tan(x: Big): Big {
  return divide(sin(x), cos(x));
}

/** The double's arctangent y is corrected by atan((x - tan y) / (1 + x tan y)). */
export function atan(x: Big): Big {
  if (x.mantissa === 0n) return x;
  if (compare(absolute(x), one) > 0) {
    const rest = atan(divide(one, x));
    const quarter = shift(pi, -1);
    return subtract(sign(x) < 0 ? negate(quarter) : quarter, rest);
  }
  const double = toNumber(x);
  // A denormal holds few digits: there x itself is closer.
  const guess = Math.abs(double) < 1e-30 ? x : big(Math.atan(double));
  const tangent = tan(guess);
  const t = divide(subtract(x, tangent), add(one, multiply(x, tangent)));
  const cube = multiply(t, multiply(t, t));
  return subtract(add(guess, t), divide(cube, big(3)));
}

export function asin(x: Big): Big {
  const other = squareRoot(multiply(subtract(one, x), add(one, x)));
  if (other.mantissa === 0n) return sign(x) < 0 ? negate(shift(pi, -1)) : shift(pi, -1);
  return atan(divide(x, other));
}

export function acos(x: Big): Big {
  const below = add(one, x);
  if (below.mantissa === 0n) return pi;
  return shift(atan(squareRoot(divide(subtract(one, x), below))), 1);
}

/** The angle of the point (x, y), not both 0. */
export function atan2(y: Big, x: Big): Big {
  if (x.mantissa === 0n) return sign(y) < 0 ? negate(shift(pi, -1)) : shift(pi, -1);
  const angle = atan(divide(y, x));
  if (sign(x) > 0) return angle;
  return sign(y) < 0 ? subtract(angle, pi) : add(angle, pi);
}

export function sinh(x: Big): Big {
  if (leadingExponentOrLess(x) < -4) {
    const square = multiply(x, x);
    return series(x, (term, k) => divide(multiply(term, square), big(2 * k * (2 * k + 1))));
  }
  const power = exp(x);
  return shift(subtract(power, divide(one, power)), -1);
}

export function cosh(x: Big): Big {
  const power = exp(x);
  return shift(add(power, divide(one, power)), -1);
}

/** (e^2x - 1) / (e^2x + 1) */
export function tanh(x: Big): Big {
  const power = expm1(shift(x, 1));
  return divide(power, add(power, big(2)));
}

export function asinh(x: Big): Big {
  const size = absolute(x);
  const square = multiply(size, size);
  const root = squareRoot(add(one, square));
  const value = log1p(add(size, divide(square, add(one, root))));
  return sign(x) < 0 ? negate(value) : value;
}

export function acosh(x: Big): Big {
  const above = subtract(x, one);
  return log1p(add(above, squareRoot(multiply(above, add(x, one)))));
}

export function atanh(x: Big): Big {
  return shift(log1p(divide(shift(x, 1), subtract(one, x))), -1);
}

/** 1 / (1 + e^-x) */
export function sigmoid(x: Big): Big {
  const power = exp(x);
  return divide(power, add(one, power));
}

export function cbrt(x: Big): Big {
  if (x.mantissa === 0n) return x;
  let root = big(Math.cbrt(toNumber(x)));
  for (let i = 0; i < 3; i++) {
    const quotient = divide(x, multiply(root, root));
    root = divide(add(shift(root, 1), quotient), big(3));
  }
  return root;
}

export function log2(x: Big): Big {
  return divide(log(x), logOf2);
}

export function log10(x: Big): Big {
  return divide(log(x), log(big(10)));
}

/** a^b for a > 0 */
export function pow(a: Big, b: Big): Big {
  return exp(multiply(b, log(a)));
}

export function hypot(a: Big, b: Big): Big {
  return squareRoot(add(multiply(a, a), multiply(b, b)));
}

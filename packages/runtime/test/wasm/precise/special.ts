import { erfinv as guessErfinv } from "../../../src/math/erf.js";
import {
  absolute,
  add,
  type Big,
  big,
  compare,
  divide,
  multiply,
  negate,
  scaled,
  shift,
  sign,
  squareRoot,
  subtract,
  toNumber,
} from "./big.js";
import { exp, leadingExponentOrLess, log, pi, series, sin } from "./elementary.js";

const one = big(1);
const rootOfPi = squareRoot(pi);

/** 2 / sqrt(pi) e^(-x^2) sum of 2^k x^(2k + 1) / (1 3 5 ... (2k + 1)): no term is negative. */
export function erf(x: Big): Big {
  const square = multiply(x, x);
  if (compare(square, big(144)) > 0) return big(sign(x));
  const sum = series(x, (term, k) => divide(multiply(term, shift(square, 1)), big(2 * k + 1)));
  return divide(shift(multiply(exp(negate(square)), sum), 1), rootOfPi);
}

/** For large x its continued fraction, NIST DLMF 7.9.1, from the end. */
export function erfc(x: Big): Big {
  if (compare(x, big(6)) < 0) return subtract(one, erf(x));
  return divide(multiply(exp(negate(multiply(x, x))), erfcFraction(x)), rootOfPi);
}

/** sqrt(pi) e^(x^2) erfc(x) for x >= 6 */
function erfcFraction(x: Big): Big {
  let value = x;
  for (let k = 160; k >= 1; k--) value = add(x, divide(big(k / 2), value));
  return divide(one, value);
}

/** e^(x^2) erfc(x) */
export function erfcx(x: Big): Big {
  if (compare(x, big(6)) < 0) return multiply(exp(multiply(x, x)), erfc(x));
  return divide(erfcFraction(x), rootOfPi);
}

/** The double's result, improved by Newton's method until a step would no longer count. */
export function erfinv(y: Big): Big {
  const size = absolute(y);
  let x = big(guessErfinv(toNumber(size)));
  const tail = compare(size, big(0.5)) > 0;
  for (;;) {
    const excess = tail ? subtract(subtract(one, size), erfc(x)) : subtract(erf(x), size);
    const slope = divide(shift(exp(negate(multiply(x, x))), 1), rootOfPi);
    const step = divide(excess, slope);
    x = subtract(x, step);
    if (step.mantissa === 0n) break;
    if (leadingExponentOrLess(step) < leadingExponentOrLess(x) - 80) break;
  }
  return sign(y) < 0 ? negate(x) : x;
}

/** B(2k) / (2k)! for k = 1 ... 40, from the recurrence of t / (e^t - 1). */
const bernoulli = bernoulliOverFactorial(40);

function bernoulliOverFactorial(count: number): readonly Big[] {
  const factorials = [one];
  for (let k = 1; k <= 2 * count + 1; k++) {
    factorials.push(multiply(factorials[k - 1] ?? one, big(k)));
  }
  const inverse = (k: number) => divide(one, factorials[k] ?? one);
  // sum over j <= k of b(j) / (k + 1 - j)! is 0; the odd b(j) are 0 but for b(1) = -1/2.
  const even: Big[] = [one];
  for (let k = 1; k <= count; k++) {
    let sum = negate(shift(inverse(2 * k), -1));
    for (let j = 0; j < k; j++) {
      sum = add(sum, multiply(even[j] ?? one, inverse(2 * k + 1 - 2 * j)));
    }
    even.push(negate(sum));
  }
  return even.slice(1);
}

const enough = big(48);

/** Stirling's series, NIST DLMF 5.11.1, for x >= 48. */
function stirling(x: Big): Big {
  let sum = add(subtract(multiply(subtract(x, big(0.5)), log(x)), x), shift(log(shift(pi, 1)), -1));
  const inverse = divide(one, x);
  const square = multiply(inverse, inverse);
  let factor = inverse;
  for (const [position, one] of bernoulli.entries()) {
    // B(2k) / (2k (2k - 1)) = B(2k) / (2k)! (2k - 2)!
    sum = add(sum, multiply(one, factor));
    const k = position + 1;
    factor = multiply(factor, multiply(square, big((2 * k - 1) * (2 * k))));
  }
  return sum;
}

interface Shifted {
  readonly x: Big;
  /** x (x + 1) ... */
  readonly product: Big;
}

function shiftUp(x: Big): Shifted {
  let to = x;
  let product = one;
  while (compare(to, enough) < 0) {
    product = multiply(product, to);
    to = add(to, one);
  }
  return { x: to, product };
}

/** sin(pi x) for a double x */
function sinPi(x: Big): Big {
  // Modulo 2, exactly.
  const bits = BigInt(Math.max(0, -x.exponent) + 1);
  const whole = x.exponent >= 0 ? x.mantissa << BigInt(x.exponent) : x.mantissa;
  const modulus = x.exponent >= 0 ? 2n : 1n << bits;
  return sin(multiply(pi, scaled(whole % modulus, Math.min(0, x.exponent))));
}

export function gamma(x: Big): Big {
  if (sign(x) < 0) {
    // NIST DLMF 5.5.3, with Gamma(1 - x) = -x Gamma(-x).
    return negate(divide(pi, multiply(multiply(x, sinPi(x)), gamma(negate(x)))));
  }
  const up = shiftUp(x);
  return divide(exp(stirling(up.x)), up.product);
}

/** log |Gamma(x)| */
export function lgamma(x: Big): Big {
  if (sign(x) < 0) {
    const quotient = divide(pi, absolute(multiply(x, sinPi(x))));
    return subtract(log(quotient), lgamma(negate(x)));
  }
  const up = shiftUp(x);
  return subtract(stirling(up.x), log(up.product));
}

/** x^n for an integer n >= 0 */
function integerPower(x: Big, n: number): Big {
  let value = one;
  for (let i = 0; i < n; i++) value = multiply(value, x);
  return value;
}

/** The (n + 1)-th derivative of log Gamma; x is a double above -100 and no pole. */
export function polygamma(n: number, x: Big): Big {
  return n === 0 ? digamma(x) : derivative(n, x);
}

/** NIST DLMF 5.11.2 */
function digamma(x: Big): Big {
  let to = x;
  let shifts = big(0);
  while (compare(to, enough) < 0) {
    shifts = add(shifts, divide(one, to));
    to = add(to, one);
  }
  const inverse = divide(one, multiply(to, to));
  let sum = subtract(log(to), divide(big(0.5), to));
  let factor = inverse;
  for (const [position, one] of bernoulli.entries()) {
    const k = position + 1;
    sum = subtract(sum, multiply(one, factor));
    factor = multiply(factor, multiply(inverse, big(2 * k * (2 * k + 1))));
  }
  return subtract(sum, shifts);
}

/** (-1)^(n + 1) n! times the sum over k of (x + k)^-(n + 1), NIST DLMF 25.11.5. */
function derivative(n: number, x: Big): Big {
  const s = n + 1;
  let sum = big(0);
  let from = x;
  while (compare(from, big(48 + 2 * s)) < 0) {
    sum = add(sum, divide(one, integerPower(from, s)));
    from = add(from, one);
  }
  const square = multiply(from, from);
  let factor = divide(big(s), from);
  let rest = add(divide(from, big(s - 1)), big(0.5));
  for (const [position, one] of bernoulli.entries()) {
    const k = position + 1;
    rest = add(rest, multiply(one, factor));
    factor = divide(multiply(factor, big((s + 2 * k - 1) * (s + 2 * k))), square);
  }
  sum = add(sum, divide(rest, integerPower(from, s)));
  for (let k = 2; k <= n; k++) sum = multiply(sum, big(k));
  return n % 2 === 1 ? sum : negate(sum);
}

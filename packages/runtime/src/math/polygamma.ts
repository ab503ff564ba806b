import { sinPi } from "./elementary.js";
import { gamma } from "./gamma.js";

/** B(2k) / (2k)! for k = 1 ... 13. */
const bernoulli = [
  0.08333333333333333, -0.001388888888888889, 3.306878306878307e-5, -8.267195767195768e-7,
  2.08767569878681e-8, -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13,
  8.586062056277845e-15, -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812522e-19,
  3.534707039629467e-21,
];

/**
 * The (n + 1)-th derivative of log Gamma: digamma for n = 0, trigamma for 1. NaN unless n is an
 * integer >= 0. At the poles 0, -1, -2, ...: +inf for odd n, NaN for even n, where the two sides
 * differ in sign.
 */
export function polygamma(n: number, x: number): number {
  if (!(Number.isInteger(n) && n >= 0) || Number.isNaN(x) || x === -Infinity) return NaN;
  if (x <= 0 && Number.isInteger(x)) return n % 2 === 1 ? Infinity : NaN;
  if (x < 0) return reflected(n, x);
  if (n === 0) return digammaPositive(x);
  // NIST DLMF 25.11.12.
  const sign = n % 2 === 1 ? 1 : -1;
  return sign * gamma(n + 1) * hurwitzZeta(n + 1, x);
}

/**
 * psi(x + 1) = psi(x) + 1 / x up to 10, then the asymptotic series: log x - 1/(2x) - sum B(2k) /
 * (2k x^2k). DLMF 5.11.2.
 */
function digammaPositive(x: number): number {
  if (x === Infinity) return Infinity;
  let shift = 0;
  let large = x;
  for (; large < 10; large += 1) shift += 1 / large;
  const inverse = 1 / (large * large);
  let series = 0;
  let factor = 1;
  for (let k = 1; k <= 9; k++) {
    factor *= k === 1 ? 1 : (2 * k - 2) * (2 * k - 1);
    series += (bernoulli[k - 1] ?? 0) * factor * inverse ** k;
  }
  return Math.log(large) - 0.5 / large - series - shift;
}

/**
 * sum over k of (k + x)^-s for x > 0 and integer s >= 2, by Euler and Maclaurin's formula. NIST
 * DLMF 25.11.5. With a, where the sum ends, the rest is a^(1-s) (1 / (s-1) + (1/2 + series) / a),
 * which is there also where a^-s is too small for a double.
 */
function hurwitzZeta(s: number, x: number): number {
  if (x === Infinity) return 0;
  let sum = 0;
  let steps = 0;
  let from = x;
  for (; from < s + 10; from = x + steps) {
    sum += from ** -s;
    steps++;
  }
  let series = 0;
  let factor = s / from;
  for (let k = 1; k <= bernoulli.length; k++) {
    series += (bernoulli[k - 1] ?? 0) * factor;
    factor *= ((s + 2 * k - 1) * (s + 2 * k)) / (from * from);
  }
  return sum + from ** (1 - s) * (1 / (s - 1) + (0.5 + series) / from);
}

/** psi_n(x) = (-1)^n psi_n(1 - x) - pi (d/dx)^n cot(pi x). NIST DLMF 5.15.6. */
function reflected(n: number, x: number): number {
  const sign = n % 2 === 0 ? 1 : -1;
  return sign * polygamma(n, 1 - x) - Math.PI * cotangentDerivative(n, x);
}

/** The n-th derivative of cot(pi x): a polynomial in c = cot(pi x), as c' = -pi (1 + c^2). */
function cotangentDerivative(n: number, x: number): number {
  const c = sinPi(x + 0.5) / sinPi(x);
  let coefficients = [0, 1];
  for (let order = 0; order < n; order++) {
    const next = new Array<number>(coefficients.length + 1).fill(0);
    for (let power = 1; power < coefficients.length; power++) {
      const slope = -Math.PI * power * (coefficients[power] ?? 0);
      next[power - 1] = (next[power - 1] ?? 0) + slope;
      next[power + 1] = (next[power + 1] ?? 0) + slope;
    }
    coefficients = next;
  }
  // Where c overflows, zero times it must not come in.
  let value = coefficients.at(-1) ?? 0;
  for (let power = coefficients.length - 2; power >= 0; power--) {
    value = value * c + (coefficients[power] ?? 0);
  }
  return value;
}

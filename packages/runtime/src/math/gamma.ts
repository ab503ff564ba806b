import { polynomial, sinPi } from "./elementary.js";

/**
 * Gamma(2 + z) for 0 <= z < 1 as a quotient; S. L. Moshier, Cephes Mathematical Library, gamma.c.
 */
const numerator = [
  0.00016011952247675185, 0.0011913514700658638, 0.010421379756176158, 0.04763678004571372,
  0.20744822764843598, 0.4942148268014971, 1,
];
const denominator = [
  -2.3158187332412014e-5, 0.0005396055804933034, -0.004456419138517973, 0.011813978522206043,
  0.035823639860549865, -0.23459179571824335, 0.0714304917030273, 1,
];

/**
 * The gamma function. As in C: +-inf at +-0, NaN at negative integers and -inf. Carried to [2, 3)
 * by Gamma(x + 1) = x Gamma(x), so that factorials up to 22! are exact.
 */
export function gamma(x: number): number {
  if (x === 0) return 1 / x;
  if (Number.isNaN(x) || x === -Infinity || (x < 0 && Number.isInteger(x))) return NaN;
  if (x > 171.7) return Infinity;
  // The largest value between the poles is below the smallest double.
  if (x < -184) return Math.floor(x) % 2 === 0 ? 0 : -0;
  let value = 1;
  let rest = x;
  while (rest >= 3) {
    rest -= 1;
    value *= rest;
  }
  // Divided one by one: the product of the factors could overflow where the quotient does not.
  while (rest < 2) {
    value /= rest;
    rest += 1;
  }
  const z = rest - 2;
  return (value * polynomial(numerator, z)) / polynomial(denominator, z);
}

/**
 * (zeta(k) - 1) (-1)^k / k for k = 29 ... 2, then 1 - Euler's constant, 0: log Gamma(2 + z). NIST
 * DLMF 5.7.3.
 */
const aroundTwo = [
  -6.4229645638381e-11, 1.330476437424449e-10, -2.7595228851242334e-10, 5.731367241678862e-10,
  -1.1921401405860912e-9, 2.4836745438024785e-9, -5.183475041970047e-9, 1.0838659214896955e-8,
  -2.2711094608943164e-8, 4.7698101693639804e-8, -1.0043224823968099e-7, 2.1207184805554665e-7,
  -4.492469198764566e-7, 9.55141213040742e-7, -2.039215753801366e-6, 4.374866789907488e-6,
  -9.439488275268397e-6, 2.050721277567069e-5, -4.492623673813314e-5, 9.945751278180853e-5,
  -0.00022315475845357939, 0.0005096695247430425, -0.001192753911703261, 0.0028905103307415234,
  -0.007385551028673986, 0.020580808427784546, -0.0673523010531981, 0.3224670334241132,
  0.42278433509846713, 0,
];

/** Bernoulli numbers B(2k) / (2k (2k - 1)) for k = 8 ... 1: Stirling's series. NIST DLMF 5.11.1. */
const stirling = [
  -0.029550653594771242, 0.00641025641025641, -0.0019175269175269176, 0.0008417508417508417,
  -0.0005952380952380953, 0.0007936507936507937, -0.002777777777777778, 0.08333333333333333,
];
const halfLogTwoPi = 0.9189385332046728;

/** log |Gamma(x)|; infinite at 0 and the negative integers, and at both infinities. */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) === Infinity || (x <= 0 && Number.isInteger(x))) return Infinity;
  // Reflection: Gamma(x) Gamma(1 - x) = pi / sin(pi x), Gamma(1 - x) = -x Gamma(-x). NIST DLMF
  // 5.5.3.
  if (x < -0.5) return Math.log(Math.PI / Math.abs(x * sinPi(x))) - lgamma(-x);
  if (x < 0.5) return lgammaAroundOne(x) - Math.log(Math.abs(x));
  if (x < 1.5) return lgammaAroundOne(x - 1);
  if (x < 10) return lgammaShifted(x);
  const inverse = 1 / x;
  const series = inverse * polynomial(stirling, inverse * inverse);
  // (x - 1/2)(log x - 1) keeps x log x - x finite as long as the result is.
  return (x - 0.5) * (Math.log(x) - 1) + (halfLogTwoPi - 0.5) + series;
}

/** log Gamma(1 + z) for |z| <= 1/2. */
function lgammaAroundOne(z: number): number {
  return polynomial(aroundTwo, z) - Math.log1p(z);
}

/** log Gamma(x) for 1.5 <= x < 10. */
function lgammaShifted(x: number): number {
  let product = 1;
  let rest = x;
  while (rest >= 2.5) {
    rest -= 1;
    product *= rest;
  }
  return Math.log(product) + polynomial(aroundTwo, rest - 2);
}

import { polynomial } from "./elementary.js";

// Rational approximations of W. J. Cody, Rational Chebyshev approximations for the error function,
// Math. Comp. 23 (1969), as in his CALERF. Highest power first.

/** erf(x) / x in x^2, for |x| <= 0.46875. */
const smallNumerator = [
  0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694,
];
const smallDenominator = [
  1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171,
];
/** erfc(x) e^(x^2) in x, for 0.46875 <= x <= 4. */
const middleNumerator = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163,
  298.6351381974001, 881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
];
const middleDenominator = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903,
  3290.7992357334597, 4362.619090143247, 3439.3676741437216, 1230.3393548037495,
];
/** (1 / sqrt(pi) - x erfc(x) e^(x^2)) x^2 in 1 / x^2, for x > 4. */
const largeNumerator = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926,
  0.016083785148742275, 0.0006587491615298378,
];
const largeDenominator = [
  1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132,
  0.0023352049762686918,
];

const inverseSqrtPi = 0.5641895835477563;

/** The error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.46875) return erfSmall(x);
  if (size > 6) return Math.sign(x);
  const rest = erfcPositive(size);
  return x < 0 ? rest - 1 : 1 - rest;
}

/** 1 - erf(x), without cancellation for large x. */
export function erfc(x: number): number {
  if (Math.abs(x) <= 0.46875) return 1 - erfSmall(x);
  return x < 0 ? 2 - erfcPositive(-x) : erfcPositive(x);
}

function erfSmall(x: number): number {
  const square = x * x;
  return (x * polynomial(smallNumerator, square)) / polynomial(smallDenominator, square);
}

function erfcPositive(x: number): number {
  if (x > 27.3) return 0;
  if (x <= 4) {
    return gaussian(x) * (polynomial(middleNumerator, x) / polynomial(middleDenominator, x));
  }
  const inverse = 1 / (x * x);
  const tail =
    (inverse * polynomial(largeNumerator, inverse)) / polynomial(largeDenominator, inverse);
  return (gaussian(x) * (inverseSqrtPi - tail)) / x;
}

/**
 * e^(-x^2). x is split at sixteenths, whose squares are exact, so that the rounding of x^2 is not
 * magnified.
 */
function gaussian(x: number): number {
  const coarse = Math.trunc(x * 16) / 16;
  return Math.exp(-coarse * coarse) * Math.exp(-(x - coarse) * (x + coarse));
}

/**
 * The inverse of erf: NaN outside of [-1, 1], infinite at its ends. Starts from M. Giles' single
 * precision polynomials (Approximating the erfinv function, GPU Computing Gems, 2011); Halley's
 * method, at most four steps, brings it to double precision.
 */
export function erfinv(y: number): number {
  const size = Math.abs(y);
  if (!(size <= 1)) return NaN;
  if (size === 1) return y * Infinity;
  if (size < 1e-9) return (y / inverseSqrtPi) * 0.5;
  let x = gilesGuess(size);
  for (let step = 0; step < 4; step++) {
    // Near 1 the difference from 1 is exact where erf itself has lost its digits.
    const excess = size > 0.5 ? 1 - size - erfc(x) : erf(x) - size;
    const newton = (excess / (2 * inverseSqrtPi)) * Math.exp(x * x);
    x -= newton / (1 + x * newton);
    if (Math.abs(newton) < 1e-8 * x) break;
  }
  return y < 0 ? -x : x;
}

const gilesCentre = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503,
  -0.00417768164, 0.246640727, 1.50140941,
];
const gilesTail = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613,
  0.00943887047, 1.00167406, 2.83297682,
];

function gilesGuess(y: number): number {
  const w = -Math.log((1 - y) * (1 + y));
  if (w > 16) {
    // Beyond single precision: erfc(x) ~ e^(-x^2) / (x sqrt(pi)), solved for x^2 with x ~ sqrt(w)
    // inside the logarithm.
    const square = w + Math.LN2;
    return Math.sqrt(square - 0.5 * Math.log(Math.PI * square));
  }
  if (w < 5) return y * polynomial(gilesCentre, w - 2.5);
  return y * polynomial(gilesTail, Math.sqrt(w) - 3);
}

import { aroundZero } from "./aroundZero.js";
import { logGammaTail64 } from "./coefficients.js";
import { polynomial, sinPi } from "./elementary.js";
import { logOfPair } from "./pairFunctions.js";
import {
  absolutePair,
  addPairs,
  addTo,
  multiplyBy,
  multiplyPairs,
  negatePair,
  type Pair,
  pairOf,
  rounded,
  subtractPairs,
  twoSum,
} from "./pairs.js";
import { asymptotic, logGammaOfLarge } from "./stirling.js";
import { logGammaZeros } from "./zeros.js";

/** log |Gamma(x)| is -log |x| to all digits below. */
const pole = 2 ** -60;
/** Beyond, log Gamma(x) is infinite. */
const largestFinite = 2.5599833278516383e305;
/** Below, doubles between the poles are too sparse to come near a zero of log |Gamma|. */
const lastZero = -17.5;
/** What is smaller follows from the zero next to it. */
const small = 2 ** -6;

/** 1 - Euler's constant and (pi^2 / 6 - 1) / 2: the slope of log Gamma at 2, and half its curvature. */
const slopeAtTwo = { high: 0.42278433509846713, low: 4.942915152430645e-18 };
const curvatureAtTwo = { high: 0.3224670334241132, low: 1.520336175199238e-17 };
const logPi = { high: 1.1447298858494002, low: 1.0265951162707826e-17 };

/** log Gamma(2 + z) for |z| <= 1/2, to 60 bits behind the point. */
function logGammaAtTwo(z: number): Pair {
  const curved = multiplyBy(addTo(curvatureAtTwo, polynomial(logGammaTail64, z) * z), z);
  return multiplyBy(addPairs(slopeAtTwo, curved), z);
}

/** log |Gamma(x)|; infinite at 0 and the negative integers, and at both infinities. */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return NaN;
  const size = Math.abs(x);
  if (size > largestFinite || (x <= 0 && Number.isInteger(x))) return Infinity;
  if (size < pole) return -Math.log(size);
  if (x > 0) return rounded(logGammaOfPositive(x));
  return x > lastZero ? logGammaBetweenPoles(x) : reflected(size);
}

function logGammaOfPositive(x: number): Pair {
  if (x > asymptotic) return logGammaOfLarge(x);
  let product = pairOf(1);
  let rest = x;
  while (rest >= 2.5) {
    rest -= 1;
    product = multiplyBy(product, rest);
  }
  if (rest >= 1.5) return addPairs(logOfPair(product), logGammaAtTwo(rest - 2));
  const divisor = rest < 0.5 ? multiplyBy(twoSum(rest, 1), rest) : pairOf(rest);
  const offset = rest < 0.5 ? rest : rest - 1;
  return subtractPairs(logGammaAtTwo(offset), logOfPair(divisor));
}

/** log pi - log(x sin(pi x)) - log Gamma(x) of x = -size: NIST DLMF 5.5.3. */
function reflected(size: number): number {
  const sine = multiplyBy(pairOf(size), Math.abs(sinPi(size)));
  return rounded(subtractPairs(logPi, addPairs(logOfPair(sine), logGammaOfPositive(size))));
}

/**
 * For `lastZero` < x < 0. With x = f - n, |f| <= 1/2, Gamma(x) is Gamma(2 + f) / (f (1 + f) (f - 1) ... (f - n)),
 * NIST DLMF 5.5.1; f is exact, so that nothing cancels but the logarithms.
 */
function logGammaBetweenPoles(x: number): number {
  const steps = -Math.round(x);
  const offset = x + steps;
  let divisor = multiplyBy(twoSum(1, offset), offset);
  for (let step = 1; step <= steps; step++) {
    divisor = multiplyPairs(divisor, twoSum(step, -offset));
  }
  const logarithm = logOfPair(absolutePair(divisor));
  const value = rounded(addPairs(logGammaAtTwo(offset), negatePair(logarithm)));
  if (Math.abs(value) >= small) return value;
  // Below -2 the first row, then the zero above and that below each integer.
  return aroundZero(x, logGammaZeros[2 * steps - 4 - (offset > 0 ? 1 : 0)]);
}

import { digammaZeros } from "../../math/zeros.js";
import { aroundZero } from "./aroundZero.js";
import type { LaneMath, Vector } from "./laneMath.js";
import { logOfPair } from "./logarithm.js";
import { inverseOf, sumUpTo } from "./partialSums.js";
import { addPairs, addTo, negatePair, type Pair, rounded, selectPair, twoSum } from "./pairs.js";

// All in doubles.

/** B(2k) / (2k) for k = 1 ... 9: the asymptotic series of digamma, NIST DLMF 5.11.2. */
const series = [
  0.08333333333333333, -0.008333333333333333, 0.003968253968253968, -0.004166666666666667,
  0.007575757575757576, -0.021092796092796094, 0.08333333333333333, -0.4432598039215686,
  3.0539543302701198,
];
/** Where the series has all digits. */
const asymptotic = 10;
/** Below, the zeros between the poles are in no table. */
const lastZero = -32;
/** What is smaller follows from the zero next to it. */
const small = 2 ** -6;

/** log x - 1 / (2 x) - series in 1 / x^2, to 60 bits behind the point; x >= 10. */
function digammaOfLarge(math: LaneMath, x: Pair): Pair {
  const inverse = inverseOf(math, x);
  const square = math.multiply(inverse.high, inverse.high);
  const rest = math.multiply(math.polynomial(square, series), square);
  const half = { high: math.multiply(inverse.high, 0.5), low: math.multiply(inverse.low, 0.5) };
  const less = negatePair(math, addTo(math, half, rest));
  return addPairs(math, logOfPair(math, x), less);
}

/** Carried up by psi(x + 1) = psi(x) + 1 / x, from negative numbers as well. */
function digammaFrom(math: LaneMath, x: Vector): Pair {
  const { from, sum } = sumUpTo(math, x, asymptotic, (at) => inverseOf(math, at));
  const value = addPairs(math, digammaOfLarge(math, from), negatePair(math, sum));
  const hasValue = math.and(
    math.less(math.absolute(sum.high), Infinity),
    math.less(from.high, Infinity),
  );
  const end = { high: math.subtract(from.high, sum.high), low: math.vector(0) };
  return selectPair(math, hasValue, value, end);
}

/** The derivative of log |Gamma|. */
export function digamma(math: LaneMath, x: Vector): Vector {
  const { code } = math.context;
  const value = code.variable("v128", rounded(math, digammaFrom(math, math.atLeast(x, lastZero))));
  const isFar = math.less(x, lastZero);
  const isSmall = math.less(math.absolute(value), small);
  code.if(math.any(isSmall), () => {
    // The first row is the positive zero, the others are those between 0, -1, -2, ...
    const below = math.and(math.less(x, 0), math.subtract(1, math.truncate(x)));
    const row = math.select(isSmall, math.atMost(below, -lastZero), 0);
    code.assign(value, math.select(isSmall, aroundZero(math, x, digammaZeros, row), value));
  });
  code.if(math.any(isFar), () => {
    const far = math.callUnary("digammaOfFar", x, digammaOfFar);
    code.assign(value, math.select(isFar, far, value));
  });
  return value;
}

/**
 * For x < `lastZero`, where x = f + n, |f| <= 1/2: psi(1 - x) - pi cot(pi f) = psi(1 - x) - psi(1 - f) + psi(f), twice NIST
 * DLMF 5.5.4, as its sums are better than a cotangent. 1 - f is exact, as x has no bits below.
 */
function digammaOfFar(math: LaneMath, x: Vector): Vector {
  const { code } = math.context;
  const offset = math.subtract(x, math.nearest(x));
  const turned = math.subtract(1, offset);
  const at = code.variable("v128", offset);
  const high = code.variable("v128", math.vector(0));
  const low = code.variable("v128", math.vector(0));
  code.countUp(code.variable("i32", 0), 2, 1, () => {
    const sum = addPairs(math, digammaFrom(math, at), negatePair(math, { high, low }));
    code.assign(high, sum.high);
    code.assign(low, sum.low);
    code.assign(at, turned);
  });
  // What has been summed is psi(1 - f) - psi(f).
  const reflected = digammaOfLarge(math, twoSum(math, 1, math.negate(math.atMost(x, lastZero))));
  return rounded(math, addPairs(math, reflected, negatePair(math, { high, low })));
}

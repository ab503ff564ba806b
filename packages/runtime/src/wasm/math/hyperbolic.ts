import {
  asinhTail64,
  atanhTailWide64,
  sinhTail64,
  tanhTail32,
  tanhTail64,
} from "../../math/coefficients.js";
import { expNormal, expOfPair, scaleByPower, scaleOf } from "./exponential.js";
import type { LaneMath, Vector } from "./laneMath.js";
import { logOfPair, log1p } from "./logarithm.js";
import { addTo, dividePairs, fastTwoSum, type Pair, rounded, twoProduct, twoSum } from "./pairs.js";

/** x + x^3 tail(x^2): an odd function that starts with x. */
export function oddSeries(math: LaneMath, x: Vector, tail: readonly number[]): Vector {
  const square = math.multiply(x, x);
  const cube = math.multiply(square, x);
  return math.multiplyAdd(math.polynomial(square, tail), cube, x);
}

/** 1 - 2 / (e^2x + 1), and a polynomial where that cancels. */
export function tanh(math: LaneMath, x: Vector): Vector {
  const size = math.absolute(x);
  // Beyond 20 the result is 1.
  const power = expNormal(math, math.atMost(math.add(size, size), 40));
  const large = math.subtract(1, math.divide(2, math.add(power, 1)));
  const tail = math.type === "f32x4" ? tanhTail32 : tanhTail64;
  const small = math.withSign(oddSeries(math, size, tail), x);
  return math.select(math.less(size, 0.625), small, math.withSign(large, x));
}

/** (e^size + sign e^-size) / 2. With e^size = 2^n p that is 2^(n - 1) (p + sign 2^-2n / p). */
function halfSum(math: LaneMath, size: Vector, sign: 1 | -1): Vector {
  const power = expOfPair(math, { high: math.atMost(size, 720), low: math.vector(0) });
  const n = power.scale.power;
  // By 2^-400 the second term does not count.
  const down = math.negate(math.atMost(math.add(n, n), 400));
  const inverse = scaleByPower(math, math.divide(sign, power.high), scaleOf(math, down));
  const sum = rounded(math, addTo(math, power, inverse));
  return scaleByPower(math, sum, scaleOf(math, math.subtract(n, 1)));
}

export function cosh(math: LaneMath, x: Vector): Vector {
  return halfSum(math, math.absolute(x), 1);
}

export function sinh(math: LaneMath, x: Vector): Vector {
  const size = math.absolute(x);
  const large = math.withSign(halfSum(math, size, -1), x);
  return math.select(
    math.less(size, 1),
    math.withSign(oddSeries(math, size, sinhTail64), x),
    large,
  );
}

/** sqrt(high + low) as a pair. */
function squareRootOfPair(math: LaneMath, { high, low }: Pair): Pair {
  const root = math.squareRoot(high);
  const square = twoProduct(math, root, root);
  const rest = math.add(math.subtract(math.subtract(high, square.high), square.low), low);
  const correction = math.divide(rest, math.add(root, root));
  return fastTwoSum(math, root, math.select(math.equal(root, 0), 0, correction));
}

/** Beyond, x^2 + 1 is x^2 to all bits. */
const asymptotic = 2 ** 28;

/** log(|x| + sqrt(x^2 + 1)); for large x log(2 |x|), for small x a polynomial. */
export function asinh(math: LaneMath, x: Vector): Vector {
  const size = math.absolute(x);
  const bounded = math.atMost(size, asymptotic);
  const root = squareRootOfPair(math, addTo(math, twoProduct(math, bounded, bounded), 1));
  const large = logOfSum(math, size, addTo(math, root, bounded));
  const small = oddSeries(math, size, asinhTail64);
  return math.withSign(math.select(math.less(size, 0.5), small, large), x);
}

/** log(sum), or log(2 size) for large sizes. */
function logOfSum(math: LaneMath, size: Vector, sum: Pair): Vector {
  const isLarge = math.lessOrEqual(asymptotic, size);
  const argument = {
    high: math.select(isLarge, size, sum.high),
    low: math.select(isLarge, 0, sum.low),
  };
  const value = logOfPair(math, argument);
  const log2 = math.select(isLarge, Math.LN2, 0);
  const result = rounded(math, addTo(math, value, log2));
  return math.select(math.less(size, Infinity), result, size);
}

/** log(x + sqrt(x^2 - 1)) as log(1 + t + sqrt(t (t + 2))) with t = x - 1; NaN below 1. */
export function acosh(math: LaneMath, x: Vector): Vector {
  const t = math.subtract(math.atMost(x, asymptotic), 1);
  const next = twoSum(math, t, 2);
  const product = twoProduct(math, t, next.high);
  const radicand = { high: product.high, low: math.multiplyAdd(t, next.low, product.low) };
  const root = squareRootOfPair(math, radicand);
  const offset = addTo(math, root, t);
  const near = logOfOnePlus(math, offset);
  const value = math.select(math.less(x, 2), near, logOfSum(math, x, addTo(math, offset, 1)));
  return math.select(math.less(x, 1), NaN, value);
}

/** log(1 + p): log1p of the leading part, and the rest by its derivative. */
function logOfOnePlus(math: LaneMath, { high, low }: Pair): Vector {
  return math.add(log1p(math, high), math.divide(low, math.add(high, 1)));
}

/** log((1 + |x|) / (1 - |x|)) / 2, and a polynomial for small x. */
export function atanh(math: LaneMath, x: Vector): Vector {
  const size = math.absolute(x);
  const below = { high: math.subtract(1, size), low: math.vector(0) };
  const quotient = dividePairs(math, twoSum(math, size, 1), below);
  const large = math.multiply(rounded(math, logOfPair(math, quotient)), 0.5);
  const inside = math.select(math.equal(size, 1), Infinity, large);
  const checked = math.select(math.lessOrEqual(size, 1), inside, NaN);
  const small = oddSeries(math, size, atanhTailWide64);
  return math.withSign(math.select(math.less(size, 0.5), small, checked), x);
}

/**
 * Single precision by way of doubles, where plain formulas have digits to spare: asinh x = log1p(x
 * + x^2 / (1 + sqrt(1 + x^2))) for x >= 0, acosh x = log1p(t + sqrt(t (t + 2))) with t = x - 1,
 * atanh x = log1p(2 x / (1 - x)) / 2.
 */
export const singles = {
  sinh(math: LaneMath, x: Vector): Vector {
    const size = math.absolute(x);
    const power = expNormal(math, math.atMost(size, 200));
    const half = math.multiply(math.subtract(power, math.divide(1, power)), 0.5);
    const small = oddSeries(math, size, sinhTail64);
    return math.withSign(math.select(math.less(size, 1), small, half), x);
  },
  cosh(math: LaneMath, x: Vector): Vector {
    const power = expNormal(math, math.atMost(math.absolute(x), 200));
    return math.multiply(math.add(power, math.divide(1, power)), 0.5);
  },
  asinh(math: LaneMath, x: Vector): Vector {
    const size = math.absolute(x);
    const square = math.multiply(size, size);
    const root = math.squareRoot(math.add(square, 1));
    const offset = math.divide(square, math.add(root, 1));
    const value = log1p(math, math.add(size, offset));
    return math.withSign(math.select(math.less(size, Infinity), value, size), x);
  },
  acosh(math: LaneMath, x: Vector): Vector {
    const t = math.subtract(x, 1);
    const root = math.squareRoot(math.multiply(t, math.add(t, 2)));
    return math.select(math.less(x, 1), NaN, log1p(math, math.add(t, root)));
  },
  atanh(math: LaneMath, x: Vector): Vector {
    const size = math.absolute(x);
    const quotient = math.divide(math.add(size, size), math.subtract(1, size));
    return math.withSign(math.multiply(log1p(math, quotient), 0.5), x);
  },
};

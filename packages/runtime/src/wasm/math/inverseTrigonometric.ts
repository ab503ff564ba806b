import { asinTail64, atanTail64 } from "../../math/coefficients.js";
import type { LaneMath, Vector } from "./laneMath.js";

// Formulas of Sun's fdlibm, s_atan.c, e_atan2.c, e_asin.c and e_acos.c; in doubles.

const halfPi = [Math.PI / 2, 6.123233995736766e-17] as const;
const pi = [Math.PI, 1.2246467991473532e-16] as const;

/**
 * atan x = atan c + atan((x - c) / (1 + c x)) for x in (from, next from], with c that makes x - c
 * exact; the last row's c is infinite.
 */
const rows = [
  { from: 7 / 16, c: 0.5, angle: [0.4636476090008061, 2.2698777452961687e-17] },
  { from: 11 / 16, c: 1, angle: [0.7853981633974483, 3.061616997868383e-17] },
  { from: 19 / 16, c: 1.5, angle: [0.982793723247329, 1.3903311031230998e-17] },
] as const;
const lastRow = 39 / 16;

export function atan(math: LaneMath, x: Vector): Vector {
  const size = math.absolute(x);
  let numerator = size;
  let denominator = math.vector(1);
  let high = math.vector(0);
  let low = math.vector(0);
  const take = (from: number, [top, bottom, angle, rest]: readonly (Vector | number)[]) => {
    const mask = math.less(from, size);
    numerator = math.select(mask, top ?? 0, numerator);
    denominator = math.select(mask, bottom ?? 0, denominator);
    high = math.select(mask, angle ?? 0, high);
    low = math.select(mask, rest ?? 0, low);
  };
  for (const { from, c, angle } of rows) {
    take(from, [math.subtract(size, c), math.multiplyAdd(size, c, 1), ...angle]);
  }
  take(lastRow, [-1, size, ...halfPi]);
  const t = math.divide(numerator, denominator);
  const square = math.multiply(t, t);
  const cube = math.multiply(square, t);
  const tail = math.multiplyAdd(math.polynomial(square, atanTail64), cube, low);
  return math.withSign(math.add(high, math.add(tail, t)), x);
}

/**
 * The angle of (x, y). atan |y / x|, mirrored for negative x; signed zeros and infinities as in C.
 */
export function atan2(math: LaneMath, y: Vector, x: Vector): Vector {
  const height = math.absolute(y);
  const width = math.absolute(x);
  const both = math.equal(height, width);
  // 0 / 0 and inf / inf: the angles 0 and pi / 4.
  const diagonal = math.select(math.equal(height, 0), 0, 1);
  const quotient = math.select(both, diagonal, math.divide(height, width));
  const angle = atan(math, quotient);
  const isLeft = math.less(math.withSign(math.vector(1), x), 0);
  const mirrored = math.subtract(pi[0], math.subtract(angle, pi[1]));
  return math.withSign(math.select(isLeft, mirrored, angle), y);
}

/** What asin and acos share. */
interface Core {
  readonly size: Vector;
  readonly isSmall: Vector;
  /** |x|, or for |x| > 1/2 the root of (1 - |x|) / 2. */
  readonly base: Vector;
  /** base^2 */
  readonly square: Vector;
  /** (asin(base) - base) / base */
  readonly series: Vector;
}

function core(math: LaneMath, x: Vector): Core {
  const size = math.absolute(x);
  const isSmall = math.lessOrEqual(size, 0.5);
  const rest = math.multiply(math.subtract(1, size), 0.5);
  const square = math.select(isSmall, math.multiply(size, size), rest);
  const base = math.select(isSmall, size, math.squareRoot(rest));
  const series = math.multiply(math.polynomial(square, asinTail64), square);
  return { size, isSmall, base, square, series };
}

/** The root's leading 21 bits, whose square is exact, and the rest. */
function splitRoot(math: LaneMath, { base, square }: Core) {
  const high = math.and(base, math.bits(-(1n << 32n)));
  const rest = math.subtract(square, math.multiply(high, high));
  const low = math.divide(rest, math.add(base, high));
  return { high, low: math.select(math.equal(base, 0), 0, low) };
}

/** asin x = pi / 2 - 2 asin(sqrt((1 - x) / 2)) for x > 1/2; NaN beyond 1. */
export function asin(math: LaneMath, x: Vector): Vector {
  const shared = core(math, x);
  const { base, series, isSmall } = shared;
  const small = math.multiplyAdd(base, series, base);
  const root = splitRoot(math, shared);
  // pi / 4 - (the small parts - (pi / 4 - 2 high))
  const quarter = Math.PI / 4;
  const twice = math.multiply(math.multiply(base, series), 2);
  const parts = math.subtract(twice, math.subtractProduct(halfPi[1], root.low, 2));
  const distance = math.subtractProduct(quarter, root.high, 2);
  const large = math.subtract(quarter, math.subtract(parts, distance));
  return math.withSign(math.select(isSmall, small, large), x);
}

/** pi / 2 - asin x, without cancellation for x near 1 and -1. */
export function acos(math: LaneMath, x: Vector): Vector {
  const shared = core(math, x);
  const { base, series, isSmall } = shared;
  const product = math.multiply(base, series);
  const signed = math.withSign(product, x);
  const near = math.withSign(base, x);
  const small = math.subtract(halfPi[0], math.add(near, math.subtract(signed, halfPi[1])));
  const root = splitRoot(math, shared);
  const right = math.multiply(math.add(root.high, math.add(product, root.low)), 2);
  const below = math.subtract(product, halfPi[1]);
  const left = math.subtract(pi[0], math.multiply(math.add(base, below), 2));
  const large = math.select(math.less(x, 0), left, right);
  return math.select(isSmall, small, large);
}

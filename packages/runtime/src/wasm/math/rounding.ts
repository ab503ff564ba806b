import type { LaneMath, Vector } from "./laneMath.js";
import type { VectorType } from "./mathContext.js";

/** -1, 0 or 1; 0 for NaN, as in MXNet. */
export function sign(math: LaneMath, x: Vector): Vector {
  const one = math.vector(1);
  const positive = math.and(math.less(0, x), one);
  const negative = math.and(math.less(x, 0), math.vector(-1));
  return math.or(positive, negative);
}

/** The largest number below a half: a half itself would carry the number before it up to 1. */
const belowHalf: { readonly [T in VectorType]: number } = {
  f32x4: 0.5 - 2 ** -25,
  f64x2: 0.5 - 2 ** -54,
};

/** The nearest integer, halves away from zero. */
export function round(math: LaneMath, x: Vector): Vector {
  const half = math.withSign(math.vector(belowHalf[math.type]), x);
  return math.truncate(math.add(x, half));
}

/** The nearest integer, halves down. x minus its whole part is exact, unlike x minus its floor. */
export function rint(math: LaneMath, x: Vector): Vector {
  const whole = math.truncate(x);
  const rest = math.subtract(x, whole);
  const up = math.select(math.less(0.5, rest), math.add(whole, 1), whole);
  return math.select(math.lessOrEqual(rest, -0.5), math.subtract(whole, 1), up);
}

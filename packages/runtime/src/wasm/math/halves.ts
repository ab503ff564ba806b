import type { LaneMath, Vector } from "./laneMath.js";

/** For a shuffle that brings the upper half down. */
export const upperHalf = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
/** For a shuffle that joins the lower halves of two vectors. */
export const lowerHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** For a shuffle that joins the lower words of the 64-bit lanes of two vectors. */
export const evenWords = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

/** The two vectors of doubles that hold four singles. */
export function promote({ context: { code } }: LaneMath, x: Vector): readonly [Vector, Vector] {
  const upper = code.shuffle(x, x, upperHalf);
  return [code.op("f64x2.promote_low_f32x4", x), code.op("f64x2.promote_low_f32x4", upper)];
}

/** Four singles from two vectors of doubles. */
export function demote({ context: { code } }: LaneMath, low: Vector, high: Vector): Vector {
  const first = code.op("f32x4.demote_f64x2_zero", low);
  const second = code.op("f32x4.demote_f64x2_zero", high);
  return code.shuffle(first, second, lowerHalves);
}

/**
 * A function of singles by way of doubles: where the doubles are right, the singles are nearly
 * always rounded right.
 */
export function throughDoubles(
  math: LaneMath,
  x: Vector,
  body: (doubles: LaneMath, x: Vector) => Vector,
): Vector {
  const doubles = math.doubles();
  const [low, high] = promote(math, x);
  return demote(math, body(doubles, low), body(doubles, high));
}

export function binaryThroughDoubles(
  math: LaneMath,
  a: Vector,
  b: Vector,
  body: (doubles: LaneMath, a: Vector, b: Vector) => Vector,
): Vector {
  const doubles = math.doubles();
  const [aLow, aHigh] = promote(math, a);
  const [bLow, bHigh] = promote(math, b);
  return demote(math, body(doubles, aLow, bLow), body(doubles, aHigh, bHigh));
}

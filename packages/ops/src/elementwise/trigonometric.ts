import { scalar } from "@adjoint/graph";
import type { OpTable } from "../core/opTable.js";
import { add, div, mul, negative, sub } from "./arithmetic.js";
import { type BinaryFn, binaryOps, call as callBinary } from "./binaryOps.js";
import { rsqrt, square } from "./powers.js";
import { call, constantLike, type UnaryFn, type UnaryRow, unaryOps } from "./unaryOps.js";

function scaling(factor: number, docs: string): UnaryRow {
  return {
    expr: (x) => scalar.binary("mul", x, constantLike(x, factor)),
    vjp: (head) => mul(head, factor),
    docs,
  };
}

/** Circular functions and their inverses; angles in radians. */
export const trigonometric: OpTable<UnaryFn> = unaryOps({
  sin: {
    expr: call("sin"),
    vjp: (head, x) => mul(head, cos(x)),
    docs: "Sine of an angle in radians. Derivative `cos(x)`.",
  },
  cos: {
    expr: call("cos"),
    vjp: (head, x) => negative(mul(head, sin(x))),
    docs: "Cosine of an angle in radians. Derivative `-sin(x)`.",
  },
  tan: {
    expr: call("tan"),
    vjp: (head, _x, y) => mul(head, add(square(y), 1)),
    docs: "Tangent of an angle in radians. Derivative `1 + y**2`.",
  },
  arcsin: {
    expr: call("asin"),
    vjp: (head, x) => mul(head, rsqrt(sub(1, square(x)))),
    docs: "Angle in [-pi/2, pi/2] with sine `x`; NaN beyond 1. Derivative `1/sqrt(1 - x**2)`.",
  },
  arccos: {
    expr: call("acos"),
    vjp: (head, x) => negative(mul(head, rsqrt(sub(1, square(x))))),
    docs: "Angle in [0, pi] with cosine `x`; NaN beyond 1. Derivative `-1/sqrt(1 - x**2)`.",
  },
  arctan: {
    expr: call("atan"),
    vjp: (head, x) => div(head, add(square(x), 1)),
    docs: "Angle in [-pi/2, pi/2] with tangent `x`. Derivative `1/(1 + x**2)`.",
  },
  degrees: scaling(180 / Math.PI, "An angle in radians as one in degrees. Derivative `180/pi`."),
  radians: scaling(Math.PI / 180, "An angle in degrees as one in radians. Derivative `pi/180`."),
});

/** Lengths and angles of points of the plane. */
export const planar: OpTable<BinaryFn> = binaryOps({
  hypot: {
    expr: callBinary("hypot"),
    vjp: [(head, a, _b, y) => mul(head, div(a, y)), (head, _a, b, y) => mul(head, div(b, y))],
    commutative: true,
    inDouble: true,
    docs: "`sqrt(a**2 + b**2)` without overflow. Derivatives `a/y` and `b/y`, NaN at the origin.",
  },
  arctan2: {
    expr: callBinary("atan2"),
    vjp: [
      (head, a, b) => mul(head, div(b, add(square(a), square(b)))),
      (head, a, b) => negative(mul(head, div(a, add(square(a), square(b))))),
    ],
    inDouble: true,
    docs: "Angle of the point `(b, a)`. Derivatives `b/(a**2+b**2)` and `-a/(a**2+b**2)`.",
  },
});

/**
 * Sine of an angle in radians.
 *
 * @derivative `cos(x)`
 * @edges NaN at infinities
 * @example
 * ```ts
 * nd.sin(nd.array([0, 1])); // [0.         0.84147096]
 * ```
 */
export const sin: UnaryFn = trigonometric.fn("sin");

/**
 * Cosine of an angle in radians.
 *
 * @derivative `-sin(x)`
 * @edges NaN at infinities
 * @example
 * ```ts
 * nd.cos(nd.array([0, 1])); // [1.        0.5403023]
 * ```
 */
export const cos: UnaryFn = trigonometric.fn("cos");

/**
 * Tangent of an angle in radians.
 *
 * @derivative `1 + y**2` with the result y
 * @edges NaN at infinities
 * @example
 * ```ts
 * nd.tan(nd.array([0, 1])); // [0.        1.5574077]
 * ```
 */
export const tan: UnaryFn = trigonometric.fn("tan");

/**
 * Angle in [-pi/2, pi/2] with sine `x`.
 *
 * @derivative `1/sqrt(1 - x**2)`: inf at -1 and 1, NaN beyond
 * @edges NaN beyond -1 and 1
 * @example
 * ```ts
 * nd.arcsin(nd.array([-1, 0, 0.5])); // [-1.5707964  0.         0.5235988]
 * ```
 */
export const arcsin: UnaryFn = trigonometric.fn("arcsin");

/**
 * Angle in [0, pi] with cosine `x`.
 *
 * @derivative `-1/sqrt(1 - x**2)`: -inf at -1 and 1, NaN beyond
 * @edges NaN beyond -1 and 1
 * @example
 * ```ts
 * nd.arccos(nd.array([-1, 0, 0.5])); // [3.1415927 1.5707964 1.0471976]
 * ```
 */
export const arccos: UnaryFn = trigonometric.fn("arccos");

/**
 * Angle in [-pi/2, pi/2] with tangent `x`.
 *
 * @derivative `1/(1 + x**2)`
 * @edges -pi/2 and pi/2 at -inf and inf
 * @example
 * ```ts
 * nd.arctan(nd.array([-1, 0, 2])); // [-0.7853982  0.         1.1071488]
 * ```
 */
export const arctan: UnaryFn = trigonometric.fn("arctan");

/**
 * An angle in radians as one in degrees.
 *
 * @derivative `180/pi`
 * @example
 * ```ts
 * nd.degrees(nd.array([0, Math.PI])); // [  0. 180.]
 * ```
 */
export const degrees: UnaryFn = trigonometric.fn("degrees");

/**
 * An angle in degrees as one in radians.
 *
 * @derivative `pi/180`
 * @example
 * ```ts
 * nd.radians(nd.array([0, 180])); // [0.        3.1415927]
 * ```
 */
export const radians: UnaryFn = trigonometric.fn("radians");

/**
 * `sqrt(a**2 + b**2)` without overflow.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative `a/y` and `b/y` with the result y; NaN where both are 0, and to an infinite argument
 * @edges inf where one is infinite; integers are computed in double precision and truncated
 * @example
 * ```ts
 * nd.hypot(nd.array([3, 5]), nd.array([4, 12])); // [ 5. 13.]
 * ```
 */
export const hypot: BinaryFn = planar.fn("hypot");

/**
 * Angle of the point `(b, a)`, in [-pi, pi].
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative `b/(a**2+b**2)` and `-a/(a**2+b**2)`; NaN where both are 0
 * @edges 0 where both are 0; pi for `b` below 0 and `a` 0
 * @edges integers are computed in double precision and truncated
 * @example
 * ```ts
 * nd.arctan2(nd.array([1, -1]), nd.array([1, 0])); // [ 0.7853982 -1.5707964]
 * ```
 */
export const arctan2: BinaryFn = planar.fn("arctan2");

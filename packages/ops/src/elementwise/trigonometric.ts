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
    docs: "`sqrt(a**2 + b**2)` without overflow. Derivatives `a/y` and `b/y`, NaN at the origin.",
  },
  arctan2: {
    expr: callBinary("atan2"),
    vjp: [
      (head, a, b) => mul(head, div(b, add(square(a), square(b)))),
      (head, a, b) => negative(mul(head, div(a, add(square(a), square(b))))),
    ],
    docs: "Angle of the point `(b, a)`. Derivatives `b/(a**2+b**2)` and `-a/(a**2+b**2)`.",
  },
});

export const sin: UnaryFn = trigonometric.fn("sin");
export const cos: UnaryFn = trigonometric.fn("cos");
export const tan: UnaryFn = trigonometric.fn("tan");
export const arcsin: UnaryFn = trigonometric.fn("arcsin");
export const arccos: UnaryFn = trigonometric.fn("arccos");
export const arctan: UnaryFn = trigonometric.fn("arctan");
export const degrees: UnaryFn = trigonometric.fn("degrees");
export const radians: UnaryFn = trigonometric.fn("radians");
export const hypot: BinaryFn = planar.fn("hypot");
export const arctan2: BinaryFn = planar.fn("arctan2");

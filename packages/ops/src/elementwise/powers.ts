import { scalar } from "@adjoint/graph";
import type { OpTable } from "../core/opTable.js";
import { div, mul, negative, sub } from "./arithmetic.js";
import { type BinaryFn, binaryOps, call as callBinary } from "./binaryOps.js";
import { log } from "./exponential.js";
import { select } from "./where.js";
import { call, constantLike, type UnaryFn, unaryOps } from "./unaryOps.js";

/** Powers and roots with fixed exponents. */
export const roots: OpTable<UnaryFn> = unaryOps({
  square: {
    expr: (x) => scalar.binary("mul", x, x),
    vjp: (head, x) => mul(head, mul(x, 2)),
    exact: true,
    docs: "`x**2`. Derivative `2x`.",
  },
  sqrt: {
    expr: call("sqrt"),
    vjp: (head, _x, y) => mul(head, div(0.5, y)),
    docs: "Square root; NaN below 0. Derivative `1/(2y)`, inf at 0.",
  },
  rsqrt: {
    expr: (x) => scalar.binary("div", constantLike(x, 1), scalar.unary("sqrt", x)),
    vjp: (head, _x, y) => mul(head, mul(mul(y, square(y)), -0.5)),
    docs: "`x**(-1/2)`; inf at 0, NaN below. Derivative `-y**3 / 2`.",
  },
  cbrt: {
    expr: call("cbrt"),
    vjp: (head, _x, y) => div(head, mul(square(y), 3)),
    docs: "Cube root, of negative numbers too. Derivative `1/(3 y**2)`, inf at 0.",
  },
  rcbrt: {
    expr: (x) => scalar.binary("div", constantLike(x, 1), scalar.unary("cbrt", x)),
    vjp: (head, _x, y) => mul(head, div(square(square(y)), -3)),
    docs: "`x**(-1/3)`, infinite at 0. Derivative `-y**4 / 3`.",
  },
  reciprocal: {
    expr: (x) => scalar.binary("div", constantLike(x, 1), x),
    vjp: (head, _x, y) => negative(mul(head, square(y))),
    docs: "`1 / x`, infinite at 0. Derivative `-y**2`.",
  },
});

export const powers: OpTable<BinaryFn> = binaryOps({
  pow: {
    expr: callBinary("pow"),
    // Where a factor 0 would meet an infinite one, the other is computed from 1 instead of `a`: the product is 0.
    vjp: [
      (head, a, b) => mul(head, mul(b, pow(select(b, a, select(a, a, 1)), sub(b, 1)))),
      (head, a, _b, y) => mul(head, mul(y, log(select(y, a, 1)))),
    ],
    docs: [
      "`a**b`, broadcast; NaN for negative `a` with fractional `b`.",
      "Derivatives `b * a**(b-1)`, 0 where both are 0, and `a**b * log(a)`, 0 where the result is 0.",
    ].join("\n"),
  },
});

/**
 * `x**2`.
 *
 * @derivative `2x`
 * @edges inf where the square leaves the range of the dtype; integers wrap around
 * @example
 * ```ts
 * nd.square(nd.array([-1, 0, 2])); // [1. 0. 4.]
 * ```
 */
export const square: UnaryFn = roots.fn("square");

/**
 * Square root.
 *
 * @derivative `1/(2y)` with the result y: inf at 0, NaN below
 * @edges NaN below 0; -0 gives -0
 * @example
 * ```ts
 * nd.sqrt(nd.array([0.25, 1, 4])); // [0.5 1.  2. ]
 * ```
 */
export const sqrt: UnaryFn = roots.fn("sqrt");

/**
 * `x**(-1/2)`.
 *
 * @derivative `-y**3 / 2` with the result y: -inf at 0, NaN below
 * @edges inf at 0, NaN below, 0 at inf
 * @example
 * ```ts
 * nd.rsqrt(nd.array([0.25, 1, 4])); // [2.  1.  0.5]
 * ```
 */
export const rsqrt: UnaryFn = roots.fn("rsqrt");

/**
 * Cube root, of negative numbers too.
 *
 * @derivative `1/(3 y**2)` with the result y; inf at 0
 * @example
 * ```ts
 * nd.cbrt(nd.array([-8, 0, 27])); // [-2.  0.  3.]
 * ```
 */
export const cbrt: UnaryFn = roots.fn("cbrt");

/**
 * `x**(-1/3)`, of negative numbers too.
 *
 * @derivative `-y**4 / 3` with the result y; -inf at 0
 * @edges inf at 0, -inf at -0
 * @example
 * ```ts
 * nd.rcbrt(nd.array([-8, 1, 27])); // [-0.5         1.          0.33333334]
 * ```
 */
export const rcbrt: UnaryFn = roots.fn("rcbrt");

/**
 * `1 / x`.
 *
 * @derivative `-y**2` with the result y; -inf at 0
 * @edges inf at 0, -inf at -0; of integers, 0 gives 0
 * @example
 * ```ts
 * nd.reciprocal(nd.array([-2, 0.5, 4])); // [-0.5   2.    0.25]
 * ```
 */
export const reciprocal: UnaryFn = roots.fn("reciprocal");

/**
 * `a**b`, broadcast.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative `b * a**(b-1)` to `a`, 0 where both are 0; `a**b * log(a)` to `b`, 0 where the result is
 *   0, NaN where `a` is below 0
 * @edges NaN for negative `a` with fractional `b`; `0**0` is 1; integers with a negative exponent
 *   truncate
 * @example
 * ```ts
 * nd.pow(nd.array([1, 2, 3]), 2); // [1. 4. 9.]
 * ```
 */
export const pow: BinaryFn = powers.fn("pow");

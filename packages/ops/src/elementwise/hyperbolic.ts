import type { OpTable } from "../core/opTable.js";
import { add, div, mul, sub } from "./arithmetic.js";
import { rsqrt, square } from "./powers.js";
import { call, type UnaryFn, unaryOps } from "./unaryOps.js";

/** Hyperbolic functions and their inverses; `tanh` stands with the exponentials. */
export const hyperbolic: OpTable<UnaryFn> = unaryOps({
  sinh: {
    expr: call("sinh"),
    vjp: (head, x) => mul(head, cosh(x)),
    docs: "Hyperbolic sine. Derivative `cosh(x)`.",
  },
  cosh: {
    expr: call("cosh"),
    vjp: (head, x) => mul(head, sinh(x)),
    docs: "Hyperbolic cosine. Derivative `sinh(x)`.",
  },
  arcsinh: {
    expr: call("asinh"),
    vjp: (head, x) => mul(head, rsqrt(add(square(x), 1))),
    docs: "Inverse hyperbolic sine. Derivative `1/sqrt(x**2 + 1)`.",
  },
  arccosh: {
    expr: call("acosh"),
    vjp: (head, x) => mul(head, rsqrt(sub(square(x), 1))),
    docs: "Inverse hyperbolic cosine; NaN below 1. Derivative `1/sqrt(x**2 - 1)`.",
  },
  arctanh: {
    expr: call("atanh"),
    vjp: (head, x) => div(head, sub(1, square(x))),
    docs: "Inverse hyperbolic tangent; NaN beyond 1. Derivative `1/(1 - x**2)`.",
  },
});

/**
 * Hyperbolic sine.
 *
 * @derivative `cosh(x)`
 * @edges infinities stay
 * @example
 * ```ts
 * nd.sinh(nd.array([-1, 0, 2])); // [-1.1752012  0.         3.6268604]
 * ```
 */
export const sinh: UnaryFn = hyperbolic.fn("sinh");

/**
 * Hyperbolic cosine.
 *
 * @derivative `sinh(x)`
 * @edges inf at both infinities
 * @example
 * ```ts
 * nd.cosh(nd.array([-1, 0, 2])); // [1.5430807 1.        3.7621956]
 * ```
 */
export const cosh: UnaryFn = hyperbolic.fn("cosh");

/**
 * Inverse hyperbolic sine.
 *
 * @derivative `1/sqrt(x**2 + 1)`
 * @edges infinities stay
 * @example
 * ```ts
 * nd.arcsinh(nd.array([-1, 0, 2])); // [-0.8813736  0.         1.4436355]
 * ```
 */
export const arcsinh: UnaryFn = hyperbolic.fn("arcsinh");

/**
 * Inverse hyperbolic cosine.
 *
 * @derivative `1/sqrt(x**2 - 1)`, by this formula also below -1, where the result is NaN; inf at 1
 * @edges 0 at 1, NaN below
 * @example
 * ```ts
 * nd.arccosh(nd.array([1, 2])); // [0.       1.316958]
 * ```
 */
export const arccosh: UnaryFn = hyperbolic.fn("arccosh");

/**
 * Inverse hyperbolic tangent.
 *
 * @derivative `1/(1 - x**2)`, by this formula also beyond 1, where the result is NaN; inf at -1 and
 *   1
 * @edges -inf and inf at -1 and 1, NaN beyond
 * @example
 * ```ts
 * nd.arctanh(nd.array([-0.5, 0, 0.5])); // [-0.54930615  0.          0.54930615]
 * ```
 */
export const arctanh: UnaryFn = hyperbolic.fn("arctanh");

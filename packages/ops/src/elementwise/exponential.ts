import type { OpTable } from "../core/opTable.js";
import { add, div, mul, sub } from "./arithmetic.js";
import { call, type UnaryFn, unaryOps } from "./unaryOps.js";

/** Exponentials, logarithms, and the hyperbolic tangent. */
export const exponential: OpTable<UnaryFn> = unaryOps({
  exp: {
    expr: call("exp"),
    vjp: (head, _x, y) => mul(head, y),
    docs: "`e**x`. Derivative: the result.",
  },
  expm1: {
    expr: call("expm1"),
    // y + 1 would do as well but cancels for x far below 0.
    vjp: (head, x) => mul(head, exp(x)),
    docs: "`e**x - 1`, exact near 0. Derivative `e**x`.",
  },
  log: {
    expr: call("log"),
    vjp: (head, x) => div(head, x),
    docs: "Natural logarithm; -inf at 0, NaN below. Derivative `1/x`, everywhere by its formula.",
  },
  log1p: {
    expr: call("log1p"),
    vjp: (head, x) => div(head, add(x, 1)),
    docs: "`log(1 + x)`, exact near 0. Derivative `1/(1+x)`, everywhere by its formula.",
  },
  log2: {
    expr: call("log2"),
    vjp: (head, x) => div(head, mul(x, Math.LN2)),
    docs: "Logarithm to base 2. Derivative `1/(x log 2)`, everywhere by its formula.",
  },
  log10: {
    expr: call("log10"),
    vjp: (head, x) => div(head, mul(x, Math.LN10)),
    docs: "Logarithm to base 10. Derivative `1/(x log 10)`, everywhere by its formula.",
  },
  tanh: {
    expr: call("tanh"),
    vjp: (head, _x, y) => mul(head, sub(1, mul(y, y))),
    docs: "Hyperbolic tangent. Derivative `1 - y**2`.",
  },
});

/**
 * `e**x`.
 *
 * @derivative the result
 * @edges 0 at -inf; inf at inf, and in float32 from 88.73 on
 * @example
 * ```ts
 * nd.exp(nd.array([-1, 0, 2])); // [0.36787945 1.         7.389056  ]
 * ```
 */
export const exp: UnaryFn = exponential.fn("exp");

/**
 * `e**x - 1`, exact near 0.
 *
 * @derivative `e**x`
 * @edges -1 at -inf, inf at inf
 * @example
 * ```ts
 * nd.expm1(nd.array([-1, 0, 2])); // [-0.63212055  0.          6.389056  ]
 * ```
 */
export const expm1: UnaryFn = exponential.fn("expm1");

/**
 * Natural logarithm.
 *
 * @derivative `1/x`, by this formula also below 0, where the result is NaN; infinite at 0
 * @edges -inf at 0, NaN below, inf at inf
 * @example
 * ```ts
 * nd.log(nd.array([1, 2, 10])); // [0.        0.6931472 2.3025851]
 * ```
 */
export const log: UnaryFn = exponential.fn("log");

/**
 * `log(1 + x)`, exact near 0.
 *
 * @derivative `1/(1+x)`, by this formula also below -1, where the result is NaN; infinite at -1
 * @edges -inf at -1, NaN below
 * @example
 * ```ts
 * nd.log1p(nd.array([0, 0.5, 1])); // [0.        0.4054651 0.6931472]
 * ```
 */
export const log1p: UnaryFn = exponential.fn("log1p");

/**
 * Logarithm to base 2.
 *
 * @derivative `1/(x log 2)`, by this formula also below 0; infinite at 0
 * @edges -inf at 0, NaN below
 * @example
 * ```ts
 * nd.log2(nd.array([0.5, 1, 8])); // [-1.  0.  3.]
 * ```
 */
export const log2: UnaryFn = exponential.fn("log2");

/**
 * Logarithm to base 10.
 *
 * @derivative `1/(x log 10)`, by this formula also below 0; infinite at 0
 * @edges -inf at 0, NaN below
 * @example
 * ```ts
 * nd.log10(nd.array([0.1, 1, 100])); // [-1.  0.  2.]
 * ```
 */
export const log10: UnaryFn = exponential.fn("log10");

/**
 * Hyperbolic tangent.
 *
 * @derivative `1 - y**2` with the result y
 * @edges -1 and 1 at -inf and inf
 * @example
 * ```ts
 * nd.tanh(nd.array([-1, 0, 2])); // [-0.7615942  0.         0.9640276]
 * ```
 */
export const tanh: UnaryFn = exponential.fn("tanh");

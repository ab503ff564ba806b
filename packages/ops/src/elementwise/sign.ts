import type { OpTable } from "../core/opTable.js";
import { mul } from "./arithmetic.js";
import { call, type UnaryFn, unaryOps } from "./unaryOps.js";

/** Sign and absolute value. */
export const signs: OpTable<UnaryFn> = unaryOps({
  abs: {
    expr: call("abs"),
    vjp: (head, x) => mul(head, sign(x)),
    exact: true,
    docs: "`|x|`. Derivative `sign(x)`, 0 at 0.",
  },
  sign: {
    expr: call("sign"),
    vjp: "piecewise constant",
    exact: true,
    docs: "-1, 0 or 1; 0 for NaN. Derivative 0.",
  },
});

/**
 * `|x|`.
 *
 * @derivative `sign(x)`; 0 at 0 and at NaN
 * @example
 * ```ts
 * nd.abs(nd.array([-3, 0, 2])); // [3. 0. 2.]
 * ```
 */
export const abs: UnaryFn = signs.fn("abs");

/**
 * The sign: -1, 0 or 1.
 *
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 0 for NaN, as for 0
 * @example
 * ```ts
 * nd.sign(nd.array([-3, 0, 2])); // [-1.  0.  1.]
 * ```
 */
export const sign: UnaryFn = signs.fn("sign");

import type { OpTable } from "../core/opTable.js";
import { call, type UnaryFn, type UnaryRow, unaryOps } from "./unaryOps.js";

function step(fn: Parameters<typeof call>[0], docs: string): UnaryRow {
  return { expr: call(fn), vjp: "piecewise constant", exact: true, docs };
}

/** Rounding to integers. */
export const roundings: OpTable<UnaryFn> = unaryOps({
  ceil: step("ceil", "The next integer up. Derivative 0."),
  floor: step("floor", "The next integer down. Derivative 0."),
  round: step("round", "The nearest integer, halves away from 0. Derivative 0."),
  rint: step("rint", "The nearest integer, halves down. Derivative 0."),
  trunc: step("trunc", "The integer part: rounding towards 0. Derivative 0."),
});

/**
 * The next integer up.
 *
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges infinities and NaN stay; the result between -1 and 0 is -0
 * @example
 * ```ts
 * nd.ceil(nd.array([-1.5, -0.2, 2.5])); // [-1. -0.  3.]
 * ```
 */
export const ceil: UnaryFn = roundings.fn("ceil");

/**
 * The next integer down.
 *
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges infinities and NaN stay
 * @example
 * ```ts
 * nd.floor(nd.array([-1.5, -0.2, 2.5])); // [-2. -1.  2.]
 * ```
 */
export const floor: UnaryFn = roundings.fn("floor");

/**
 * The nearest integer, halves away from 0.
 *
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges infinities and NaN stay
 * @example
 * ```ts
 * nd.round(nd.array([-2.5, 0.4, 2.5])); // [-3.  0.  3.]
 * ```
 */
export const round: UnaryFn = roundings.fn("round");

/**
 * The nearest integer, halves down, as MXNet has it (IEEE and numpy round halves to even).
 *
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 2.5 gives 2, -2.5 gives -3; infinities and NaN stay
 * @example
 * ```ts
 * nd.rint(nd.array([-2.5, 0.4, 2.5])); // [-3.  0.  2.]
 * ```
 */
export const rint: UnaryFn = roundings.fn("rint");

/**
 * The integer part: rounding towards 0.
 *
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges infinities and NaN stay; the result between -1 and 0 is -0
 * @example
 * ```ts
 * nd.trunc(nd.array([-1.5, -0.2, 2.5])); // [-1. -0.  2.]
 * ```
 */
export const trunc: UnaryFn = roundings.fn("trunc");

import type { Operand } from "@adjoint/graph";
import { applyOne } from "../core/define.js";
import type { OpTable } from "../core/opTable.js";
import { constantLike, type UnaryFn, unaryOp, unaryOps } from "./unaryOps.js";

/** Operators that pass values on but change the gradient, and constants of an argument's type. */
export const identities: OpTable<UnaryFn> = unaryOps({
  identity: {
    expr: (x) => x,
    vjp: (head) => head,
    exact: true,
    docs: "The argument itself, as a new value. Derivative 1.",
  },
  zerosLike: {
    expr: (x) => constantLike(x, 0),
    vjp: "constant",
    exact: true,
    docs: "Zeros of the argument's shape and dtype. Derivative 0.",
  },
  onesLike: {
    expr: (x) => constantLike(x, 1),
    vjp: "constant",
    exact: true,
    docs: "Ones of the argument's shape and dtype. Derivative 0.",
  },
});

export const stopGradientOp = unaryOp(
  "stopGradient",
  {},
  {
    expr: (x) => x,
    vjp: "the gradient stops here",
    exact: true,
    docs: "The argument itself. Derivative 0: what is above gets no gradient through here.",
  },
);

/**
 * The argument itself, as a new value.
 *
 * @derivative 1
 * @example
 * ```ts
 * nd.identity(nd.array([-1, 0, 2])); // [-1.  0.  2.]
 * ```
 */
export const identity: UnaryFn = identities.fn("identity");

/**
 * The argument itself, as a constant to differentiation.
 *
 * @derivative 0: what `x` was computed from gets no gradient through here
 * @example
 * ```ts
 * nd.stopGradient(nd.array([-1, 0, 2])); // [-1.  0.  2.]
 * ```
 */
export const stopGradient: UnaryFn = (x) => applyOne(stopGradientOp, [x]);

/**
 * Zeros of the argument's shape and dtype.
 *
 * @derivative 0: the result is constant
 * @edges 0 also where x is NaN
 * @example
 * ```ts
 * nd.zerosLike(nd.array([-1, 0, 2])); // [0. 0. 0.]
 * ```
 */
export const zerosLike: UnaryFn = identities.fn("zerosLike");

/**
 * Ones of the argument's shape and dtype.
 *
 * @derivative 0: the result is constant
 * @edges 1 also where x is NaN
 * @example
 * ```ts
 * nd.onesLike(nd.array([-1, 0, 2])); // [1. 1. 1.]
 * ```
 */
export const onesLike: UnaryFn = identities.fn("onesLike");

/** `result`, or a copy where that is `x` itself: what a public function gives is never its argument. */
export function asNew<T extends Operand<T>>(x: T, result: T): T {
  return result === x ? identity(x) : result;
}

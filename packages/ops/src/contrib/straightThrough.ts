import type { Operand } from "@adjoint/graph";
import { applyOne, checkOperands } from "../core/define.js";
import type { OpTable } from "../core/opTable.js";
import { readOptions } from "../core/options.js";
import { mul } from "../elementwise/arithmetic.js";
import { call, type UnaryFn, unaryOp, unaryOps } from "../elementwise/unaryOps.js";

/**
 * Steps whose gradient is that of the identity (Y. Bengio, N. Léonard, A. Courville, Estimating or
 * propagating gradients through stochastic neurons for conditional computation, arXiv:1308.3432,
 * 2013).
 */
export const straightThrough: OpTable<UnaryFn> = unaryOps({
  roundSte: {
    expr: call("round"),
    vjp: (head) => head,
    exact: true,
    docs: "The nearest integer, halves away from 0. Gradient as if it were the argument: 1.",
  },
  signSte: {
    expr: call("sign"),
    vjp: (head) => head,
    exact: true,
    docs: "-1, 0 or 1. Gradient as if it were the argument: 1.",
  },
});

/**
 * The nearest integer, halves away from 0, with the gradient of the identity.
 *
 * @derivative declared to be 1 everywhere (straight-through estimator, Bengio et al. 2013), where
 *   that of `round` is 0
 * @edges infinities and NaN stay
 * @example
 * ```ts
 * nd.contrib.roundSte(nd.array([-1.5, 0.4, 2.7])); // [-2.  0.  3.]
 * ```
 */
export const roundSte: UnaryFn = straightThrough.fn("roundSte");

/**
 * The sign, with the gradient of the identity.
 *
 * @derivative declared to be 1 everywhere (straight-through estimator, Bengio et al. 2013), where
 *   that of `sign` is 0
 * @edges as `sign`
 * @example
 * ```ts
 * nd.contrib.signSte(nd.array([-1.5, 0, 2.7])); // [-1.  0.  1.]
 * ```
 */
export const signSte: UnaryFn = straightThrough.fn("signSte");

export type GradientMultiplierAttrs = { scalar: number };

export const gradientMultiplierOp = unaryOp<GradientMultiplierAttrs>(
  "gradientMultiplier",
  { scalar: "number" },
  {
    expr: (x) => x,
    vjp: (head, _x, _y, { scalar }) => mul(head, scalar),
    exact: true,
    docs: "The argument itself. Gradient `scalar` times the head gradient.",
  },
);

/**
 * The argument itself, whose gradient is multiplied by a number on its way back.
 *
 * @param x any shape and dtype
 * @param options.scalar the factor; a negative one turns the gradient around
 * @returns x's shape and dtype
 * @throws AttributeError for an unknown option
 * @derivative declared to be `scalar`
 * @edges `scalar` is 1 unless given
 * @example
 * ```ts
 * const x = nd.array([3, 4]);
 * x.attachGrad();
 * autograd.record(() => nd.contrib.gradientmultiplier(x, { scalar: -0.5 })).backward();
 * x.grad; // [-0.5 -0.5]
 * ```
 */
export function gradientmultiplier<T extends Operand<T>>(
  x: T,
  options?: Partial<GradientMultiplierAttrs>,
): T {
  checkOperands("contrib.gradientmultiplier", [x]);
  const defaults: GradientMultiplierAttrs = { scalar: 1 };
  const attrs = readOptions("contrib.gradientmultiplier", options, defaults);
  return applyOne(gradientMultiplierOp, [x], attrs);
}

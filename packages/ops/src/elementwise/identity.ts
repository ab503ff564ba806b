import type { Operand } from "@adjoint/graph";
import { applyOne, checkOperands } from "../core/define.js";
import type { OpTable } from "../core/opTable.js";
import { checkChoice, readOptions } from "../core/options.js";
import { fill } from "./full.js";
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

export const makeLossOp = unaryOp<{ gradScale: number }>(
  "makeLoss",
  { gradScale: "number" },
  {
    expr: (x) => x,
    vjp: (head, _x, _y, { gradScale }) => fill(head, head.type.shape, gradScale),
    exact: true,
    docs: "The argument itself, as a loss. Gradient `gradScale`, whatever the head gradient.",
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

export interface MakeLossOptions {
  /** The gradient that every element starts from. */
  gradScale: number;
  /** `batch` divides it by the length of the first axis. */
  normalization: "null" | "batch";
}

const makeLossDefaults: MakeLossOptions = { gradScale: 1, normalization: "null" };

/**
 * Declares values to be a loss: backward starts here with `gradScale` and ignores the head
 * gradient.
 *
 * @param x the loss, any shape and dtype
 * @returns x unchanged
 * @throws AttributeError for an unknown normalization
 * @derivative `gradScale` for each element, whatever the head gradient; with `batch` divided by the
 *   length of the first axis
 * @example
 * ```ts
 * const x = nd.array([3, 4]);
 * x.attachGrad();
 * autograd.record(() => nd.makeLoss(nd.square(x), { gradScale: 0.5 })).backward();
 * x.grad; // [3. 4.]
 * ```
 */
export function makeLoss<T extends Operand<T>>(x: T, options?: Partial<MakeLossOptions>): T {
  checkOperands("makeLoss", [x]);
  const { gradScale, normalization } = readOptions("makeLoss", options, makeLossDefaults);
  const divisor =
    checkChoice("makeLoss", "normalization", normalization, ["null", "batch"]) === "batch"
      ? (x.type.shape[0] ?? 1)
      : 1;
  return applyOne(makeLossOp, [x], { gradScale: gradScale / divisor });
}

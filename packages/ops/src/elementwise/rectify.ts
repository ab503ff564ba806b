import { type Operand, scalar } from "@adjoint/graph";
import { applyOne } from "../core/define.js";
import type { OpTable } from "../core/opTable.js";
import { readOptions } from "../core/options.js";
import { add, div, mul, sub } from "./arithmetic.js";
import { greater, lesser, logicalAnd } from "./compare.js";
import { square } from "./powers.js";
import { abs } from "./sign.js";
import { call, constantLike, type UnaryFn, unaryOp, unaryOps } from "./unaryOps.js";
import { select } from "./where.js";

/** Squashing and rectifying functions of neural networks. */
export const rectifiers: OpTable<UnaryFn> = unaryOps({
  sigmoid: {
    expr: call("sigmoid"),
    vjp: (head, _x, y) => mul(head, mul(y, sub(1, y))),
    docs: "`1 / (1 + e**-x)`. Derivative `y (1 - y)`.",
  },
  softsign: {
    expr: (x) =>
      scalar.binary("div", x, scalar.binary("add", constantLike(x, 1), scalar.unary("abs", x))),
    // 1 - |y| would do as well but cancels for large x.
    vjp: (head, x) => div(head, square(add(abs(x), 1))),
    docs: "`x / (1 + |x|)`. Derivative `1 / (1 + |x|)**2`.",
  },
  relu: {
    expr: (x) => scalar.binary("max", x, constantLike(x, 0)),
    // Where y is not positive it is 0 or NaN, which is the gradient there.
    vjp: (head, _x, y) => select(greater(y, 0), head, y),
    exact: true,
    docs: "`max(x, 0)`. Derivative 1 above 0, else 0; NaN at NaN.",
  },
});

/**
 * `1 / (1 + e**-x)`.
 *
 * @derivative `y (1 - y)` with the result y
 * @edges 0 and 1 at -inf and inf
 * @example
 * ```ts
 * nd.sigmoid(nd.array([-1, 0, 2])); // [0.26894143 0.5        0.8807971 ]
 * ```
 */
export const sigmoid: UnaryFn = rectifiers.fn("sigmoid");

/**
 * `x / (1 + |x|)`.
 *
 * @derivative `1 / (1 + |x|)**2`
 * @edges NaN at infinities, where the formula is inf/inf
 * @example
 * ```ts
 * nd.softsign(nd.array([-1, 0, 2])); // [-0.5        0.         0.6666667]
 * ```
 */
export const softsign: UnaryFn = rectifiers.fn("softsign");

/**
 * `max(x, 0)`.
 *
 * @derivative 1 above 0, else 0 (0 at 0); NaN at NaN
 * @edges NaN stays (`Activation` makes it 0)
 * @example
 * ```ts
 * nd.relu(nd.array([-1, 0, 2])); // [0. 0. 2.]
 * ```
 */
export const relu: UnaryFn = rectifiers.fn("relu");

export type HardSigmoidAttrs = { alpha: number; beta: number };

export const hardSigmoidOp = unaryOp<HardSigmoidAttrs>(
  "hardSigmoid",
  { alpha: "number", beta: "number" },
  {
    expr(x, { alpha, beta }) {
      const line = scalar.binary(
        "add",
        scalar.binary("mul", x, constantLike(x, alpha)),
        constantLike(x, beta),
      );
      const below = scalar.binary("min", line, constantLike(x, 1));
      return scalar.binary("max", below, constantLike(x, 0));
    },
    vjp: (head, _x, y, { alpha }) =>
      select(logicalAnd(greater(y, 0), lesser(y, 1)), mul(head, alpha), 0),
    docs: "`alpha x + beta`, cut to 0 and 1. Derivative `alpha` strictly between, else 0.",
  },
);

/**
 * A straight line cut at 0 and 1: `min(max(alpha x + beta, 0), 1)`.
 *
 * @param x any shape and dtype
 * @param options.alpha slope
 * @param options.beta value at 0
 * @returns x's shape and dtype
 * @throws AttributeError for an unknown option
 * @derivative `alpha` strictly between the cuts; 0 at and beyond them, and at NaN
 * @edges NaN stays
 * @example
 * ```ts
 * nd.hardSigmoid(nd.array([-3, 0, 1])); // [0.  0.5 0.7]
 * ```
 */
export function hardSigmoid<T extends Operand<T>>(x: T, options?: Partial<HardSigmoidAttrs>): T {
  const defaults: HardSigmoidAttrs = { alpha: 0.2, beta: 0.5 };
  return applyOne(hardSigmoidOp, [x], readOptions("hardSigmoid", options, defaults));
}

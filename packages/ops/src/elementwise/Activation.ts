import type { Operand, Value } from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { checkChoice } from "../core/options.js";
import { add, div, mul, negative, sub } from "./arithmetic.js";
import { greater } from "./compare.js";
import { exp, expm1, log1p, tanh } from "./exponential.js";
import { square } from "./powers.js";
import { relu, sigmoid, softsign } from "./rectify.js";
import { abs } from "./sign.js";
import { select } from "./where.js";

export const activations = ["relu", "sigmoid", "softrelu", "softsign", "tanh"] as const;
export type ActivationType = (typeof activations)[number];

interface ActivationRow {
  value(x: Value): Value;
  /** Gradient from head gradient, argument and result. */
  vjp(head: Value, x: Value, y: Value): Value;
}

const rows: { readonly [K in ActivationType]: ActivationRow } = {
  // NaN is not positive: unlike the operator `relu`, this one gives 0.
  relu: {
    value: (x) => select(greater(x, 0), x, 0),
    vjp: (head, _x, y) => select(greater(y, 0), head, 0),
  },
  sigmoid: { value: sigmoid, vjp: (head, _x, y) => mul(head, mul(y, sub(1, y))) },
  // log(1 + e**x) = max(x, 0) + log(1 + e**-|x|), which can't overflow; its derivative is 1 -
  // e**-y.
  softrelu: {
    value: (x) => add(relu(x), log1p(exp(negative(abs(x))))),
    vjp: (head, _x, y) => negative(mul(head, expm1(negative(y)))),
  },
  softsign: { value: softsign, vjp: (head, x) => div(head, square(add(abs(x), 1))) },
  tanh: { value: tanh, vjp: (head, _x, y) => mul(head, sub(1, square(y))) },
};

function row(actType: string): ActivationRow {
  return rows[checkChoice("Activation", "actType", actType, activations)];
}

export const activationOp = defineOp<{ actType: string }>({
  name: "Activation",
  arity: 1,
  attrs: { actType: "string" },
  infer(ins, { actType }) {
    row(actType);
    return [nth("Activation", ins, 0)];
  },
  compose: (ins, { actType }) => [row(actType).value(nth("Activation", ins, 0))],
  vjp: {
    rule: ({ ins, outs, heads, attrs }) => [
      row(attrs.actType).vjp(headOf(heads), nth("Activation", ins, 0), nth("Activation", outs, 0)),
    ],
  },
  docs: [
    "`relu`, `sigmoid`, `softrelu` (`log(1 + e**x)`), `softsign` or `tanh`.",
    "`relu` is 0 at NaN, where the operator of that name stays NaN.",
  ].join("\n"),
});

/**
 * An activation function by name: relu, sigmoid, softrelu (`log(1 + e**x)`), softsign or tanh.
 *
 * @param x any shape and dtype
 * @param options.actType which function
 * @returns x's shape and dtype
 * @throws AttributeError for an unknown or missing `actType`
 * @derivative that of the function named; `relu` 0 at 0 and at NaN
 * @edges `relu` is 0 at NaN, as in MXNet, where `nd.relu` stays NaN; `softsign` is NaN at
 *   infinities; `softrelu` does not overflow
 * @example
 * ```ts
 * nd.Activation(nd.array([-1, 2]), { actType: "relu" }); // [0. 2.]
 * ```
 */
export function Activation<T extends Operand<T>>(x: T, options: { actType: ActivationType }): T {
  const actType = checkChoice("Activation", "actType", options?.actType, activations);
  return applyOne(activationOp, [x], { actType });
}

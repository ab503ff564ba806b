import type { ScalarExpr } from "@adjoint/graph";
import { operandsFirst, operandsOf } from "../../kernels/expressionOrder.js";
import type { Access, Group, GroupValue } from "./group.js";

/** A text that is equal for groups whose code is the same. */
export function groupKey({ axes, operands, values, stores }: Group): string {
  const lengths = axes.map(({ length, reduced }) => `${length}${reduced ? "r" : ""}`);
  return [
    lengths.join(),
    operands.join(),
    ...values.map(valueKey),
    ...stores.map(({ value, access }) => `${value}>${accessKey(access)}`),
  ].join(";");
}

function accessKey({ operand, offset, strides }: Access): string {
  return `${operand}+${offset}:${strides.join()}`;
}

function valueKey(value: GroupValue): string {
  switch (value.kind) {
    case "load":
      return `l${accessKey(value.access)}`;
    case "coordinate":
      return `c${value.strides.join()}`;
    case "map":
      return `m${value.ins.join()}(${exprKey(value.expr)})${JSON.stringify(value.refusal) ?? ""}`;
    case "reduce":
      return `r${value.monoid}${value.dtype}${value.x}`;
    default:
      return value satisfies never;
  }
}

/** Sub-expressions are named by their position, so that shared ones are written once. */
function exprKey(expr: ScalarExpr): string {
  const order = operandsFirst(expr);
  const numbers = new Map(order.map((one, position) => [one, position]));
  return order
    .map((one) => {
      const operands = operandsOf(one).map((operand) => numbers.get(operand));
      return `${one.dtype}${ownKey(one)}${operands.join()}`;
    })
    .join("|");
}

function ownKey(expr: ScalarExpr): string {
  switch (expr.kind) {
    case "arg":
      return `a${expr.arg}`;
    case "constant":
      return `k${Object.is(expr.value, -0) ? "-0" : expr.value}`;
    case "coordinate":
      return `x${expr.axis}`;
    case "unary":
    case "binary":
      return expr.fn;
    case "select":
    case "cast":
      return expr.kind;
    default:
      return expr satisfies never;
  }
}

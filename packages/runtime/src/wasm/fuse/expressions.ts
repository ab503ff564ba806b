import { type BinaryFunction, isFloat, type ScalarExpr, type UnaryFunction } from "@adjoint/graph";
import { operandsFirst } from "../../kernels/expressionOrder.js";

const cheapUnary: ReadonlySet<UnaryFunction> = new Set([
  "neg",
  "abs",
  "sign",
  "ceil",
  "floor",
  "round",
  "rint",
  "trunc",
  "not",
  "isNaN",
] as const);
const dearBinary: ReadonlySet<BinaryFunction> = new Set([
  "mod",
  "pow",
  "atan2",
  "hypot",
  "polygamma",
] as const);

/** Estimated operations for one element, where an addition is one. */
export function exprCost(expr: ScalarExpr): number {
  let cost = 0;
  for (const one of operandsFirst(expr)) cost += ownCost(one);
  return cost;
}

function ownCost(expr: ScalarExpr): number {
  switch (expr.kind) {
    case "arg":
    case "constant":
    case "coordinate":
      return 0;
    case "unary":
      if (cheapUnary.has(expr.fn)) return 1;
      return expr.fn === "sqrt" ? 4 : 20;
    case "binary":
      if (dearBinary.has(expr.fn)) return 40;
      return expr.fn === "div" ? 4 : 1;
    case "select":
    case "cast":
      return 1;
    default:
      return expr satisfies never;
  }
}

/** Whether it is a quotient of integers, whose divisor may not be 0. */
export function dividesIntegers(expr: ScalarExpr): boolean {
  if (expr.kind !== "binary" || expr.fn !== "div") return false;
  return !isFloat(expr.a.dtype) && expr.a.dtype !== "bool";
}

/** The expression with arguments in place of coordinates; `argument` gives the number of one. */
export function replaceCoordinates(
  root: ScalarExpr,
  argument: (axis: number) => number,
): ScalarExpr {
  const order = operandsFirst(root);
  if (!order.some(({ kind }) => kind === "coordinate")) return root;
  const known = new Map<ScalarExpr, ScalarExpr>();
  const changed = (expr: ScalarExpr) => known.get(expr) ?? expr;
  for (const expr of order) known.set(expr, replaceIn(expr, changed, argument));
  return changed(root);
}

function replaceIn(
  expr: ScalarExpr,
  changed: (expr: ScalarExpr) => ScalarExpr,
  argument: (axis: number) => number,
): ScalarExpr {
  switch (expr.kind) {
    case "coordinate":
      return { kind: "arg", arg: argument(expr.axis), dtype: expr.dtype };
    case "arg":
    case "constant":
      return expr;
    case "unary":
    case "cast":
      return { ...expr, x: changed(expr.x) };
    case "binary":
      return { ...expr, a: changed(expr.a), b: changed(expr.b) };
    case "select":
      return {
        ...expr,
        condition: changed(expr.condition),
        a: changed(expr.a),
        b: changed(expr.b),
      };
    default:
      return expr satisfies never;
  }
}

import type { ScalarExpr } from "@adjoint/graph";

/** The sub-expressions, each after its operands; found without recursion, as they may be deep. */
export function operandsFirst(root: ScalarExpr): ScalarExpr[] {
  const order: ScalarExpr[] = [];
  const entered = new Set<ScalarExpr>();
  const done = new Set<ScalarExpr>();
  const open = [root];
  for (let expr = open.at(-1); expr !== undefined; expr = open.at(-1)) {
    if (!entered.has(expr)) {
      entered.add(expr);
      for (const operand of [...operandsOf(expr)].reverse()) {
        if (!entered.has(operand)) open.push(operand);
      }
    } else {
      open.pop();
      if (!done.has(expr)) order.push(expr);
      done.add(expr);
    }
  }
  return order;
}

/** What an expression is computed from. */
export function operandsOf(expr: ScalarExpr): readonly ScalarExpr[] {
  switch (expr.kind) {
    case "arg":
    case "constant":
    case "coordinate":
      return [];
    case "unary":
    case "cast":
      return [expr.x];
    case "binary":
      return [expr.a, expr.b];
    case "select":
      return [expr.condition, expr.a, expr.b];
    default:
      return expr satisfies never;
  }
}

import type { ScalarExpr } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import { operandsFirst, operandsOf } from "../../kernels/expressionOrder.js";
import { dividesIntegers } from "./expressions.js";
import type { LaneCode } from "./laneCode.js";
import type { Lanes } from "./lanes.js";

/**
 * Emits a scalar expression on four elements; equal objects are computed once. `checkDivisor` gets
 * the divisors of integers.
 */
export function emitMap(
  code: LaneCode,
  expr: ScalarExpr,
  ins: readonly Lanes[],
  checkDivisor: (divisor: Lanes) => void,
): Lanes {
  const known = new Map<ScalarExpr, Lanes>();
  let last: Lanes | undefined;
  for (const one of operandsFirst(expr)) {
    const operands = operandsOf(one).map((operand) => {
      const lanes = known.get(operand);
      if (lanes === undefined) throw new Error(`${operand.kind}: read before it is computed`);
      return lanes;
    });
    if (dividesIntegers(one)) checkDivisor(at(operands, 1));
    last = emitOne(code, one, operands, ins);
    known.set(one, last);
  }
  if (last === undefined) throw new Error("empty expression");
  return isRounded(expr) ? last : code.finish(last);
}

/** Whether an expression gives nothing but numbers of its dtype. */
function isRounded({ kind }: ScalarExpr): boolean {
  return kind === "arg" || kind === "constant" || kind === "cast";
}

function emitOne(
  code: LaneCode,
  expr: ScalarExpr,
  operands: readonly Lanes[],
  ins: readonly Lanes[],
): Lanes {
  switch (expr.kind) {
    case "arg":
      return code.cast(at(ins, expr.arg), expr.dtype);
    case "constant":
      return code.constant(expr.value, expr.dtype);
    case "coordinate":
      throw new Error("coordinates are values of the group");
    case "unary":
      return code.unary(expr.fn, at(operands, 0));
    case "binary":
      return code.binary(expr.fn, at(operands, 0), at(operands, 1));
    case "select":
      return code.select(at(operands, 0), at(operands, 1), at(operands, 2));
    case "cast":
      return code.cast(at(operands, 0), expr.dtype);
    default:
      return expr satisfies never;
  }
}

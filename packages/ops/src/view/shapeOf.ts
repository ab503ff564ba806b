import type { Operand, Shape } from "@adjoint/graph";
import { checkOperands, isOperand } from "../core/define.js";

/** The shape of an argument of `op`; refuses what is not an array. */
export function shapeOf<T extends Operand<T>>(op: string, x: T): Shape {
  if (!isOperand(x)) checkOperands(op, [x]);
  return x.type.shape;
}

import { equalShapes, formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { checkOperands } from "../core/define.js";
import { add, div, mul, sub } from "./arithmetic.js";
import type { BinaryFn } from "./binaryOps.js";

/** Two arrays of equal shape and dtype. */
export type ElemwiseFn = <T extends Operand<T>>(a: T, b: T) => T;

/** `fn` for equal shapes alone. */
function withoutBroadcast(op: string, fn: BinaryFn): ElemwiseFn {
  return (a, b) => {
    checkOperands(op, [a, b]);
    if (equalShapes(a.type.shape, b.type.shape)) return fn(a, b);
    throw new ShapeError({
      op,
      problem: "shapes differ",
      received: `${formatShape(a.type.shape)} and ${formatShape(b.type.shape)}`,
      allowed: "equal shapes",
    });
  };
}

/** `a + b` of equal shapes. Throws a ShapeError for others: nothing is broadcast. */
export const elemwiseAdd: ElemwiseFn = withoutBroadcast("elemwiseAdd", add);
/** `a - b` of equal shapes. Throws a ShapeError for others: nothing is broadcast. */
export const elemwiseSub: ElemwiseFn = withoutBroadcast("elemwiseSub", sub);
/** `a * b` of equal shapes. Throws a ShapeError for others: nothing is broadcast. */
export const elemwiseMul: ElemwiseFn = withoutBroadcast("elemwiseMul", mul);
/** `a / b` of equal shapes. Throws a ShapeError for others: nothing is broadcast. */
export const elemwiseDiv: ElemwiseFn = withoutBroadcast("elemwiseDiv", div);

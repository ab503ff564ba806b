import { type Operand, sizeOf } from "@adjoint/graph";
import { checkOperands, first } from "../core/define.js";
import { fullOp } from "../elementwise/full.js";
import { concatAlong } from "./concat.js";

function integer<T extends Operand<T>>(like: T, value: number): T {
  const attrs = { shape: [1], dtype: "int64", value };
  return first("full", like.emitter.emit(fullOp, [], attrs));
}

/**
 * The lengths of an array's axes, known without computing anything.
 *
 * @param x any shape and dtype
 * @returns int64 of shape (number of axes,)
 * @throws ArgumentError unless x is an array
 * @derivative 0 everywhere: a shape does not depend on the elements
 * @edges shape `(0,)` for a scalar
 * @example
 * ```ts
 * nd.shapeArray(nd.zeros([2, 3])); // [2 3]
 * ```
 */
export function shapeArray<T extends Operand<T>>(x: T): T {
  checkOperands("shapeArray", [x]);
  const [head, ...rest] = x.type.shape.map((length) => integer(x, length));
  if (head === undefined) {
    return first("full", x.emitter.emit(fullOp, [], { shape: [0], dtype: "int64", value: 0 }));
  }
  return concatAlong([head, ...rest], 0);
}

/**
 * The number of an array's elements, known without computing anything.
 *
 * @param x any shape and dtype
 * @returns int64 of shape `(1,)`
 * @throws ArgumentError unless x is an array
 * @derivative 0 everywhere: a size does not depend on the elements
 * @edges 1 for a scalar, 0 for an empty array
 * @example
 * ```ts
 * nd.sizeArray(nd.zeros([2, 3])); // [6]
 * ```
 */
export function sizeArray<T extends Operand<T>>(x: T): T {
  checkOperands("sizeArray", [x]);
  return integer(x, sizeOf(x.type.shape));
}

import { equalShapes, formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { checkOperands } from "../core/define.js";
import { add, div, mul, sub } from "./arithmetic.js";
import type { BinaryFn } from "./binaryOps.js";

/**
 * A function of two arrays of equal shape and dtype, element by element.
 *
 * @param a any shape and dtype
 * @param b a's shape and dtype
 * @returns the arguments' shape and dtype
 * @throws ShapeError if the shapes differ: nothing is broadcast; DTypeError if the dtypes differ
 */
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

/**
 * `a + b` of equal shapes.
 *
 * @derivative 1 to both
 * @example
 * ```ts
 * nd.elemwiseAdd(nd.array([1, 2]), nd.array([3, 4])); // [4. 6.]
 * ```
 */
export const elemwiseAdd: ElemwiseFn = withoutBroadcast("elemwiseAdd", add);
/**
 * `a - b` of equal shapes.
 *
 * @derivative 1 to `a`, -1 to `b`
 * @example
 * ```ts
 * nd.elemwiseSub(nd.array([1, 2]), nd.array([3, 4])); // [-2. -2.]
 * ```
 */
export const elemwiseSub: ElemwiseFn = withoutBroadcast("elemwiseSub", sub);
/**
 * `a * b` of equal shapes.
 *
 * @derivative `b` to `a` and `a` to `b`
 * @example
 * ```ts
 * nd.elemwiseMul(nd.array([1, 2]), nd.array([3, 4])); // [3. 8.]
 * ```
 */
export const elemwiseMul: ElemwiseFn = withoutBroadcast("elemwiseMul", mul);
/**
 * `a / b` of equal shapes; integers truncate towards 0.
 *
 * @throws ShapeError if the shapes differ: nothing is broadcast; DTypeError if the dtypes differ;
 *   ArgumentError, when it runs, for an integer divided by 0
 * @derivative `1/b` and `-a/b**2`
 * @edges floats by 0: infinite, NaN for 0 / 0
 * @example
 * ```ts
 * nd.elemwiseDiv(nd.array([1, 2]), nd.array([4, 4])); // [0.25 0.5 ]
 * ```
 */
export const elemwiseDiv: ElemwiseFn = withoutBroadcast("elemwiseDiv", div);

import type { Operand } from "@adjoint/graph";
import type { OpTable } from "../core/opTable.js";
import { type BinaryFn, binaryOps, call } from "./binaryOps.js";
import { greater, greaterEqual, lesser, lesserEqual } from "./compare.js";
import { select } from "./where.js";

/** The larger and the smaller of two. */
export const extremes: OpTable<BinaryFn> = binaryOps({
  maximum: {
    expr: call("max"),
    vjp: [
      (head, a, b) => select(greaterEqual(a, b), head, 0),
      (head, a, b) => select(greater(b, a), head, 0),
    ],
    docs: "The larger; NaN where either is. At a tie `a` gets the gradient; at NaN neither does.",
  },
  minimum: {
    expr: call("min"),
    vjp: [
      (head, a, b) => select(lesserEqual(a, b), head, 0),
      (head, a, b) => select(lesser(b, a), head, 0),
    ],
    docs: "The smaller; NaN where either is. At a tie `a` gets the gradient; at NaN neither does.",
  },
});

/** A number goes second, so that the array gets the gradient of a tie. */
function arrayFirst(fn: BinaryFn): BinaryFn {
  return <T extends Operand<T>>(a: T | number, b: T | number): T =>
    typeof a === "number" ? fn(b, a) : fn(a, b);
}

/**
 * The larger of two, broadcast.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 1 to the larger, 0 to the smaller; at a tie `a` gets it (the array, beside a number);
 *   at NaN neither does
 * @edges NaN where either is NaN
 * @example
 * ```ts
 * nd.maximum(nd.array([1, 5]), nd.array([3, 2])); // [3. 5.]
 * ```
 */
export const maximum: BinaryFn = arrayFirst(extremes.fn("maximum"));

/**
 * The smaller of two, broadcast.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 1 to the smaller, 0 to the larger; at a tie `a` gets it (the array, beside a number);
 *   at NaN neither does
 * @edges NaN where either is NaN
 * @example
 * ```ts
 * nd.minimum(nd.array([1, 5]), nd.array([3, 2])); // [1. 2.]
 * ```
 */
export const minimum: BinaryFn = arrayFirst(extremes.fn("minimum"));

import { AttributeError, type Operand } from "@adjoint/graph";
import { describe, nth } from "../core/define.js";
import { normalizeAxis, readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { castTo } from "../elementwise/cast.js";
import { fill } from "../elementwise/full.js";
import { stackAlong } from "../pack/stack.js";
import { broadcastTo } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { shapeOf } from "../view/shapeOf.js";

export interface IndexArrayOptions {
  /** The axes whose positions are given, counted from either end; null for all, in order. */
  axes: readonly number[] | null;
}

/**
 * The position of each element: its indices along a new last axis.
 *
 * @param x any shape and dtype; its numbers do not matter
 * @returns int64 of x's shape with one more axis, as long as `axes`
 * @throws BoundsError for an axis out of range; AttributeError for axes that are no list
 * @derivative 0 everywhere: the result is constant
 * @example
 * ```ts
 * nd.contrib.indexArray(nd.zeros([2, 2])); // [[[0 0] [0 1]] [[1 0] [1 1]]]
 * nd.contrib.indexArray(nd.zeros([2, 2]), { axes: [1] }); // [[[0] [1]] [[0] [1]]]
 * ```
 */
export function indexArray<T extends Operand<T>>(x: T, options?: Partial<IndexArrayOptions>): T {
  const op = "contrib.indexArray";
  const shape = shapeOf(op, x);
  const { axes } = readOptions<IndexArrayOptions>(op, options, { axes: null });
  if (axes !== null && !Array.isArray(axes)) {
    throw new AttributeError({
      op,
      problem: "axes are not valid",
      received: describe(axes),
      allowed: "a list of integers, or null for all",
    });
  }
  const chosen = axes?.map((axis) => normalizeAxis(op, axis, shape.length)) ?? [...shape.keys()];
  const [head, ...rest] = chosen.map((axis) => {
    const length = nth(op, shape, axis);
    const along = shape.map((_, other) => (other === axis ? length : 1));
    return broadcastTo(reshape(iota(x, length, { dtype: "int64" }), along), shape);
  });
  if (head === undefined) return castTo(fill(x, [...shape, 0], 0), "int64");
  return stackAlong([head, ...rest], shape.length);
}

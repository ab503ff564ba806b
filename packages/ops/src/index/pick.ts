import { equalShapes, formatShape, type Operand, ShapeError, sizeOf } from "@adjoint/graph";
import { checkChoice, normalizeAxis, readOptions } from "../core/options.js";
import { reducedShape } from "../core/shapes.js";
import { reshape } from "../view/reshape.js";
import { shapeOf } from "../view/shapeOf.js";
import { type IndexMode, indexModes } from "./take.js";
import { takeAlong } from "./takeAlong.js";

export interface PickOptions {
  /** The axis in which to pick, counted from either end; null for the flattened array. */
  axis: number | null;
  /** Leave the axis with length 1. */
  keepdims: boolean;
  /** Out of range: `clip` takes the nearest, `wrap` counts around. */
  mode: IndexMode;
}

/**
 * One element along an axis for each index.
 *
 * @param x any shape and dtype
 * @param index x's shape without the axis (or with length 1 along it), any dtype; fractions are cut
 *   off
 * @returns x's shape without the axis (with length 1 if `keepdims`), x's dtype
 * @throws ShapeError if the index has another shape; BoundsError for an axis out of range
 * @derivative to x the head gradient where it was taken from; none to the index
 * @edges an index out of range counts as the nearest, or with mode `wrap` around the axis
 * @example
 * ```ts
 * nd.pick(nd.array([[1, 2], [3, 4]]), nd.array([1, 0])); // [2. 3.]
 * ```
 */
export function pick<T extends Operand<T>>(x: T, index: T, options?: Partial<PickOptions>): T {
  const { axis, keepdims, mode } = readOptions<PickOptions>("pick", options, {
    axis: -1,
    keepdims: false,
    mode: "clip",
  });
  checkChoice("pick", "mode", mode, indexModes);
  const whole = shapeOf("pick", x);
  const data = axis === null ? reshape(x, [sizeOf(whole)]) : x;
  const along = normalizeAxis("pick", axis ?? 0, data.type.shape.length);
  const kept = reducedShape(data.type.shape, [along], true);
  const removed = reducedShape(data.type.shape, [along], false);
  const shape = shapeOf("pick", index);
  const single = removed.length === 0 && equalShapes(shape, [1]);
  if (!equalShapes(shape, kept) && !equalShapes(shape, removed) && !single) {
    throw new ShapeError({
      op: "pick",
      problem: "index does not fit",
      received: `${formatShape(shape)} for ${formatShape(data.type.shape)} along axis ${along}`,
      allowed: `${formatShape(removed)} or ${formatShape(kept)}`,
    });
  }
  const picked = takeAlong(data, reshape(index, kept), along, mode);
  return keepdims || removed.length === 0 ? picked : reshape(picked, removed);
}

/**
 * One element of each row.
 *
 * @param a shape (rows, columns), any dtype
 * @param indices shape (rows,), any dtype; fractions are cut off
 * @returns shape (rows,), a's dtype
 * @throws ShapeError if the arrays have other shapes
 * @derivative to `a` the head gradient where it was taken from; none to the indices
 * @edges an index out of range counts as the nearest
 * @example
 * ```ts
 * nd.batchTake(nd.array([[1, 2], [3, 4]]), nd.array([1, 0], { dtype: "int32" })); // [2. 3.]
 * ```
 */
export function batchTake<T extends Operand<T>>(a: T, indices: T): T {
  const [data, chosen] = [shapeOf("batchTake", a), shapeOf("batchTake", indices)];
  const [rows, columns, ...rest] = data;
  if (columns === undefined || rest.length > 0 || !equalShapes(chosen, [rows ?? 0])) {
    throw new ShapeError({
      op: "batchTake",
      problem: "not a matrix and one index per row",
      received: `${formatShape(data)} and ${formatShape(chosen)}`,
      allowed: "(rows, columns) and (rows,)",
    });
  }
  return pick(a, indices, { axis: 1 });
}

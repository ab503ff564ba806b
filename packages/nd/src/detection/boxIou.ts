import { formatShape, ShapeError } from "@adjoint/graph";
import { checkOperands, fronts, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { type BoxFormat, checkBoxes, checkFormat, columnsOf, convertBoxes } from "./boxes.js";

export interface BoxIouOptions {
  /** `corner`: x and y of two corners; `center`: x and y of the centre, width and height. */
  format: BoxFormat;
}

/**
 * How much each box of one list overlaps with each of another: the shared area, divided by the area
 * that both cover.
 *
 * @param lhs boxes, shape (...m, 4), at least two axes
 * @param rhs boxes, shape (...n, 4), at least two axes
 * @returns lhs's dtype, shape (...m, ...n)
 * @throws ShapeError if an array holds no boxes; AttributeError for an unknown format; DTypeError if
 *   the dtypes differ
 * @derivative of the areas, to both; MXNet gives 0
 * @edges 0 where both boxes have no area
 * @example
 * ```ts
 * const boxes = nd.array([[0, 0, 1, 1], [0.5, 0.5, 1, 1]]);
 * nd.contrib.boxIou(boxes, boxes); // [[1.   0.25] [0.25 1.  ]]
 * ```
 */
export function boxIou(lhs: NDArray, rhs: NDArray, options?: Partial<BoxIouOptions>): NDArray {
  const { format } = readOptions<BoxIouOptions>("boxIou", options, { format: "corner" });
  checkFormat("boxIou", "format", format);
  checkOperands("boxIou", [lhs, rhs]);
  const [a, b] = [sidesOf(lhs, format, [-1, 1]), sidesOf(rhs, format, [1, -1])];
  const width = a.right.minimum(b.right).sub(a.left.maximum(b.left)).relu();
  const height = a.bottom.minimum(b.bottom).sub(a.top.maximum(b.top)).relu();
  const shared = width.mul(height);
  const covered = a.area.add(b.area).sub(shared);
  const isSome = covered.greater(0);
  const overlap = shared.div(fronts.where(isSome, covered, fronts.onesLike(covered)));
  const shape = [...lhs.shape.slice(0, -1), ...rhs.shape.slice(0, -1)];
  return fronts.where(isSome, overlap, fronts.zerosLike(overlap)).reshape(shape);
}

/** The sides of all boxes, in a row or a column. */
function sidesOf(boxes: NDArray, format: BoxFormat, shape: readonly number[]) {
  checkBoxes("boxIou", "boxes", boxes, [...boxes.shape.slice(0, -1).map(() => -1), 4]);
  if (boxes.ndim < 2) {
    throw new ShapeError({
      op: "boxIou",
      problem: "boxes make no list",
      received: formatShape(boxes.shape),
      allowed: "(..., 4) of at least two axes",
    });
  }
  const columns = columnsOf(convertBoxes(boxes, format, "corner"));
  const [left, top, right, bottom] = columns.map((column) => column.reshape(shape));
  if (!left || !top || !right || !bottom) throw new Error("boxIou: boxes without sides");
  const area = right.sub(left).relu().mul(bottom.sub(top).relu());
  return { left, top, right, bottom, area };
}

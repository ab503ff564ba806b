import { equalShapes, formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { checkOperands, nth } from "../core/define.js";
import { sameDType } from "../core/shapes.js";
import { iota } from "../elementwise/arange.js";
import { sub } from "../elementwise/arithmetic.js";
import { greater } from "../elementwise/compare.js";
import { identity } from "../elementwise/identity.js";
import { select } from "../elementwise/where.js";
import { scatterNd } from "../index/gatherNd.js";
import { takeAt } from "../index/take.js";
import { reshape } from "../view/reshape.js";

/**
 * An array with some of its rows replaced by others.
 *
 * @param old shape (rows, ...), any dtype
 * @param index shape (count,), any dtype: where the new rows go; fractions are cut off
 * @param rows shape (count, ...), the dtype of `old`
 * @returns shape and dtype of `old`
 * @throws ShapeError if the shapes do not fit; DTypeError if the dtypes differ; BoundsError if
 *   there are new rows but no old ones
 * @derivative to `old` the head gradient of the rows that stayed, to `rows` that of the rows that
 *   they became; none to the index
 * @edges of several rows for one place the last stays, and the others get gradient 0, where MXNet
 *   gives them the head gradient
 * @edges an index out of range counts as the nearest, where MXNet writes out of the array
 * @example
 * ```ts
 * const [old, rows] = [nd.zeros([3, 2]), nd.array([[1, 2], [3, 4]])];
 * nd.contrib.indexCopy(old, nd.array([2, 0]), rows); // [[3. 4.] [0. 0.] [1. 2.]]
 * ```
 */
export function indexCopy<T extends Operand<T>>(old: T, index: T, rows: T): T {
  const op = "contrib.indexCopy";
  checkOperands(op, [old, index, rows]);
  sameDType(op, [old.type, rows.type]);
  const { shape } = old.type;
  const [count] = index.type.shape;
  const [length] = shape;
  if (length === undefined || !equalShapes(rows.type.shape, [count ?? -1, ...shape.slice(1)])) {
    const shapes = [old, index, rows].map(({ type }) => formatShape(type.shape));
    throw new ShapeError({
      op,
      problem: "shapes do not fit",
      received: shapes.join(", "),
      allowed: "(rows, ...), (count,) and (count, ...)",
    });
  }
  if (count === 0) return identity(old);
  const numbered = iota(index, nth(op, rows.type.shape, 0), { start: 1, dtype: "int32" });
  const source = scatterNd(numbered, reshape(index, [1, ...index.type.shape]), { shape: [length] });
  const taken = takeAt(rows, sub(source, 1), 0);
  const replaced = greater(
    reshape(
      source,
      shape.map((_, axis) => (axis === 0 ? length : 1)),
    ),
    0,
  );
  return select(replaced, taken, old);
}

import { equalShapes, formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { checkOperands } from "../core/define.js";
import { sameDType } from "../core/shapes.js";
import { iota } from "../elementwise/arange.js";
import { castTo } from "../elementwise/cast.js";
import { equal } from "../elementwise/compare.js";
import { select } from "../elementwise/where.js";
import { reshape } from "../view/reshape.js";

/**
 * A matrix with one element of each row replaced.
 *
 * @param lhs the matrix, shape (rows, columns), any dtype
 * @param mhs the new elements, shape (rows,), the dtype of `lhs`
 * @param rhs their columns, shape (rows,), any dtype; fractions are cut off
 * @returns shape and dtype of `lhs`
 * @throws ShapeError if the shapes do not fit; DTypeError if the dtypes of `lhs` and `mhs` differ
 * @derivative to `lhs` the head gradient but where elements were replaced, to `mhs` the head
 *   gradient there; none to the columns. MXNet has none at all
 * @edges a row whose column is out of range stays as it is
 * @example
 * ```ts
 * const x = nd.array([[1, 2], [3, 4]]);
 * nd.fillElement0index(x, nd.array([8, 9]), nd.array([1, 0])); // [[1. 8.] [9. 4.]]
 * ```
 */
export function fillElement0index<T extends Operand<T>>(lhs: T, mhs: T, rhs: T): T {
  const op = "fillElement0index";
  checkOperands(op, [lhs, mhs, rhs]);
  sameDType(op, [lhs.type, mhs.type]);
  const [rows, columns, ...rest] = lhs.type.shape;
  const fits = [mhs, rhs].every(({ type }) => equalShapes(type.shape, [rows ?? -1]));
  if (rows === undefined || columns === undefined || rest.length > 0 || !fits) {
    const shapes = [lhs, mhs, rhs].map(({ type }) => formatShape(type.shape));
    throw new ShapeError({
      op,
      problem: "not a matrix, and one element and column per row",
      received: shapes.join(", "),
      allowed: "(rows, columns), (rows,) and (rows,)",
    });
  }
  const positions = iota(lhs, columns, { dtype: "int32" });
  const replaced = equal(positions, reshape(castTo(rhs, "int32"), [rows, 1]));
  return select(replaced, reshape(mhs, [rows, 1]), lhs);
}

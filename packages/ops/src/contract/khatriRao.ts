import { ArgumentError, formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { checkOperands, nth } from "../core/define.js";
import { mul } from "../elementwise/arithmetic.js";
import { asNew } from "../elementwise/identity.js";
import { reshape } from "../view/reshape.js";

/** All products of a row of `a` with a row of `b`, the rows of `b` running faster. */
function rowProducts<T extends Operand<T>>(a: T, b: T): T {
  const [rowsA, columns] = [nth("khatriRao", a.type.shape, 0), nth("khatriRao", a.type.shape, 1)];
  const rowsB = nth("khatriRao", b.type.shape, 0);
  const product = mul(reshape(a, [rowsA, 1, columns]), reshape(b, [1, rowsB, columns]));
  return reshape(product, [rowsA * rowsB, columns]);
}

/**
 * Khatri-Rao product: each column is the Kronecker product of that column of all matrices (Kolda &
 * Bader, Tensor Decompositions and Applications, SIAM Review 51, 2009, section 2.6).
 *
 * @param matrices one or more, shapes (rows_i, columns), one dtype
 * @returns shape (product of rows_i, columns)
 * @throws ArgumentError without matrices; ShapeError unless all are matrices with equally many
 *   columns; DTypeError if the dtypes differ
 * @derivative to each matrix the head gradient times the others, summed over their rows
 * @edges of one matrix, the matrix itself
 * @example
 * ```ts
 * nd.khatriRao(nd.array([[1, -1], [2, -3]]), nd.array([[1, 4], [2, 5]]));
 * // [[  1.  -4.] [  2.  -5.] [  2. -12.] [  4. -15.]]
 * ```
 */
export function khatriRao<T extends Operand<T>>(...matrices: readonly T[]): T {
  checkOperands("khatriRao", matrices);
  const [head, ...rest] = matrices;
  if (head === undefined) {
    throw new ArgumentError({
      op: "khatriRao",
      problem: "nothing to multiply",
      received: "no arguments",
      allowed: "one NDArray or more",
    });
  }
  const columns = head.type.shape[1];
  if (matrices.some(({ type: { shape } }) => shape.length !== 2 || shape[1] !== columns)) {
    throw new ShapeError({
      op: "khatriRao",
      problem: "not matrices with equally many columns",
      received: matrices.map(({ type }) => formatShape(type.shape)).join(", "),
      allowed: "(rows, columns) each, one number of columns",
    });
  }
  return asNew(head, rest.reduce(rowProducts<T>, head));
}

import { formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { applyOne, checkOperands } from "../core/define.js";
import { checkInteger, readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { add, div, mul, sub } from "../elementwise/arithmetic.js";
import { sqrt } from "../elementwise/powers.js";
import { floor } from "../elementwise/rounding.js";
import { takeAdjointOp, takeAt } from "../index/take.js";
import { reshape } from "../view/reshape.js";
import { checkSquare } from "./checks.js";

export interface TriangleOptions {
  /** The diagonal that bounds the triangle: above the main one if positive, below if negative. */
  offset: number;
  /** Which triangle is meant where the offset is 0; otherwise the offset's sign says it. */
  lower: boolean;
}

interface Triangle {
  /** Rows of the triangle: as many as its longest row has elements. */
  readonly rows: number;
  /** Side of the matrix. */
  readonly side: number;
  readonly lower: boolean;
}

function readTriangle(
  op: string,
  options: Partial<TriangleOptions> | undefined,
): Required<TriangleOptions> {
  const { offset, lower } = readOptions<TriangleOptions>(op, options, { offset: 0, lower: true });
  return { offset: checkInteger(op, "offset", offset), lower: offset === 0 ? lower : offset < 0 };
}

function elementsOf(rows: number): number {
  return (rows * (rows + 1)) / 2;
}

/**
 * Where the elements of the triangle stand in the flat matrix. Element i of a lower triangle is in row
 * r = floor((sqrt(8 i + 1) - 1) / 2), at column i - r (r + 1) / 2; the square root is exact where r steps up. The upper
 * triangle is the lower one transposed, so that it is listed column by column, as MXNet has it.
 */
function positions<T extends Operand<T>>(like: T, { rows, side, lower }: Triangle): T {
  const i = iota(like, elementsOf(rows), { dtype: "float64" });
  const r = floor(div(sub(sqrt(add(mul(i, 8), 1)), 1), 2));
  const column = sub(i, div(mul(r, add(r, 1)), 2));
  // The lower triangle ends in the last row, and its row r starts at column 0.
  const row = add(r, side - rows);
  return lower ? add(mul(row, side), column) : add(mul(column, side), row);
}

/**
 * The elements of a triangle of square matrices: a lower one row by row, an upper one column by
 * column.
 *
 * @param a shape (..., n, n)
 * @returns shape (..., k (k + 1) / 2) with k = n - |offset|
 * @throws ShapeError unless square, and larger than the offset
 * @derivative the head gradient on the triangle, 0 elsewhere
 * @example
 * ```ts
 * nd.linalg.extracttrian(nd.array([[1, 2], [3, 4]])); // [1. 3. 4.]
 * nd.linalg.extracttrian(nd.array([[1, 2], [3, 4]]), { lower: false }); // [1. 2. 4.]
 * ```
 */
export function extracttrian<T extends Operand<T>>(a: T, options?: Partial<TriangleOptions>): T {
  const op = "linalg.extracttrian";
  checkOperands(op, [a]);
  const { offset, lower } = readTriangle(op, options);
  const { shape } = a.type;
  const side = checkSquare(op, shape);
  const rows = side - Math.abs(offset);
  if (rows <= 0) {
    throw new ShapeError({
      op,
      problem: "triangle is empty",
      received: `${formatShape(shape)} with offset ${offset}`,
      allowed: `offsets of less than ${side}, either sign`,
    });
  }
  const batch = shape.slice(0, -2);
  const flat = reshape(a, [...batch, side * side]);
  return takeAt(flat, positions(a, { rows, side, lower }), batch.length);
}

/**
 * Square matrices with the given triangle, 0 elsewhere: undoes `extracttrian`.
 *
 * @param a shape (..., k (k + 1) / 2), a lower triangle row by row, an upper one column by column
 * @returns shape (..., n, n) with n = k + |offset|
 * @throws ShapeError if the elements fill no triangle
 * @derivative the triangle of the head gradient, in the same order
 * @example
 * ```ts
 * nd.linalg.maketrian(nd.array([1, 2, 3])); // [[1. 0.] [2. 3.]]
 * nd.linalg.maketrian(nd.array([1, 2, 3]), { lower: false }); // [[1. 2.] [0. 3.]]
 * ```
 */
export function maketrian<T extends Operand<T>>(a: T, options?: Partial<TriangleOptions>): T {
  const op = "linalg.maketrian";
  checkOperands(op, [a]);
  const { offset, lower } = readTriangle(op, options);
  const { shape } = a.type;
  const count = shape.at(-1) ?? 0;
  const rows = Math.floor((Math.sqrt(8 * count + 1) - 1) / 2);
  if (count === 0 || elementsOf(rows) !== count) {
    throw new ShapeError({
      op,
      problem: "elements fill no triangle",
      received: formatShape(shape),
      allowed: "a last axis of 1, 3, 6, 10, ... elements",
    });
  }
  const side = rows + Math.abs(offset);
  const batch = shape.slice(0, -1);
  const indices = positions(a, { rows, side, lower });
  const attrs = { axis: batch.length, mode: "clip", length: side * side };
  return reshape(applyOne(takeAdjointOp, [a, indices], attrs), [...batch, side, side]);
}

import { type Operand, ShapeError } from "@adjoint/graph";
import { checkOperands } from "../core/define.js";
import { checkInteger, readOptions } from "../core/options.js";
import { log } from "../elementwise/exponential.js";
import { fill } from "../elementwise/full.js";
import { atLeastOneAxis, sumAxes } from "../reduce/sum.js";
import { diagonalOf } from "../view/diag.js";
import { reshape } from "../view/reshape.js";
import { padWith } from "../view/slice.js";
import { checkMatrix, checkReal, checkSquare } from "./checks.js";

export interface DiagonalOptions {
  /** 0 for the main diagonal, positive above it, negative below. */
  offset: number;
}

function readOffset(op: string, options: Partial<DiagonalOptions> | undefined): number {
  return checkInteger(op, "offset", readOptions(op, options, { offset: 0 }).offset);
}

/**
 * Sums of the logarithms of the diagonals.
 *
 * @param a shape (..., n, n), float32 or float64
 * @returns shape (...); (1,) for one matrix
 * @throws ShapeError unless square; DTypeError for other dtypes
 * @derivative the head gradient divided by the diagonal, on it; 0 elsewhere; inf at 0
 * @edges -inf for a 0 on the diagonal, NaN for a negative number
 * @example
 * ```ts
 * nd.linalg.sumlogdiag(nd.array([[1, 5], [7, 8]])); // [2.0794415]
 * ```
 */
export function sumlogdiag<T extends Operand<T>>(a: T): T {
  checkOperands("linalg.sumlogdiag", [a]);
  checkReal("linalg.sumlogdiag", a.type);
  checkSquare("linalg.sumlogdiag", a.type.shape);
  const logarithms = log(diagonalOf(a));
  return atLeastOneAxis(sumAxes(logarithms, [logarithms.type.shape.length - 1]));
}

/**
 * Diagonals of matrices.
 *
 * @param a shape (..., m, n)
 * @returns shape (..., length of the diagonal), a's dtype
 * @throws ShapeError for fewer than two axes
 * @derivative the head gradient on the diagonal, 0 elsewhere
 * @edges the length is 0 where the offset leads out of the matrix
 * @example
 * ```ts
 * nd.linalg.extractdiag(nd.array([[1, 2], [3, 4]]), { offset: 1 }); // [2.]
 * ```
 */
export function extractdiag<T extends Operand<T>>(a: T, options?: Partial<DiagonalOptions>): T {
  checkOperands("linalg.extractdiag", [a]);
  checkMatrix("linalg.extractdiag", a.type.shape);
  return diagonalOf(a, readOffset("linalg.extractdiag", options));
}

/**
 * Square matrices with the given diagonals, 0 elsewhere.
 *
 * @param a shape (..., n)
 * @returns shape (..., n + |offset|, n + |offset|)
 * @throws ShapeError for an array without axes
 * @derivative the diagonal of the head gradient
 * @example
 * ```ts
 * nd.linalg.makediag(nd.array([1, 2])); // [[1. 0.] [0. 2.]]
 * ```
 */
export function makediag<T extends Operand<T>>(a: T, options?: Partial<DiagonalOptions>): T {
  checkOperands("linalg.makediag", [a]);
  const offset = readOffset("linalg.makediag", options);
  const batch = a.type.shape.slice(0, -1);
  const length = a.type.shape.at(-1);
  if (length === undefined) {
    throw new ShapeError({ op: "linalg.makediag", problem: "array has no axes" });
  }
  const side = length + Math.abs(offset);
  if (length === 0) return fill(a, [...batch, side, side], 0);
  // In the flat matrix neighbours on a diagonal are side + 1 apart, so the vector only has to be padded.
  const low = offset > 0 ? offset : -offset * side;
  const high = side * side - low - ((length - 1) * (side + 1) + 1);
  const last = (value: number) => [...batch.map(() => 0), value];
  const flat = padWith(a, { low: last(low), high: last(high), interior: last(side) });
  return reshape(flat, [...batch, side, side]);
}

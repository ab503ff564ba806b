import { AttributeError, type Operand } from "@adjoint/graph";
import { nth } from "../core/define.js";
import { checkInteger, normalizeAxis, readOptions } from "../core/options.js";
import { reshape } from "./reshape.js";
import { shapeOf } from "./shapeOf.js";
import { padWith, sliceAt } from "./slice.js";
import { transposeAxes } from "./transpose.js";

export interface DiagOptions {
  /** 0 for the main diagonal, positive above it, negative below. */
  k: number;
  /** The axis of the rows, counted from either end. */
  axis1: number;
  /** The axis of the columns, counted from either end. */
  axis2: number;
}

/**
 * The square matrix with `x` on diagonal `k`. In the flat matrix of side n, neighbours on a
 * diagonal are n + 1 apart; so the vector only has to be padded.
 */
export function matrixOfDiagonal<T extends Operand<T>>(x: T, k = 0): T {
  const length = nth("diag", x.type.shape, 0);
  const side = length + Math.abs(k);
  const low = Math.min(k > 0 ? k : -k * side, side * side);
  const used = length === 0 ? 0 : (length - 1) * (side + 1) + 1;
  const flat = padWith(x, { low: [low], high: [side * side - low - used], interior: [side] });
  return reshape(flat, [side, side]);
}

/** Diagonal `k` of the matrices on the last two axes. */
export function diagonalOf<T extends Operand<T>>(x: T, k = 0): T {
  const batch = x.type.shape.slice(0, -2);
  const [rows, columns] = [x.type.shape.at(-2) ?? 0, x.type.shape.at(-1) ?? 0];
  const size = Math.max(Math.min(rows + Math.min(k, 0), columns - Math.max(k, 0)), 0);
  const start = size === 0 ? 0 : k >= 0 ? k : -k * columns;
  const none = batch.map(() => 0);
  return sliceAt(
    reshape(x, [...batch, rows * columns]),
    [...none, start],
    [...batch, size],
    [...batch.map(() => 1), size <= 1 ? 1 : columns + 1],
  );
}

/**
 * The matrix with a vector on its diagonal, or the diagonals of matrices.
 *
 * @param x a vector, or an array of at least two axes; any dtype
 * @returns for a vector (n,): (n + |k|, n + |k|); else x's shape without the two axes, then the
 *   diagonal
 * @throws BoundsError for an axis out of range; AttributeError if both axes are one
 * @derivative the head gradient on the diagonal; 0 to what is off it
 * @edges a diagonal outside of the matrix has length 0
 * @example
 * ```ts
 * nd.diag(nd.array([1, 2])); // [[1. 0.] [0. 2.]]
 * nd.diag(nd.array([[1, 2], [3, 4]]), { k: 1 }); // [2.]
 * ```
 */
export function diag<T extends Operand<T>>(x: T, options?: Partial<DiagOptions>): T {
  const { k, axis1, axis2 } = readOptions<DiagOptions>("diag", options, {
    k: 0,
    axis1: 0,
    axis2: 1,
  });
  checkInteger("diag", "k", k);
  const shape = shapeOf("diag", x);
  const rank = shape.length;
  for (const axis of [axis1, axis2]) checkInteger("diag", "axis", axis);
  if (rank === 1) return matrixOfDiagonal(x, k);
  const [row, column] = [normalizeAxis("diag", axis1, rank), normalizeAxis("diag", axis2, rank)];
  if (row === column) {
    throw new AttributeError({
      op: "diag",
      problem: "axis1 and axis2 are the same axis",
      received: `${axis1} and ${axis2}`,
    });
  }
  const others = shape.flatMap((_, axis) => (axis === row || axis === column ? [] : [axis]));
  return diagonalOf(transposeAxes(x, [...others, row, column]), k);
}

import type { Operand } from "@adjoint/graph";
import { eyeLike, iota } from "../elementwise/arange.js";
import { mul, sub } from "../elementwise/arithmetic.js";
import { greaterEqual } from "../elementwise/compare.js";
import { select } from "../elementwise/where.js";
import { reshape } from "../view/reshape.js";
import { checkSquare } from "./checks.js";

/** 1 on and below (`lower`) or above the diagonal of an (n, n) matrix, 0 elsewhere. */
function triangleMask<T extends Operand<T>>(like: T, n: number, lower: boolean): T {
  const positions = iota(like, n);
  const [row, column] = [reshape(positions, [n, 1]), reshape(positions, [1, n])];
  return lower ? greaterEqual(row, column) : greaterEqual(column, row);
}

/** The triangle of the matrices, diagonal included; 0 for whatever stands in the other half, NaN too. */
export function triangle<T extends Operand<T>>(x: T, lower: boolean): T {
  const n = checkSquare("triangle", x.type.shape);
  return select(triangleMask(x, n, lower), x, 0);
}

/** The lower triangle with half of the diagonal. */
export function halvedLower<T extends Operand<T>>(x: T): T {
  const n = checkSquare("halvedLower", x.type.shape);
  return mul(triangle(x, true), sub(1, mul(eyeLike(x, n), 0.5)));
}

import {
  DTypeError,
  equalShapes,
  formatShape,
  formatType,
  type Operand,
  type Shape,
  ShapeError,
  type TensorType,
} from "@adjoint/graph";
import { checkOperands } from "../core/define.js";

/** Refuses integers: factorisations have fractions. */
export function checkReal(op: string, { dtype, shape }: TensorType): void {
  if (dtype === "float32" || dtype === "float64") return;
  throw new DTypeError({
    op,
    problem: "dtype is not one of linear algebra",
    received: formatType({ dtype, shape }),
    allowed: "float32, float64",
  });
}

/** Refuses arrays of fewer than two axes; gives the rows and columns. */
export function checkMatrix(op: string, shape: Shape): readonly [number, number] {
  const [rows, columns] = [shape.at(-2), shape.at(-1)];
  if (rows !== undefined && columns !== undefined) return [rows, columns];
  throw new ShapeError({
    op,
    problem: "argument is not a matrix",
    received: formatShape(shape),
    allowed: "two axes or more",
  });
}

/** Refuses what is not square on the last two axes; gives the side. */
export function checkSquare(op: string, shape: Shape): number {
  const [rows, columns] = checkMatrix(op, shape);
  if (rows === columns) return rows;
  throw new ShapeError({
    op,
    problem: "matrix is not square",
    received: formatShape(shape),
    allowed: "last two axes of equal length",
  });
}

/** Refuses what is no array of square matrices of float32 or float64, in the name of a front. */
export function checkSquareOperand<T extends Operand<T>>(op: string, a: T): void {
  checkOperands(op, [a]);
  checkReal(op, a.type);
  checkSquare(op, a.type.shape);
}

/** Refuses two stacks of matrices with different axes in front. */
export function checkBatch(op: string, a: Shape, b: Shape): void {
  checkMatrix(op, a);
  checkMatrix(op, b);
  if (equalShapes(a.slice(0, -2), b.slice(0, -2))) return;
  throw new ShapeError({
    op,
    problem: "axes before the matrices differ",
    received: `${formatShape(a)} and ${formatShape(b)}`,
    allowed: "equal lengths along all but the last two axes",
  });
}

/** Refuses a triangular A (n, n) and a B whose rows, or columns (`rightSide`), are not n. */
export function checkTriangular(op: string, a: Shape, b: Shape, rightSide: boolean): void {
  checkBatch(op, a, b);
  const side = checkSquare(op, a);
  if (b.at(rightSide ? -1 : -2) === side) return;
  throw new ShapeError({
    op,
    problem: `${rightSide ? "columns" : "rows"} of B do not fit A`,
    received: `${formatShape(a)} and ${formatShape(b)}`,
    allowed: `${side} ${rightSide ? "columns" : "rows"}`,
  });
}

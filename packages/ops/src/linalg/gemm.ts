import { equalShapes, formatShape, type Operand, type Shape, ShapeError } from "@adjoint/graph";
import { stackedMatmul } from "../contract/batchDot.js";
import { checkOperands } from "../core/define.js";
import { normalizeAxis, readOptions } from "../core/options.js";
import { add } from "../elementwise/arithmetic.js";
import { transposeAxes } from "../view/transpose.js";
import { checkBatch, checkMatrix, checkReal } from "./checks.js";
import { scaled } from "./scaled.js";

export interface Gemm2Options {
  /** Use Aᵀ. */
  transposeA: boolean;
  /** Use Bᵀ. */
  transposeB: boolean;
  /** Factor of the product. */
  alpha: number;
  /** The axis of the matrices' rows, counted from either end; the columns are the last one. */
  axis: number;
}

export interface GemmOptions extends Gemm2Options {
  /** Factor of C. */
  beta: number;
}

const gemm2Defaults: Gemm2Options = { transposeA: false, transposeB: false, alpha: 1, axis: -2 };

/** Exchanges `axis` and the last axis but one. */
function rowsFrom<T extends Operand<T>>(op: string, x: T, axis: number): T {
  const rank = x.type.shape.length;
  checkMatrix(op, x.type.shape);
  const from = normalizeAxis(op, axis, rank);
  const axes = x.type.shape.map((_, at) => (at === from ? rank - 2 : at === rank - 2 ? from : at));
  if (from !== rank - 1) return transposeAxes(x, axes);
  throw new ShapeError({
    op,
    problem: "rows and columns are the same axis",
    received: `axis ${axis} for ${formatShape(x.type.shape)}`,
    allowed: "any axis but the last",
  });
}

/** alpha op(A) op(B), and the exchange of axes that brings it to its place. */
function product<T extends Operand<T>>(op: string, a: T, b: T, options: Gemm2Options): T {
  const { transposeA, transposeB, alpha, axis } = options;
  checkReal(op, a.type);
  checkReal(op, b.type);
  const [left, right] = [rowsFrom(op, a, axis), rowsFrom(op, b, axis)];
  checkBatch(op, left.type.shape, right.type.shape);
  checkInner(op, left.type.shape, right.type.shape, options);
  const result = stackedMatmul(left, right, transposeA, transposeB);
  return rowsFrom(op, scaled(result, alpha), axis);
}

function checkInner(
  op: string,
  a: Shape,
  b: Shape,
  { transposeA, transposeB }: Gemm2Options,
): void {
  if (a.at(transposeA ? -2 : -1) === b.at(transposeB ? -1 : -2)) return;
  throw new ShapeError({
    op,
    problem: "inner sizes differ",
    received: `${formatShape(a)} x ${formatShape(b)}`,
    allowed: "(..., m, k) x (..., k, n)",
  });
}

/**
 * The matrix products alpha op(A) op(B).
 *
 * @param a shape (..., m, k), or (..., k, m) with transposeA; float32 or float64
 * @param b shape (..., k, n), or (..., n, k) with transposeB
 * @returns shape (..., m, n)
 * @throws ShapeError if the shapes do not fit; DTypeError for other dtypes, or two; BoundsError for
 *   the axis
 * @derivative `alpha dY Bᵀ` and `alpha Aᵀ dY`, transposed where the flags say so
 * @example
 * ```ts
 * nd.linalg.gemm2(nd.array([[1, 2]]), nd.array([[3, 4]]), { transposeB: true, alpha: 2 });
 * // [[22.]]
 * ```
 */
export function gemm2<T extends Operand<T>>(a: T, b: T, options?: Partial<Gemm2Options>): T {
  checkOperands("linalg.gemm2", [a, b]);
  return product("linalg.gemm2", a, b, readOptions("linalg.gemm2", options, gemm2Defaults));
}

/**
 * The matrix products alpha op(A) op(B) + beta C.
 *
 * @param a shape (..., m, k), or (..., k, m) with transposeA; float32 or float64
 * @param b shape (..., k, n), or (..., n, k) with transposeB
 * @param c shape (..., m, n)
 * @returns c's shape
 * @throws ShapeError if the shapes do not fit; DTypeError for other dtypes, or two; BoundsError for
 *   the axis
 * @derivative `alpha dY Bᵀ`, `alpha Aᵀ dY` and `beta dY`, transposed where the flags say so
 * @example
 * ```ts
 * nd.linalg.gemm(nd.array([[1]]), nd.array([[2]]), nd.array([[3]]), { beta: 10 }); // [[32.]]
 * ```
 */
export function gemm<T extends Operand<T>>(a: T, b: T, c: T, options?: Partial<GemmOptions>): T {
  checkOperands("linalg.gemm", [a, b, c]);
  const defaults = { ...gemm2Defaults, beta: 1 };
  const { beta, ...rest } = readOptions<GemmOptions>("linalg.gemm", options, defaults);
  const result = product("linalg.gemm", a, b, rest);
  if (equalShapes(result.type.shape, c.type.shape)) {
    return add(result, scaled(c, beta));
  }
  throw new ShapeError({
    op: "linalg.gemm",
    problem: "C does not have the product's shape",
    received: formatShape(c.type.shape),
    allowed: formatShape(result.type.shape),
  });
}

export interface SyrkOptions {
  /** alpha Aᵀ A instead of alpha A Aᵀ. */
  transpose: boolean;
  /** Factor of the result. */
  alpha: number;
}

/**
 * The symmetric products alpha A Aᵀ, or alpha Aᵀ A.
 *
 * @param a shape (..., m, n), float32 or float64
 * @returns shape (..., m, m); (..., n, n) with transpose
 * @throws ShapeError for fewer than two axes; DTypeError for other dtypes
 * @derivative `alpha (dY + dYᵀ) A`; `alpha A (dY + dYᵀ)` with transpose
 * @example
 * ```ts
 * nd.linalg.syrk(nd.array([[1, 2], [3, 4]])); // [[ 5. 11.] [11. 25.]]
 * ```
 */
export function syrk<T extends Operand<T>>(a: T, options?: Partial<SyrkOptions>): T {
  checkOperands("linalg.syrk", [a]);
  const { transpose, alpha } = readOptions("linalg.syrk", options, { transpose: false, alpha: 1 });
  checkReal("linalg.syrk", a.type);
  checkMatrix("linalg.syrk", a.type.shape);
  return scaled(stackedMatmul(a, a, transpose, !transpose), alpha);
}

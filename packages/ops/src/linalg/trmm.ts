import type { Operand } from "@adjoint/graph";
import { stackedMatmul } from "../contract/batchDot.js";
import { checkOperands } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { checkReal, checkTriangular } from "./checks.js";
import { scaled } from "./scaled.js";
import { triangle } from "./triangle.js";
import { type TriangularOptions, triangularDefaults } from "./trsm.js";

/**
 * The product alpha op(A) B, or alpha B op(A), with the triangle of A that `lower` names.
 *
 * @param a shape (..., n, n), float32 or float64; its other half is not read
 * @param b shape (..., n, m); (..., m, n) with rightside
 * @returns b's shape
 * @throws ShapeError if the shapes do not fit; DTypeError for other dtypes
 * @derivative on A's triangle `alpha dY Bᵀ`, and `alpha Aᵀ dY`, transposed where the flags say so;
 *   0 to A's other half
 * @edges whatever stands in A's other half does not matter, NaN neither
 * @example
 * ```ts
 * nd.linalg.trmm(nd.array([[2, 9], [1, 4]]), nd.array([[1], [2]])); // [[2.] [9.]]
 * ```
 */
export function trmm<T extends Operand<T>>(a: T, b: T, options?: Partial<TriangularOptions>): T {
  checkOperands("linalg.trmm", [a, b]);
  const settings = readOptions("linalg.trmm", options, triangularDefaults);
  const { alpha, lower, transpose, rightside } = settings;
  checkReal("linalg.trmm", a.type);
  checkTriangular("linalg.trmm", a.type.shape, b.type.shape, rightside);
  const factor = triangle(a, lower);
  const product = rightside
    ? stackedMatmul(b, factor, false, transpose)
    : stackedMatmul(factor, b, transpose, false);
  return scaled(product, alpha);
}

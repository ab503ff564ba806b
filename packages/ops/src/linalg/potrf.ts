import type { Operand, Value } from "@adjoint/graph";
import { stackedMatmul } from "../contract/batchDot.js";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { eyeLike } from "../elementwise/arange.js";
import { add, mul } from "../elementwise/arithmetic.js";
import { broadcastTo } from "../reduce/sum.js";
import { swapLastTwo } from "../view/transpose.js";
import { checkReal, checkSquare, checkSquareOperand } from "./checks.js";
import { halvedLower, triangle } from "./triangle.js";
import { solveTriangular } from "./trsm.js";

/**
 * With A = L Lᵀ and P = Φ(Lᵀ dL), where Φ takes the lower triangle and halves the diagonal: dA = ½ L⁻ᵀ (P + Pᵀ) L⁻¹
 * (I. Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527, 2016, section 3.1).
 */
function gradient(factor: Value, head: Value): Value {
  // Above the diagonal L is constant, and a head gradient there may be infinite or NaN (log L).
  const p = halvedLower(stackedMatmul(factor, triangle(head, true), true, false));
  const symmetric = mul(add(p, swapLastTwo(p)), 0.5);
  const left = { lower: true, transpose: true, rightSide: false };
  const right = { lower: true, transpose: false, rightSide: true };
  return solveTriangular(factor, solveTriangular(factor, symmetric, left), right);
}

export const potrfOp = defineOp<Record<never, never>>({
  name: "potrf",
  arity: 1,
  attrs: {},
  infer(ins) {
    const a = nth("potrf", ins, 0);
    checkReal("potrf", a);
    checkSquare("potrf", a.shape);
    return [a];
  },
  vjp: { rule: ({ outs, heads }) => [gradient(nth("potrf", outs, 0), headOf(heads))] },
  kernel: () => ({ kind: "linalg", form: "potrf" }),
  docs: [
    "The lower triangular L with positive diagonal and `A = L Lᵀ`; A symmetric positive definite, one matrix per leading",
    "position. Only the lower half of A is read; running it throws where A is not positive definite.",
    "Derivative: the symmetric one, as if both halves of A moved together.",
  ].join("\n"),
});

/**
 * Cholesky factors: the lower triangular L with A = L Lᵀ.
 *
 * @param a shape (..., n, n), symmetric positive definite (the lower half is read), float32 or
 *   float64
 * @returns a's shape; 0 above the diagonal
 * @throws ShapeError unless square; DTypeError for other dtypes; ArgumentError, when it runs, for a
 *   matrix that is not positive definite
 * @derivative that of a symmetric argument: symmetric itself, as if both halves of A moved together
 *   (Murray 2016)
 * @example
 * ```ts
 * nd.linalg.potrf(nd.array([[4, 2], [2, 10]])); // [[2. 0.] [1. 3.]]
 * ```
 */
export function potrf<T extends Operand<T>>(a: T): T {
  checkSquareOperand("linalg.potrf", a);
  return applyOne(potrfOp, [a]);
}

/**
 * (L Lᵀ)⁻¹ from the Cholesky factor L.
 *
 * @param a lower triangular, shape (..., n, n), float32 or float64; the upper half is not read
 * @returns a's shape; symmetric
 * @throws ShapeError unless square; DTypeError for other dtypes
 * @derivative that of `L⁻ᵀ L⁻¹` on L's lower triangle; 0 to its other half
 * @edges a 0 on the diagonal gives infinities or NaN
 * @example
 * ```ts
 * nd.linalg.potri(nd.array([[2, 0], [0, 4]])); // [[0.25   0.    ] [0.     0.0625]]
 * ```
 */
export function potri<T extends Operand<T>>(a: T): T {
  checkSquareOperand("linalg.potri", a);
  const n = checkSquare("linalg.potri", a.type.shape);
  const identity = broadcastTo(eyeLike(a, n), a.type.shape);
  const inverse = solveTriangular(a, identity, { lower: true, transpose: false, rightSide: false });
  return stackedMatmul(inverse, inverse, true, false);
}

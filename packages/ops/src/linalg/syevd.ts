import { type Operand, tensorType, type Value } from "@adjoint/graph";
import { stackedMatmul } from "../contract/batchDot.js";
import { apply, defineOp, nth } from "../core/define.js";
import { add, div, mul, sub } from "../elementwise/arithmetic.js";
import { equal } from "../elementwise/compare.js";
import { select } from "../elementwise/where.js";
import { reshape } from "../view/reshape.js";
import { swapLastTwo } from "../view/transpose.js";
import { checkReal, checkSquare, checkSquareOperand } from "./checks.js";

/** `1 / (λi - λj)` for eigenvalues i and j that differ, 0 for equal ones and the diagonal. */
function inverseGaps(values: Value): Value {
  const { shape } = values.type;
  const across = [...shape.slice(0, -1), 1, ...shape.slice(-1)];
  const gaps = sub(reshape(values, [...shape, 1]), reshape(values, across));
  const same = equal(gaps, 0);
  return select(same, 0, div(1, select(same, 1, gaps)));
}

/**
 * With U A = diag(λ) U, the rows of U orthonormal, and F the inverse gaps of the eigenvalues:
 * dA = Uᵀ (sym(F ∘ dU Uᵀ) + diag(dλ)) U (M. Giles, Collected matrix derivative results for forward and reverse mode
 * algorithmic differentiation, 2008, section 3.1; symmetric, as A is).
 */
function gradient(
  [u, values]: readonly [Value, Value],
  [dU, dValues]: readonly [Value | undefined, Value | undefined],
): Value {
  const turned = dValues && mul(reshape(dValues, [...dValues.type.shape, 1]), u);
  const ofValues = turned && stackedMatmul(u, turned, true, false);
  if (dU === undefined) {
    if (ofValues === undefined) throw new Error("syevd: no head gradient");
    return ofValues;
  }
  const weighted = mul(inverseGaps(values), stackedMatmul(dU, u, false, true));
  const symmetric = mul(add(weighted, swapLastTwo(weighted)), 0.5);
  const ofVectors = stackedMatmul(u, stackedMatmul(symmetric, u), true, false);
  return ofValues === undefined ? ofVectors : add(ofVectors, ofValues);
}

export const syevdOp = defineOp<Record<never, never>>({
  name: "syevd",
  arity: 1,
  attrs: {},
  infer(ins) {
    const { dtype, shape } = nth("syevd", ins, 0);
    checkReal("syevd", { dtype, shape });
    checkSquare("syevd", shape);
    return [tensorType(dtype, shape), tensorType(dtype, shape.slice(0, -1))];
  },
  vjp: {
    rule({ outs, heads }) {
      return [gradient([nth("syevd", outs, 0), nth("syevd", outs, 1)], [heads[0], heads[1]])];
    },
  },
  kernel: () => ({ kind: "linalg", form: "syevd" }),
  docs: [
    "Eigenvectors as rows of U, and ascending eigenvalues, of symmetric matrices: `U A = diag(λ) U`, one matrix per",
    "leading position. Only the lower half of A is read. The first of the largest elements of each vector is positive.",
    "Derivative: the symmetric one. Equal eigenvalues add nothing to each other's vectors: it is right for what depends",
    "on their whole space only, and leaves out how a change would part them.",
  ].join("\n"),
});

/**
 * Eigenvectors and eigenvalues of symmetric matrices: U A = diag(λ) U.
 *
 * @param a shape (..., n, n), symmetric (the lower half is read), float32 or float64
 * @returns U, a's shape, with orthonormal rows, and the ascending eigenvalues, shape (..., n)
 * @throws ShapeError unless square; DTypeError for other dtypes
 * @derivative that of a symmetric argument: `Uᵀ (sym(F ∘ dU Uᵀ) + diag(dλ)) U` with
 *   `F = 1 / (λi - λj)` off the diagonal (Giles 2008)
 * @edges the first of the largest elements of each vector is positive
 * @edges equal eigenvalues have no such derivative: F is 0 between them, right for what depends on
 *   their whole space only, such as the projection on it; MXNet divides by 1e-100 there
 * @edges NaN throughout where a matrix holds NaN or an infinity
 * @example
 * ```ts
 * nd.linalg.syevd(nd.array([[1, 2], [2, 4]]));
 * // [[ 0.8944272 -0.4472136] [ 0.4472136  0.8944272]], [0. 5.]
 * ```
 */
export function syevd<T extends Operand<T>>(a: T): readonly [T, T] {
  checkSquareOperand("linalg.syevd", a);
  const results = apply(syevdOp, [a]);
  return [nth("syevd", results, 0), nth("syevd", results, 1)];
}

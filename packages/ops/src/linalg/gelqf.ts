import { formatShape, type Operand, ShapeError, tensorType, type Value } from "@adjoint/graph";
import { stackedMatmul } from "../contract/batchDot.js";
import { apply, checkOperands, defineOp, nth } from "../core/define.js";
import { add, negative } from "../elementwise/arithmetic.js";
import { swapLastTwo } from "../view/transpose.js";
import { checkMatrix, checkReal } from "./checks.js";
import { halvedLower, triangle } from "./triangle.js";
import { solveTriangular } from "./trsm.js";

function checkWide(op: string, shape: readonly number[]): readonly [number, number] {
  const [rows, columns] = checkMatrix(op, shape);
  if (rows <= columns) return [rows, columns];
  throw new ShapeError({
    op,
    problem: "matrix is higher than wide",
    received: formatShape(shape),
    allowed: "at most as many rows as columns",
  });
}

/**
 * With A = L Q, M = Lᵀ dL - dQ Qᵀ, and M̃ the symmetric matrix of M's lower triangle:
 * dA = L⁻ᵀ (dQ + M̃ Q) (M. Seeger et al., Auto-differentiating linear algebra, arXiv:1710.08717, 2017).
 */
function gradient(
  [q, l]: readonly [Value, Value],
  [dQ, dL]: readonly [Value | undefined, Value | undefined],
): Value {
  // Above the diagonal L is constant, whatever the head gradient there.
  const ofL = dL && stackedMatmul(l, triangle(dL, true), true, false);
  const ofQ = dQ && negative(stackedMatmul(dQ, q, false, true));
  const m = ofL && ofQ ? add(ofL, ofQ) : (ofL ?? ofQ);
  if (m === undefined) throw new Error("gelqf: no head gradient");
  const half = halvedLower(m);
  const turned = stackedMatmul(add(half, swapLastTwo(half)), q);
  const upper = { lower: true, transpose: true, rightSide: false };
  return solveTriangular(l, dQ ? add(dQ, turned) : turned, upper);
}

export const gelqfOp = defineOp<Record<never, never>>({
  name: "gelqf",
  arity: 1,
  attrs: {},
  infer(ins) {
    const { dtype, shape } = nth("gelqf", ins, 0);
    checkReal("gelqf", { dtype, shape });
    const [rows] = checkWide("gelqf", shape);
    return [tensorType(dtype, shape), tensorType(dtype, [...shape.slice(0, -1), rows])];
  },
  vjp: {
    rule({ outs, heads }) {
      return [gradient([nth("gelqf", outs, 0), nth("gelqf", outs, 1)], [heads[0], heads[1]])];
    },
  },
  kernel: () => ({ kind: "linalg", form: "gelqf" }),
  docs: [
    "Q with orthonormal rows and lower triangular L of `A = L Q`, for an A at least as wide as high, one matrix per",
    "leading position. Signs are LAPACK's, so that L's diagonal may be negative.",
    "Derivative `L⁻ᵀ (dQ + M Q)`, M the symmetric matrix of the lower triangle of `Lᵀ dL - dQ Qᵀ`; infinite or NaN",
    "where A's rows depend on each other.",
  ].join("\n"),
});

/**
 * LQ factorisations: A = L Q with orthonormal rows of Q and a lower triangular L.
 *
 * @param a shape (..., m, n) with m <= n, float32 or float64
 * @returns Q, a's shape, and L, shape (..., m, m), 0 above the diagonal
 * @throws ShapeError for a matrix that is higher than wide; DTypeError for other dtypes
 * @derivative `L⁻ᵀ (dQ + M Q)`, where M is the symmetric matrix of the lower triangle of
 *   `Lᵀ dL - dQ Qᵀ` (Seeger et al. 2017)
 * @edges the signs are LAPACK's: L's diagonal may be negative
 * @edges rows that depend on each other give 0 on L's diagonal and infinite or NaN gradients
 * @example
 * ```ts
 * nd.linalg.gelqf(nd.array([[3, 4]])); // [[-0.6 -0.8]], [[-5.]]
 * ```
 */
export function gelqf<T extends Operand<T>>(a: T): readonly [T, T] {
  checkOperands("linalg.gelqf", [a]);
  checkReal("linalg.gelqf", a.type);
  checkWide("linalg.gelqf", a.type.shape);
  const results = apply(gelqfOp, [a]);
  return [nth("gelqf", results, 0), nth("gelqf", results, 1)];
}

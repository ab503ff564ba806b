import type { Operand } from "@adjoint/graph";
import { stackedMatmul } from "../contract/batchDot.js";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { negative } from "../elementwise/arithmetic.js";
import { checkReal, checkSquare, checkSquareOperand } from "./checks.js";

export const inverseOp = defineOp<Record<never, never>>({
  name: "inverse",
  arity: 1,
  attrs: {},
  infer(ins) {
    const a = nth("inverse", ins, 0);
    checkReal("inverse", a);
    checkSquare("inverse", a.shape);
    return [a];
  },
  // With Y = A⁻¹: dA = -Yᵀ dY Yᵀ (M. Giles, Collected matrix derivative results, 2008).
  vjp: {
    rule({ outs, heads }) {
      const y = nth("inverse", outs, 0);
      return [
        negative(stackedMatmul(stackedMatmul(y, headOf(heads), true, false), y, false, true)),
      ];
    },
  },
  kernel: () => ({ kind: "linalg", form: "inverse" }),
  docs:
    "Inverses of square matrices, one per leading position. Running it throws where a matrix is exactly singular. " +
    "Derivative `-Yᵀ dY Yᵀ` with the result Y.",
});

/**
 * Inverses of square matrices.
 *
 * @param a shape (..., n, n), float32 or float64
 * @returns a's shape
 * @throws ShapeError unless square; DTypeError for other dtypes; ArgumentError, when it runs, for a
 *   singular matrix
 * @derivative `-Yᵀ dY Yᵀ` with the result Y
 * @example
 * ```ts
 * nd.linalg.inverse(nd.array([[2, 0], [0, 4]])); // [[0.5  0.  ] [0.   0.25]]
 * ```
 */
export function inverse<T extends Operand<T>>(a: T): T {
  checkSquareOperand("linalg.inverse", a);
  return applyOne(inverseOp, [a]);
}

import { type Operand, tensorType, type Value } from "@adjoint/graph";
import { stackedMatmul } from "../contract/batchDot.js";
import { applyOne, checkOperands, defineOp, headOf, nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { negative } from "../elementwise/arithmetic.js";
import { checkReal, checkTriangular } from "./checks.js";
import { scaled } from "./scaled.js";
import { triangle } from "./triangle.js";

export type TrsmAttrs = {
  /** A is lower triangular; the other half is not read. */
  lower: boolean;
  /** op(A) is Aᵀ. */
  transpose: boolean;
  /** Solve X op(A) = B. */
  rightSide: boolean;
};

/**
 * The gradients of X = op(A)⁻¹ B: dB = op(A)⁻ᵀ dX and, on A's triangle, d op(A) = -dB Xᵀ; mirrored for X = B op(A)⁻¹
 * (M. Giles, Collected matrix derivative
 * results for forward and reverse mode algorithmic differentiation, 2008).
 */
function gradients(a: Value, x: Value, head: Value, attrs: TrsmAttrs): readonly [Value, Value] {
  const { lower, transpose, rightSide } = attrs;
  const dB = solveTriangular(a, head, { ...attrs, transpose: !transpose });
  // d op(A) is dB Xᵀ, or Xᵀ dB from the right; dA is its transpose, X dBᵀ or dBᵀ X, where op transposes.
  const [left, right] = rightSide === transpose ? [dB, x] : [x, dB];
  const product = stackedMatmul(left, right, rightSide, !rightSide);
  return [negative(triangle(product, lower)), dB];
}

export const trsmOp = defineOp<TrsmAttrs>({
  name: "trsm",
  arity: 2,
  attrs: { lower: "bool", transpose: "bool", rightSide: "bool" },
  infer(ins, { rightSide }) {
    const [a, b] = [nth("trsm", ins, 0), nth("trsm", ins, 1)];
    const dtype = sameDType("trsm", ins);
    checkReal("trsm", a);
    checkTriangular("trsm", a.shape, b.shape, rightSide);
    return [tensorType(dtype, b.shape)];
  },
  vjp: {
    rule: ({ ins, outs, heads, attrs }) =>
      gradients(nth("trsm", ins, 0), nth("trsm", outs, 0), headOf(heads), attrs),
  },
  kernel: (_, attrs) => ({ kind: "linalg", form: "trsm", ...attrs }),
  docs: [
    "The X of `op(A) X = B`, or of `X op(A) = B` where `rightSide`; A triangular, one matrix per leading position.",
    "Only the triangle of A that `lower` names is read and gets a gradient. A zero on the diagonal gives infinities.",
  ].join("\n"),
});

/** Solves triangular systems, as the IR has it. */
export function solveTriangular<T extends Operand<T>>(a: T, b: T, attrs: TrsmAttrs): T {
  return applyOne(trsmOp, [a, b], attrs);
}

export interface TriangularOptions {
  /** Use Aᵀ. */
  transpose: boolean;
  /** A stands to the right. */
  rightside: boolean;
  /** Which triangle of A is meant; the other is not read. */
  lower: boolean;
  /** Factor of the result. */
  alpha: number;
}

export const triangularDefaults: TriangularOptions = {
  transpose: false,
  rightside: false,
  lower: true,
  alpha: 1,
};

/**
 * Solves op(A) X = alpha B, or X op(A) = alpha B, for a triangular A.
 *
 * @param a shape (..., n, n), float32 or float64
 * @param b shape (..., n, m); (..., m, n) with rightside
 * @returns b's shape
 * @throws ShapeError if the shapes do not fit; DTypeError for other dtypes
 * @derivative dB is the solution with op(A)ᵀ and dY; dA is `-dB Xᵀ` on A's triangle, 0 to its other
 *   half (Giles 2008)
 * @edges a 0 on A's diagonal gives infinities; A's other half does not matter
 * @example
 * ```ts
 * nd.linalg.trsm(nd.array([[2, 0], [1, 4]]), nd.array([[2], [9]])); // [[1.] [2.]]
 * ```
 */
export function trsm<T extends Operand<T>>(a: T, b: T, options?: Partial<TriangularOptions>): T {
  checkOperands("linalg.trsm", [a, b]);
  const settings = readOptions("linalg.trsm", options, triangularDefaults);
  const { alpha, lower, transpose, rightside: rightSide } = settings;
  checkReal("linalg.trsm", a.type);
  checkTriangular("linalg.trsm", a.type.shape, b.type.shape, rightSide);
  return solveTriangular(a, scaled(b, alpha), { lower, transpose, rightSide });
}

import { type Operand, tensorType, type Value } from "@adjoint/graph";
import { apply, applyOne, defineOp, headOf, nth } from "../core/define.js";
import { eyeLike } from "../elementwise/arange.js";
import { mul } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { exp } from "../elementwise/exponential.js";
import { select } from "../elementwise/where.js";
import { atLeastOneAxis } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { swapLastTwo } from "../view/transpose.js";
import { checkReal, checkSquare, checkSquareOperand } from "./checks.js";
import { inverse } from "./inverse.js";

/**
 * `scale` A⁻ᵀ for each matrix, and 0 where `regular` is 0: there the inverse, which would throw, is of the identity.
 */
function scaledInverse(a: Value, regular: Value, scale: Value): Value {
  const column = (x: Value) => reshape(x, [...x.type.shape, 1, 1]);
  const chosen = column(regular);
  const safe = select(chosen, a, eyeLike(a, checkSquare("inverse", a.type.shape)));
  return select(chosen, mul(column(scale), swapLastTwo(inverse(safe))), 0);
}

export const slogdetOp = defineOp<Record<never, never>>({
  name: "slogdet",
  arity: 1,
  attrs: {},
  infer(ins) {
    const { dtype, shape } = nth("slogdet", ins, 0);
    checkReal("slogdet", { dtype, shape });
    checkSquare("slogdet", shape);
    const result = tensorType(dtype, shape.slice(0, -2));
    return [result, result];
  },
  // d log |det A| = tr(A⁻¹ dA) (Jacobi's formula; Magnus & Neudecker, Matrix Differential Calculus, chapter 8).
  vjp: {
    rule({ ins, outs, heads }) {
      const head = heads[1];
      if (head === undefined) return [undefined];
      return [scaledInverse(nth("slogdet", ins, 0), nth("slogdet", outs, 0), head)];
    },
  },
  kernel: () => ({ kind: "linalg", form: "slogdet" }),
  docs: [
    "Sign and logarithm of the absolute value of determinants, one per leading position; 0 and -inf where singular.",
    "Derivative: `A⁻ᵀ` of the logarithm, 0 of the sign; at singular matrices, where there is none, 0.",
  ].join("\n"),
});

export const detOp = defineOp<Record<never, never>>({
  name: "det",
  arity: 1,
  attrs: {},
  infer(ins) {
    const { dtype, shape } = nth("det", ins, 0);
    checkReal("det", { dtype, shape });
    checkSquare("det", shape);
    return [tensorType(dtype, shape.slice(0, -2))];
  },
  // d det A = det A tr(A⁻¹ dA) (Jacobi's formula; Magnus & Neudecker, Matrix Differential Calculus, chapter 8).
  vjp: {
    rule({ ins, outs, heads }) {
      const det = nth("det", outs, 0);
      return [scaledInverse(nth("det", ins, 0), det, mul(headOf(heads), det))];
    },
  },
  // In double precision, because exp turns a rounded logarithm into a relative error of the determinant.
  compose(ins) {
    const a = nth("det", ins, 0);
    const results = apply(slogdetOp, [castTo(a, "float64")]);
    const [sign, logarithm] = [nth("slogdet", results, 0), nth("slogdet", results, 1)];
    return [castTo(mul(sign, exp(logarithm)), a.type.dtype)];
  },
  docs: [
    "Determinants, one per leading position.",
    "Derivative `det(A) A⁻ᵀ`. Where the determinant is 0 the gradient is 0, MXNet's convention; the cofactors, which the",
    "derivative is there, need not be 0.",
  ].join("\n"),
});

/**
 * Determinants of square matrices.
 *
 * @param a shape (..., n, n), float32 or float64
 * @returns shape (...); (1,) for one matrix
 * @throws ShapeError unless square; DTypeError for other dtypes
 * @derivative `det(A) A⁻ᵀ`; 0 where the determinant is 0, MXNet's convention, though the cofactors,
 *   which are the derivative there, need not be 0
 * @edges 1 for matrices without elements; NaN where there is one
 * @example
 * ```ts
 * nd.linalg.det(nd.array([[1, 2], [3, 4]])); // [-2.]
 * ```
 */
export function det<T extends Operand<T>>(a: T): T {
  checkSquareOperand("linalg.det", a);
  return atLeastOneAxis(applyOne(detOp, [a]));
}

/**
 * Sign and logarithm of the absolute value of determinants.
 *
 * @param a shape (..., n, n), float32 or float64
 * @returns signs and logarithms, each of shape (...); (1,) for one matrix
 * @throws ShapeError unless square; DTypeError for other dtypes
 * @derivative `A⁻ᵀ` of the logarithm, 0 where a matrix is singular; 0 of the sign, which is
 *   piecewise constant
 * @edges 0 and -inf where a matrix is singular
 * @example
 * ```ts
 * nd.linalg.slogdet(nd.array([[0, 1], [3, 0]])); // [-1.], [1.0986123]
 * ```
 */
export function slogdet<T extends Operand<T>>(a: T): readonly [T, T] {
  checkSquareOperand("linalg.slogdet", a);
  const results = apply(slogdetOp, [a]);
  return [atLeastOneAxis(nth("slogdet", results, 0)), atLeastOneAxis(nth("slogdet", results, 1))];
}

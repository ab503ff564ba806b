import {
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  sizeOf,
  tensorType,
} from "@adjoint/graph";
import { applyBinary, checkOperands, defineOp, headOf, isOperand, nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { oneElement, reshape } from "../view/reshape.js";
import { formatFlags, type ProductFlags, productGradients } from "./productGradients.js";

export interface DotOptions {
  /** Contract the first axis of a instead of its last. */
  transposeA: boolean;
  /** Contract the last axis of b instead of its first. */
  transposeB: boolean;
}

export const dotDefaults: DotOptions = { transposeA: false, transposeB: false };

/** The same object for all products without transposes, so that a recorder sees at once that it knows it. */
const plain: ProductFlags = Object.freeze({ ...dotDefaults });

/** Rows, inner size and columns of op(a) op(b). */
function sizes(
  a: Shape,
  b: Shape,
  { transposeA, transposeB }: ProductFlags,
): [number, number, number, number] {
  const [rows, inner] = transposeA ? [a[1], a[0]] : [a[0], a[1]];
  const [innerB, columns] = transposeB ? [b[1], b[0]] : [b[0], b[1]];
  return [rows ?? 0, inner ?? 0, innerB ?? 0, columns ?? 0];
}

export const dotOp = defineOp<ProductFlags>({
  name: "dot",
  arity: 2,
  attrs: { transposeA: "bool", transposeB: "bool" },
  infer(ins, attrs) {
    const [a, b] = [nth("dot", ins, 0).shape, nth("dot", ins, 1).shape];
    const [m, k, inner, n] = sizes(a, b, attrs);
    if (a.length !== 2 || b.length !== 2 || k !== inner) {
      throw new ShapeError({
        op: "dot",
        problem: a.length !== 2 || b.length !== 2 ? "not two matrices" : "inner sizes differ",
        received: `${formatShape(a)} x ${formatShape(b)}${formatFlags(attrs)}`,
        allowed: "(m, k) x (k, n)",
      });
    }
    return [tensorType(sameDType("dot", ins), [m, n])];
  },
  vjp: {
    rule: ({ ins, heads, attrs }) =>
      productGradients(matmul, nth("dot", ins, 0), nth("dot", ins, 1), headOf(heads), attrs),
  },
  kernel(ins, attrs) {
    const [m, k, , n] = sizes(nth("dot", ins, 0).shape, nth("dot", ins, 1).shape, attrs);
    return { kind: "contract", batch: 1, m, n, k, ...attrs };
  },
  docs: "Matrix product `op(a) op(b)` of two matrices.",
});

/** Product of two matrices, either transposed. */
export function matmul<T extends Operand<T>>(
  a: T,
  b: T,
  transposeA = false,
  transposeB = false,
): T {
  return applyBinary(dotOp, a, b, transposeA || transposeB ? { transposeA, transposeB } : plain);
}

/**
 * Product over the last axis of a and the first of b; `(1,)` for two vectors. The flags choose the
 * other end, and leave the order of the remaining axes as it is.
 *
 * @param a shape (...rows, k); (k, ...rows) with transposeA; any dtype
 * @param b shape (k, ...columns); (...columns, k) with transposeB; a's dtype
 * @returns shape (...rows, ...columns); `(1,)` where no axis is left
 * @throws ShapeError if the inner sizes differ, or an array has no axes; DTypeError if the dtypes
 *   differ
 * @derivative the head gradient contracted with the other argument: for matrices `dY Bᵀ` and `Aᵀ
 *   dY`
 * @edges 0 where the inner size is 0; integers wrap around; infinities times 0 are NaN
 * @example
 * ```ts
 * nd.dot(nd.array([[1, 2]]), nd.array([[3], [4]])); // [[11.]]
 * nd.dot(nd.ones([2, 3, 4]), nd.ones([2, 5]), { transposeA: true }).shape; // [3, 4, 5]
 * ```
 */
export function dot<T extends Operand<T>>(a: T, b: T, options?: Partial<DotOptions>): T {
  if (!isOperand(a) || !isOperand(b)) checkOperands("dot", [a, b]);
  const { transposeA, transposeB } = readOptions("dot", options, dotDefaults);
  const [left, right] = [a.type.shape, b.type.shape];
  const inner = left.at(transposeA ? 0 : -1);
  if (inner === undefined || inner !== right.at(transposeB ? -1 : 0)) {
    throw new ShapeError({
      op: "dot",
      problem: "inner sizes differ",
      received: `${formatShape(left)} x ${formatShape(right)}${formatFlags({ transposeA, transposeB })}`,
      allowed: "(...rows, k) x (k, ...columns)",
    });
  }
  // Most products are of matrices, and small programs spend their time in calls.
  if (left.length === 2 && right.length === 2) return matmul(a, b, transposeA, transposeB);
  const rows = transposeA ? left.slice(1) : left.slice(0, -1);
  const columns = transposeB ? right.slice(0, -1) : right.slice(1);
  const [m, n] = [sizeOf(rows), sizeOf(columns)];
  const product = matmul(
    reshape(a, transposeA ? [inner, m] : [m, inner]),
    reshape(b, transposeB ? [n, inner] : [inner, n]),
    transposeA,
    transposeB,
  );
  const shape = [...rows, ...columns];
  return reshape(product, shape.length === 0 ? oneElement : shape);
}

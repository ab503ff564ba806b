import {
  equalShapes,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  sizeOf,
  tensorType,
} from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, headOf, nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { reshape } from "../view/reshape.js";
import { dotDefaults, matmul } from "./dot.js";
import { formatFlags, type ProductFlags, productGradients } from "./productGradients.js";

/** Batch, rows, inner size and columns; undefined where the shapes make no batch of products. */
function sizes(
  [batch, aRows, aColumns, ...aRest]: Shape,
  [batchB, bRows, bColumns, ...bRest]: Shape,
  { transposeA, transposeB }: ProductFlags,
): { batch: number; m: number; k: number; n: number } | undefined {
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [inner, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (batch === undefined || m === undefined || k === undefined || n === undefined)
    return undefined;
  const fits = batch === batchB && k === inner && aRest.length === 0 && bRest.length === 0;
  return fits ? { batch, m, k, n } : undefined;
}

function requireSizes(ins: readonly { shape: Shape }[], attrs: ProductFlags) {
  const [a, b] = [nth("batchDot", ins, 0).shape, nth("batchDot", ins, 1).shape];
  const found = sizes(a, b, attrs);
  if (found !== undefined) return found;
  throw new ShapeError({
    op: "batchDot",
    problem: "shapes make no batch of matrix products",
    received: `${formatShape(a)} x ${formatShape(b)}${formatFlags(attrs)}`,
    allowed: "(...batch, m, k) x (...batch, k, n)",
  });
}

export const batchDotOp = defineOp<ProductFlags>({
  name: "batchDot",
  arity: 2,
  attrs: { transposeA: "bool", transposeB: "bool" },
  infer(ins, attrs) {
    const { batch, m, n } = requireSizes(ins, attrs);
    return [tensorType(sameDType("batchDot", ins), [batch, m, n])];
  },
  vjp: {
    rule({ ins, heads, attrs }) {
      const [a, b] = [nth("batchDot", ins, 0), nth("batchDot", ins, 1)];
      return productGradients(batchMatmul, a, b, headOf(heads), attrs);
    },
  },
  kernel: (ins, attrs) => ({ kind: "contract", ...requireSizes(ins, attrs), ...attrs }),
  docs: "Matrix products `op(a) op(b)`, one for each position of the first axis.",
});

function batchMatmul<T extends Operand<T>>(
  a: T,
  b: T,
  transposeA: boolean,
  transposeB: boolean,
): T {
  return applyOne(batchDotOp, [a, b], { transposeA, transposeB });
}

/** Products of the matrices on the last two axes; the axes before them are equal. */
export function stackedMatmul<T extends Operand<T>>(
  a: T,
  b: T,
  transposeA = false,
  transposeB = false,
): T {
  const { shape } = a.type;
  if (shape.length === 2) return matmul(a, b, transposeA, transposeB);
  const batch = shape.slice(0, -2);
  const flat = (x: T) => reshape(x, [sizeOf(batch), ...x.type.shape.slice(-2)]);
  const product = batchMatmul(flat(a), flat(b), transposeA, transposeB);
  return reshape(product, [...batch, ...product.type.shape.slice(1)]);
}

export interface BatchDotOptions {
  /** Exchange the last two axes of a. */
  transposeA: boolean;
  /** Exchange the last two axes of b. */
  transposeB: boolean;
}

/**
 * Matrix products, one for each position of the axes before the last two.
 *
 * @param a shape (...batch, m, k), at least three axes; (...batch, k, m) with transposeA; any dtype
 * @param b shape (...batch, k, n); (...batch, n, k) with transposeB; a's dtype
 * @returns shape (...batch, m, n)
 * @throws ShapeError if the shapes do not fit; DTypeError if the dtypes differ
 * @derivative for each matrix `dY Bᵀ` and `Aᵀ dY`
 * @edges 0 where the inner size is 0; integers wrap around
 * @example
 * ```ts
 * nd.batchDot(nd.array([[[1, 2]]]), nd.array([[[3], [4]]])); // [[[11.]]]
 * nd.batchDot(nd.ones([5, 2, 3]), nd.ones([5, 3, 4])).shape; // [5, 2, 4]
 * ```
 */
export function batchDot<T extends Operand<T>>(a: T, b: T, options?: Partial<BatchDotOptions>): T {
  checkOperands("batchDot", [a, b]);
  const { transposeA, transposeB } = readOptions("batchDot", options, dotDefaults);
  const [batch, batchB] = [a.type.shape.slice(0, -2), b.type.shape.slice(0, -2)];
  const stacked = batch.length > 1 && equalShapes(batch, batchB);
  return (stacked ? stackedMatmul : batchMatmul)(a, b, transposeA, transposeB);
}

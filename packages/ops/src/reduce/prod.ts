import { type Operand, type Shape, sizeOf, tensorType } from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { reducedShape } from "../core/shapes.js";
import { mul } from "../elementwise/arithmetic.js";
import { concatAlong } from "../pack/concat.js";
import { reshape } from "../view/reshape.js";
import { padWith, sliceAlong } from "../view/slice.js";
import { inversePermutation, transposeAxes } from "../view/transpose.js";
import { type ReduceAttrs, type ReduceOptions, reduceBy } from "./sum.js";

/**
 * Gradient of the product of each row of `rows` (n, length), times `head` (n, 1): each element gets
 * the product of the others. Rows are multiplied by halves, `x = [a, b]`, `p(x) = p(a * b)`; so
 * with `g` the gradient of `p` at `a * b`, x gets `[g * b, g * a]`. There is no division, hence
 * zeros are exact, and so is every higher derivative.
 */
function gradientOfRows<T extends Operand<T>>(rows: T, head: T): T {
  const length = nth("prod", rows.type.shape, 1);
  if (length <= 1) return length === 0 ? rows : head;
  const half = Math.ceil(length / 2);
  const even = padWith(rows, { high: [0, 2 * half - length], value: 1 });
  const [a, b] = [sliceAlong(even, 1, 0, half), sliceAlong(even, 1, half, half)];
  const gradient = gradientOfRows(mul(a, b), head);
  return sliceAlong(concatAlong([mul(gradient, b), mul(gradient, a)], 1), 1, 0, length);
}

/** Brings the reduced axes to the end, differentiates row by row, and brings them back. */
function prodAdjoint<T extends Operand<T>>(x: T, head: T, axes: readonly number[]): T {
  const { shape } = x.type;
  const kept = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const order = [...kept, ...axes];
  const moved: Shape = order.map((axis) => nth("prod", shape, axis));
  const rows = sizeOf(moved.slice(0, kept.length));
  const length = sizeOf(moved.slice(kept.length));
  const flat = reshape(transposeAxes(x, order), [rows, length]);
  const gradient = gradientOfRows(flat, reshape(head, [rows, 1]));
  return transposeAxes(reshape(gradient, moved), inversePermutation(order));
}

export const prodOp = defineOp<ReduceAttrs>({
  name: "prod",
  arity: 1,
  attrs: { axes: "ints", keepdims: "bool" },
  infer(ins, { axes, keepdims }) {
    const { dtype, shape } = nth("prod", ins, 0);
    return [tensorType(dtype, reducedShape(shape, axes, keepdims))];
  },
  vjp: {
    rule: ({ ins, heads, attrs }) => [prodAdjoint(nth("prod", ins, 0), headOf(heads), attrs.axes)],
  },
  kernel: (_, { axes }) => ({ kind: "reduce", monoid: "prod", axes }),
  docs:
    "Product over axes; 1 over none. Derivative: the product of the other elements, zeros " +
    "included, where MXNet has NaN.",
});

/** Product over `axes`, exactly as the IR has it: a full reduction has shape `[]`. */
export function prodAxes<T extends Operand<T>>(x: T, axes: readonly number[], keepdims = false): T {
  return axes.length === 0 ? x : applyOne(prodOp, [x], { axes, keepdims });
}

/**
 * Product of the elements over axes.
 *
 * @param x any shape and dtype
 * @returns x's dtype; x's shape without the reduced axes, `(1,)` when all are reduced
 * @throws BoundsError for an axis out of range
 * @derivative the product of the other elements, exact where elements are 0 (MXNet has NaN there)
 * @edges 1 over an empty axis; NaN where there is one; integers wrap around
 * @example
 * ```ts
 * nd.prod(nd.array([[1, 2], [3, 4]]), { axis: 1 }); // [ 2. 12.]
 * ```
 */
export function prod<T extends Operand<T>>(x: T, options?: Partial<ReduceOptions>): T {
  return reduceBy(prodOp, x, options);
}

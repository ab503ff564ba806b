import {
  AttributeError,
  formatShape,
  type Operand,
  rowMajorStrides,
  type Shape,
  tensorType,
} from "@adjoint/graph";
import { applyOne, applyUnary, defineOp, headOf, nth } from "../core/define.js";
import { checkIntegers, normalizeAxis, readOptions } from "../core/options.js";
import { asNew } from "../elementwise/identity.js";
import { shapeOf } from "./shapeOf.js";

/** The permutation that undoes `axes`. */
export function inversePermutation(axes: readonly number[]): readonly number[] {
  const inverse = new Array<number>(axes.length);
  axes.forEach((axis, position) => {
    inverse[axis] = position;
  });
  return inverse;
}

function permuted(values: readonly number[], axes: readonly number[]): number[] {
  return axes.map((axis) => nth("transpose", values, axis));
}

export const transposeOp = defineOp<{ axes: readonly number[] }>({
  name: "transpose",
  arity: 1,
  attrs: { axes: "ints" },
  infer(ins, { axes }) {
    const x = nth("transpose", ins, 0);
    checkPermutation(axes, x.shape);
    return [tensorType(x.dtype, permuted(x.shape, axes))];
  },
  vjp: {
    rule: ({ heads, attrs }) => [transposeAxes(headOf(heads), inversePermutation(attrs.axes))],
  },
  kernel: (ins, { axes }) => ({
    kind: "view",
    offset: 0,
    strides: permuted(rowMajorStrides(nth("transpose", ins, 0).shape), axes),
  }),
  docs: "Axis `i` of the result is axis `axes[i]` of the argument.",
});

function checkPermutation(axes: readonly number[], shape: Shape): void {
  const valid = axes.length === shape.length && shape.every((_, axis) => axes.includes(axis));
  if (valid) return;
  throw new AttributeError({
    op: "transpose",
    problem: "axes are not a permutation",
    received: `[${axes.join(", ")}] for ${formatShape(shape)}`,
    allowed: `each of 0 to ${shape.length - 1} once`,
  });
}

/** Permutes axes as the IR has it; nothing where the order stays. */
export function transposeAxes<T extends Operand<T>>(x: T, axes: readonly number[]): T {
  return axes.every((axis, position) => axis === position) && axes.length === x.type.shape.length
    ? x
    : applyOne(transposeOp, [x], { axes });
}

/** Exchanges the last two axes. */
export function swapLastTwo<T extends Operand<T>>(x: T): T {
  const rank = x.type.shape.length;
  const axes = x.type.shape.map((_, axis) => axis);
  return transposeAxes(x, [...axes.slice(0, rank - 2), rank - 1, rank - 2]);
}

export interface TransposeOptions {
  /**
   * The axis of x that each axis of the result is, counted from either end; null or `[]` for the
   * reverse order.
   */
  axes: readonly number[] | null;
}

const transposeDefaults: TransposeOptions = { axes: null };

/**
 * Permutes axes; without `axes`, reverses them.
 *
 * @param x any shape and dtype
 * @returns x's elements, the axes in their new order
 * @throws AttributeError unless `axes` names each axis once
 * @derivative the head gradient with the axes permuted back
 * @example
 * ```ts
 * nd.transpose(nd.array([[1, 2], [3, 4]])); // [[1. 3.] [2. 4.]]
 * nd.transpose(nd.zeros([2, 3, 4]), { axes: [1, 0, 2] }).shape; // [3, 2, 4]
 * ```
 */
export function transpose<T extends Operand<T>>(x: T, options?: Partial<TransposeOptions>): T {
  const { axes } = readOptions("transpose", options, transposeDefaults);
  const rank = shapeOf("transpose", x).length;
  const given = axes === null ? [] : checkIntegers("transpose", "axes", axes);
  if (given.length === 0)
    return asNew(x, rank < 2 ? x : applyUnary(transposeOp, x, reversal(rank)));
  const order = given.map((axis) => normalizeAxis("transpose", axis, rank));
  return asNew(x, transposeAxes(x, order));
}

const reversals: { readonly axes: readonly number[] }[] = [];

/** Attributes of the reverse order; the same object for the same rank. */
function reversal(rank: number): { readonly axes: readonly number[] } {
  for (let next = reversals.length; next <= rank; next++) {
    reversals.push({ axes: Array.from({ length: next }, (_, axis) => next - 1 - axis) });
  }
  return nth("transpose", reversals, rank);
}

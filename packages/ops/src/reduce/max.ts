import {
  formatShape,
  isFloat,
  type OpDef,
  type Operand,
  ShapeError,
  sizeOf,
  type TensorType,
  tensorType,
} from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { reducedShape } from "../core/shapes.js";
import { equal } from "../elementwise/compare.js";
import { select } from "../elementwise/where.js";
import { reshape } from "../view/reshape.js";
import { type ReduceAttrs, type ReduceOptions, reduceBy } from "./sum.js";

/** Integers have no infinity to stand for the extreme of nothing. */
function checkExtreme(op: string, { dtype, shape }: TensorType, axes: readonly number[]): void {
  if (isFloat(dtype) || sizeOf(axes.map((axis) => nth(op, shape, axis))) > 0) return;
  throw new ShapeError({
    op,
    problem: "no elements to choose from",
    received: `${dtype} of shape ${formatShape(shape)}`,
    allowed: "at least one along the reduced axes; none for float dtypes",
  });
}

/** Every element that equals the extreme gets the whole head gradient; NaN equals nothing. */
function extremeOp(name: "max" | "min", docs: string): OpDef<ReduceAttrs> {
  return defineOp<ReduceAttrs>({
    name,
    arity: 1,
    attrs: { axes: "ints", keepdims: "bool" },
    infer(ins, { axes, keepdims }) {
      const x = nth(name, ins, 0);
      checkExtreme(name, x, axes);
      return [tensorType(x.dtype, reducedShape(x.shape, axes, keepdims))];
    },
    vjp: {
      rule({ ins, outs, heads, attrs: { axes } }) {
        const [x, y] = [nth(name, ins, 0), nth(name, outs, 0)];
        const kept = reducedShape(x.type.shape, axes, true);
        return [select(equal(x, reshape(y, kept)), reshape(headOf(heads), kept), 0)];
      },
    },
    kernel: (_, { axes }) => ({ kind: "reduce", monoid: name, axes }),
    docs,
  });
}

export const maxOp = extremeOp(
  "max",
  "Largest element over axes; NaN if there is one, -inf over none. Every tied element gets the " +
    "whole gradient.",
);
export const minOp = extremeOp(
  "min",
  "Smallest element over axes; NaN if there is one, inf over none. Every tied element gets the " +
    "whole gradient.",
);

/** Largest elements over `axes`, exactly as the IR has it: a full reduction has shape `[]`. */
export function maxAxes<T extends Operand<T>>(x: T, axes: readonly number[], keepdims = false): T {
  return axes.length === 0 ? x : applyOne(maxOp, [x], { axes, keepdims });
}

/** Smallest elements over `axes`, exactly as the IR has it: a full reduction has shape `[]`. */
export function minAxes<T extends Operand<T>>(x: T, axes: readonly number[], keepdims = false): T {
  return axes.length === 0 ? x : applyOne(minOp, [x], { axes, keepdims });
}

/**
 * Largest element over axes.
 *
 * @param x any shape and dtype
 * @returns x's dtype; x's shape without the reduced axes, `(1,)` when all are reduced
 * @throws BoundsError for an axis out of range; ShapeError for an integer array without elements
 * @derivative the head gradient to every element that equals the largest, in full to each of tied
 *   ones; 0 to the others, and to all where the result is NaN
 * @edges NaN where there is one; -inf over an empty axis
 * @example
 * ```ts
 * nd.max(nd.array([[1, 4], [3, 2]]), { axis: 1 }); // [4. 3.]
 * ```
 */
export function max<T extends Operand<T>>(x: T, options?: Partial<ReduceOptions>): T {
  return reduceBy(maxOp, x, options);
}

/**
 * Smallest element over axes.
 *
 * @param x any shape and dtype
 * @returns x's dtype; x's shape without the reduced axes, `(1,)` when all are reduced
 * @throws BoundsError for an axis out of range; ShapeError for an integer array without elements
 * @derivative the head gradient to every element that equals the smallest, in full to each of tied
 *   ones; 0 to the others, and to all where the result is NaN
 * @edges NaN where there is one; inf over an empty axis
 * @example
 * ```ts
 * nd.min(nd.array([[1, 4], [3, 2]]), { axis: 1 }); // [1. 2.]
 * ```
 */
export function min<T extends Operand<T>>(x: T, options?: Partial<ReduceOptions>): T {
  return reduceBy(minOp, x, options);
}

import {
  bytesOf,
  type DType,
  formatShape,
  isFloat,
  type OpDef,
  type Operand,
  type Shape,
  ShapeError,
  sizeOf,
  tensorType,
} from "@adjoint/graph";
import { applyOne, defineOp, nth } from "../core/define.js";
import { normalizeAxes, readOptions } from "../core/options.js";
import { reducedShape } from "../core/shapes.js";
import { shapeOf } from "../view/shapeOf.js";
import { atLeastOneAxis, type ReduceAttrs } from "./sum.js";

/**
 * Positions come in the data's dtype, as in MXNet; narrower dtypes, which can't hold them, are
 * widened.
 */
function positionDType(dtype: DType): DType {
  if (bytesOf(dtype) >= 4) return dtype;
  return isFloat(dtype) ? "float32" : "int32";
}

function checkSomeElements(op: string, shape: Shape, axes: readonly number[]): void {
  if (sizeOf(axes.map((axis) => nth(op, shape, axis))) > 0) return;
  throw new ShapeError({
    op,
    problem: "no elements to choose from",
    received: formatShape(shape),
    allowed: "at least one along the reduced axes",
  });
}

function positionOp(name: "argmax" | "argmin", docs: string): OpDef<ReduceAttrs> {
  return defineOp<ReduceAttrs>({
    name,
    arity: 1,
    attrs: { axes: "ints", keepdims: "bool" },
    infer(ins, { axes, keepdims }) {
      const { dtype, shape } = nth(name, ins, 0);
      checkSomeElements(name, shape, axes);
      return [tensorType(positionDType(dtype), reducedShape(shape, axes, keepdims))];
    },
    vjp: { none: "integer valued" },
    kernel: (_, { axes }) => ({ kind: "reduce", monoid: name, axes }),
    docs,
  });
}

export const argmaxOp = positionOp(
  "argmax",
  "Position of the first largest element along the (flattened) axes, in the data's dtype. " +
    "Derivative 0.",
);
export const argminOp = positionOp(
  "argmin",
  "Position of the first smallest element along the (flattened) axes, in the data's dtype. " +
    "Derivative 0.",
);

export interface PositionOptions {
  /** Axis to search, counted from either end; null for the flattened array. */
  axis: number | null;
  /** Leave the searched axes with length 1. */
  keepdims: boolean;
}

function front<T extends Operand<T>>(
  name: string,
  op: OpDef<ReduceAttrs>,
  x: T,
  options: Partial<PositionOptions> | undefined,
): T {
  const { axis, keepdims } = readOptions<PositionOptions>(name, options, {
    axis: null,
    keepdims: false,
  });
  const shape = shapeOf(name, x);
  const axes = normalizeAxes(name, axis, shape);
  checkSomeElements(name, shape, axes);
  return atLeastOneAxis(applyOne(op, [x], { axes, keepdims }));
}

/**
 * Position of the largest element along an axis.
 *
 * @param x any shape and dtype
 * @returns x's dtype (float16: float32; int8, uint8, bool: int32), x's shape without the axis,
 *   `(1,)` without axes
 * @throws BoundsError for an axis out of range; ShapeError where there is nothing to choose from
 * @derivative 0 everywhere: positions are integers, piecewise constant in x
 * @edges the first of tied elements; the first NaN where there is one, as `nd.max` gives it
 * @example
 * ```ts
 * nd.argmax(nd.array([[1, 4], [3, 2]]), { axis: 1 }); // [1. 0.]
 * ```
 */
export function argmax<T extends Operand<T>>(x: T, options?: Partial<PositionOptions>): T {
  return front("argmax", argmaxOp, x, options);
}

/**
 * Position of the smallest element along an axis.
 *
 * @param x any shape and dtype
 * @returns x's dtype (float16: float32; int8, uint8, bool: int32), x's shape without the axis,
 *   `(1,)` without axes
 * @throws BoundsError for an axis out of range; ShapeError where there is nothing to choose from
 * @derivative 0 everywhere: positions are integers, piecewise constant in x
 * @edges the first of tied elements; the first NaN where there is one, as `nd.min` gives it
 * @example
 * ```ts
 * nd.argmin(nd.array([[1, 4], [3, 2]]), { axis: 1 }); // [0. 1.]
 * ```
 */
export function argmin<T extends Operand<T>>(x: T, options?: Partial<PositionOptions>): T {
  return front("argmin", argminOp, x, options);
}

/**
 * Position of the largest element along the second axis.
 *
 * @param x at least two axes, any dtype
 * @returns the dtype of `argmax`; x's shape without the second axis
 * @throws BoundsError for an array of fewer than two axes; ShapeError where there is nothing to
 *   choose from
 * @derivative 0 everywhere: positions are integers, piecewise constant in x
 * @edges the first of tied elements; the first NaN where there is one
 * @example
 * ```ts
 * nd.argmaxChannel(nd.array([[1, 4], [3, 2]])); // [1. 0.]
 * ```
 */
export function argmaxChannel<T extends Operand<T>>(x: T): T {
  return front("argmaxChannel", argmaxOp, x, { axis: 1 });
}

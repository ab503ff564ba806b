import { bytesOf, type DType, isFloat, type Operand, sizeOf, tensorType } from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { reducedShape } from "../core/shapes.js";
import { div } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { reshape } from "../view/reshape.js";
import { broadcastTo, type ReduceAttrs, type ReduceOptions, reduceBy, sumAxes } from "./sum.js";

/** How many elements each result of a reduction is made of. */
export function reducedCount(shape: readonly number[], axes: readonly number[]): number {
  return sizeOf(axes.map((axis) => nth("mean", shape, axis)));
}

/** A dtype that holds counts, and sums of as many elements of a narrow dtype. */
function wideDType(dtype: DType): DType {
  if (bytesOf(dtype) >= 4) return dtype;
  return isFloat(dtype) ? "float32" : "int64";
}

export const meanOp = defineOp<ReduceAttrs>({
  name: "mean",
  arity: 1,
  attrs: { axes: "ints", keepdims: "bool" },
  infer(ins, { axes, keepdims }) {
    const { dtype, shape } = nth("mean", ins, 0);
    return [tensorType(dtype, reducedShape(shape, axes, keepdims))];
  },
  vjp: {
    rule({ ins, heads, attrs: { axes } }) {
      const { shape } = nth("mean", ins, 0).type;
      const head = headOf(heads);
      const { dtype } = head.type;
      const part = castTo(div(castTo(head, wideDType(dtype)), reducedCount(shape, axes)), dtype);
      return [broadcastTo(reshape(part, reducedShape(shape, axes, true)), shape)];
    },
  },
  compose(ins, { axes, keepdims }) {
    const x = nth("mean", ins, 0);
    const { dtype, shape } = x.type;
    const total = sumAxes(castTo(x, wideDType(dtype)), axes, keepdims);
    return [castTo(div(total, reducedCount(shape, axes)), dtype)];
  },
  docs: "Arithmetic mean over axes; truncated for integers, NaN of nothing.",
});

/** Mean over `axes`, exactly as the IR has it: a full reduction has shape `[]`. */
export function meanAxes<T extends Operand<T>>(x: T, axes: readonly number[], keepdims = false): T {
  return axes.length === 0 ? x : applyOne(meanOp, [x], { axes, keepdims });
}

/**
 * Mean of the elements over axes.
 *
 * @param x any shape and dtype
 * @returns x's dtype (integers truncate); x's shape without the reduced axes, `(1,)` when all are
 *   reduced
 * @throws BoundsError for an axis out of range; ArgumentError, when it runs, for integers over an
 *   empty axis
 * @derivative the head gradient divided by the number of elements, to every element
 * @edges NaN over an empty axis, and where there is one; the sum of int32 and int64 wraps around
 *   before it is divided, that of narrower dtypes is exact
 * @example
 * ```ts
 * nd.mean(nd.array([[1, 2], [3, 4]]), { axis: 0 }); // [2. 3.]
 * ```
 */
export function mean<T extends Operand<T>>(x: T, options?: Partial<ReduceOptions>): T {
  return reduceBy(meanOp, x, options);
}

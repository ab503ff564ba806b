import { type Operand, tensorType } from "@adjoint/graph";
import { apply, defineOp, nth } from "../core/define.js";
import { normalizeAxes, readOptions } from "../core/options.js";
import { reducedShape } from "../core/shapes.js";
import { sub } from "../elementwise/arithmetic.js";
import { square } from "../elementwise/powers.js";
import { reshape } from "../view/reshape.js";
import { shapeOf } from "../view/shapeOf.js";
import { meanAxes } from "./mean.js";
import { atLeastOneAxis, type ReduceAttrs } from "./sum.js";

export const momentsOp = defineOp<ReduceAttrs>({
  name: "moments",
  arity: 1,
  attrs: { axes: "ints", keepdims: "bool" },
  infer(ins, { axes, keepdims }) {
    const { dtype, shape } = nth("moments", ins, 0);
    const type = tensorType(dtype, reducedShape(shape, axes, keepdims));
    return [type, type];
  },
  // The squares are taken after centring: mean(x**2) - mean(x)**2 loses all digits far from 0.
  compose(ins, { axes, keepdims }) {
    const x = nth("moments", ins, 0);
    const mean = meanAxes(x, axes, true);
    const variance = meanAxes(square(sub(x, mean)), axes, keepdims);
    return [reshape(mean, variance.type.shape), variance];
  },
  docs: "Mean and population variance over axes.",
});

export interface MomentsOptions {
  /** Axes to reduce, counted from either end; null for all. */
  axes: number | readonly number[] | null;
  /** Leave the reduced axes with length 1. */
  keepdims: boolean;
}

/**
 * Mean and population variance over axes, the variance from centred elements.
 *
 * @param x any shape and dtype
 * @returns two arrays of x's dtype and x's shape without the reduced axes; `(1,)` when all are
 *   reduced
 * @throws BoundsError for an axis out of range
 * @derivative of the mean 1/n, of the variance `2 (x - mean) / n`
 * @edges NaN over an empty axis, and where there is one
 * @example
 * ```ts
 * nd.moments(nd.array([[1, 2], [3, 6]]), { axes: [1] }); // [1.5 4.5], [0.25 2.25]
 * ```
 */
export function moments<T extends Operand<T>>(
  x: T,
  options?: Partial<MomentsOptions>,
): readonly T[] {
  const { axes, keepdims } = readOptions<MomentsOptions>("moments", options, {
    axes: null,
    keepdims: false,
  });
  const reduced = normalizeAxes("moments", axes, shapeOf("moments", x));
  return apply(momentsOp, [x], { axes: reduced, keepdims }).map(atLeastOneAxis);
}

import { type OpDef, type Operand, tensorType } from "@adjoint/graph";
import { defineOp, nth } from "../core/define.js";
import { reducedShape } from "../core/shapes.js";
import { equal } from "../elementwise/compare.js";
import { select } from "../elementwise/where.js";
import { prodAxes } from "./prod.js";
import { type ReduceAttrs, type ReduceOptions, reduceBy, sumAxes } from "./sum.js";

/** A reduction in which `neutral` stands in for NaN, the only value that differs from itself. */
function skippingNaN(
  name: string,
  reduce: typeof sumAxes,
  neutral: number,
  docs: string,
): OpDef<ReduceAttrs> {
  return defineOp<ReduceAttrs>({
    name,
    arity: 1,
    attrs: { axes: "ints", keepdims: "bool" },
    infer(ins, { axes, keepdims }) {
      const { dtype, shape } = nth(name, ins, 0);
      return [tensorType(dtype, reducedShape(shape, axes, keepdims))];
    },
    compose(ins, { axes, keepdims }) {
      const x = nth(name, ins, 0);
      return [reduce(select(equal(x, x), x, neutral), axes, keepdims)];
    },
    docs,
  });
}

export const nansumOp = skippingNaN(
  "nansum",
  sumAxes,
  0,
  "Sum over axes in which NaN counts as 0, and gets gradient 0.",
);
export const nanprodOp = skippingNaN(
  "nanprod",
  prodAxes,
  1,
  "Product over axes in which NaN counts as 1, and gets gradient 0.",
);

/**
 * Sum of the elements that are not NaN.
 *
 * @param x any shape and dtype
 * @returns x's dtype; x's shape without the reduced axes, `(1,)` when all are reduced
 * @throws BoundsError for an axis out of range
 * @derivative the head gradient to every element that is not NaN, 0 to NaN
 * @edges 0 over an empty axis and over nothing but NaN
 * @example
 * ```ts
 * nd.nansum(nd.array([1, NaN, 2])); // [3.]
 * ```
 */
export function nansum<T extends Operand<T>>(x: T, options?: Partial<ReduceOptions>): T {
  return reduceBy(nansumOp, x, options);
}

/**
 * Product of the elements that are not NaN.
 *
 * @param x any shape and dtype
 * @returns x's dtype; x's shape without the reduced axes, `(1,)` when all are reduced
 * @throws BoundsError for an axis out of range
 * @derivative the product of the others that are not NaN; 0 to NaN
 * @edges 1 over an empty axis and over nothing but NaN
 * @example
 * ```ts
 * nd.nanprod(nd.array([2, NaN, 3])); // [6.]
 * ```
 */
export function nanprod<T extends Operand<T>>(x: T, options?: Partial<ReduceOptions>): T {
  return reduceBy(nanprodOp, x, options);
}

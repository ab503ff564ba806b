import { type DType, type Operand, tensorType } from "@adjoint/graph";
import { applyOne, defineOp, nth } from "../core/define.js";
import { checkInteger, readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { castTo } from "../elementwise/cast.js";
import { equal } from "../elementwise/compare.js";
import { fill } from "../elementwise/full.js";
import { select } from "../elementwise/where.js";
import { insertAxis } from "../view/axes.js";
import { checkDType } from "./checkDType.js";

export type OneHotAttrs = { depth: number; onValue: number; offValue: number; dtype: DType };

export const oneHotOp = defineOp<OneHotAttrs>({
  name: "oneHot",
  arity: 1,
  attrs: { depth: "int", onValue: "number", offValue: "number", dtype: "dtype" },
  infer: (ins, { depth, dtype }) => [tensorType(dtype, [...nth("oneHot", ins, 0).shape, depth])],
  vjp: { none: "piecewise constant" },
  compose(ins, { depth, onValue, offValue, dtype }) {
    const indices = castTo(nth("oneHot", ins, 0), "int32");
    const hit = equal(insertAxis(indices, indices.type.shape.length), iota(indices, depth));
    const values = castTo(hit, dtype);
    return [select(hit, fill(values, [], onValue), fill(values, [], offValue))];
  },
  docs:
    "A new last axis of length `depth`, holding `onValue` at the index and `offValue` " +
    "elsewhere; only `offValue` where the index is out of range. Derivative 0.",
});

export interface OneHotOptions {
  /** Length of the new axis. */
  depth: number;
  /** What stands at the index. */
  onValue: number;
  /** What stands elsewhere. */
  offValue: number;
  /** Element type of the result. */
  dtype: DType;
}

/**
 * Indices as rows with a single 1.
 *
 * @param indices any shape and dtype; fractions are cut off
 * @returns shape indices.shape + (depth,)
 * @throws AttributeError for a depth that is not a positive integer
 * @derivative 0 everywhere: the result is piecewise constant in the indices
 * @edges a row for an index out of range holds `offValue` only; NaN counts as 0
 * @example
 * ```ts
 * nd.oneHot(nd.array([1, 0]), { depth: 3 }); // [[0. 1. 0.] [1. 0. 0.]]
 * ```
 */
export function oneHot<T extends Operand<T>>(
  indices: T,
  options: Pick<OneHotOptions, "depth"> & Partial<OneHotOptions>,
): T {
  const { depth, onValue, offValue, dtype } = readOptions<OneHotOptions>("oneHot", options, {
    depth: Number.NaN,
    onValue: 1,
    offValue: 0,
    dtype: "float32",
  });
  checkInteger("oneHot", "depth", depth, 1);
  checkDType("oneHot", dtype);
  return applyOne(oneHotOp, [indices], { depth, onValue, offValue, dtype });
}

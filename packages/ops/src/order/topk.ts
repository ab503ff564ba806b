import { BoundsError, type DType, type Operand } from "@adjoint/graph";
import { nth } from "../core/define.js";
import { checkChoice, checkInteger, readOptions } from "../core/options.js";
import { castTo } from "../elementwise/cast.js";
import { fill } from "../elementwise/full.js";
import { checkDType } from "../index/checkDType.js";
import { addAlong } from "../index/takeAlong.js";
import { reshape } from "../view/reshape.js";
import { sliceAlong } from "../view/slice.js";
import { ordered, sortAlong } from "./sort.js";

export const topkResults = ["indices", "value", "both", "mask"] as const;
export type TopkResult = (typeof topkResults)[number];

export interface TopkOptions {
  /** Counted from either end; null for the flattened array. */
  axis: number | null;
  /** How many; 0 for all. */
  k: number;
  /** Positions, values, `[values, positions]`, or 1 at the elements chosen and 0 elsewhere. */
  retTyp: TopkResult;
  /** The smallest instead of the largest. */
  isAscend: boolean;
  /** Of the positions. */
  dtype: DType;
}

const topkDefaults: TopkOptions = {
  axis: -1,
  k: 1,
  retTyp: "indices",
  isAscend: false,
  dtype: "float32",
};

/**
 * The `k` largest elements along an axis, by default the last, in order.
 *
 * @param x any shape and dtype
 * @returns positions, values, `[values, positions]` or a mask of x's shape and dtype, as `retTyp`
 *   says
 * @throws BoundsError for k above the axis's length, or an axis out of range; AttributeError for an
 *   unknown `retTyp`
 * @derivative of values, the head gradient where they came from; of positions and mask 0, as they
 *   are piecewise constant
 * @edges of tied elements the first is taken; NaN comes last, also for the smallest
 * @example
 * ```ts
 * nd.topk(nd.array([3, 1, 2]), { k: 2 }); // [0. 2.]
 * nd.topk(nd.array([3, 1, 2]), { k: 2, retTyp: "both" }); // [3. 2.], [0. 2.]
 * ```
 */
export function topk<T extends Operand<T>>(
  x: T,
  options: Partial<TopkOptions> & { retTyp: "both" },
): readonly [T, T];
export function topk<T extends Operand<T>>(x: T, options?: Partial<TopkOptions>): T;
export function topk<T extends Operand<T>>(
  x: T,
  options?: Partial<TopkOptions>,
): T | readonly [T, T] {
  const { axis, k, retTyp, isAscend, dtype } = readOptions("topk", options, topkDefaults);
  checkChoice("topk", "retTyp", retTyp, topkResults);
  checkDType("topk", dtype);
  const [data, along] = ordered("topk", x, axis);
  const length = nth("topk", data.type.shape, along);
  const count = checkInteger("topk", "k", k, 0) === 0 ? length : k;
  if (count > length) {
    throw new BoundsError({
      op: "topk",
      problem: "k is out of range",
      received: `${k} of ${length} elements`,
      allowed: `0 to ${length}`,
    });
  }
  const sorted = sortAlong(data, along, isAscend);
  const values = sliceAlong(sorted[0], along, 0, count);
  const positions = sliceAlong(sorted[1], along, 0, count);
  switch (retTyp) {
    case "indices":
      return castTo(positions, dtype);
    case "value":
      return values;
    case "both":
      return [values, castTo(positions, dtype)];
    case "mask": {
      const mask = addAlong(fill(x, positions.type.shape, 1), positions, along, length);
      return reshape(mask, x.type.shape);
    }
    default:
      return retTyp satisfies never;
  }
}

import { isFloat, sizeOf, type TensorType } from "@adjoint/graph";
import { type Tensor, toNumbers } from "../tensor.js";

/** What an array holds, in short. Plain data. */
export interface ValueSummary {
  readonly type: TensorType;
  /** Of the elements that are numbers, infinities among them; undefined where there is none. */
  readonly min: number | undefined;
  readonly mean: number | undefined;
  readonly max: number | undefined;
  /** How many elements are NaN. */
  readonly nans: number;
  /** How many elements are infinite. */
  readonly infinities: number;
  /** All elements in row-major order, of a small array only. */
  readonly elements: readonly number[] | undefined;
}

/** How many elements of an array are no finite numbers. */
export function countNonFinite(tensor: Tensor): {
  readonly nans: number;
  readonly infinities: number;
} {
  let [nans, infinities] = [0, 0];
  if (!isFloat(tensor.type.dtype)) return { nans, infinities };
  const { data } = tensor;
  const numbers =
    data instanceof Float32Array || data instanceof Float64Array ? data : toNumbers(tensor);
  for (const value of numbers) {
    if (Number.isNaN(value)) nans++;
    else if (!Number.isFinite(value)) infinities++;
  }
  return { nans, infinities };
}

/**
 * Least, mean and greatest element, how many are NaN or infinite; arrays of at most `full` elements
 * completely.
 *
 * @example
 * ```ts
 * summarize(tensorOf([1, 2, 6], "float32")).mean; // 3
 * ```
 */
export function summarize(tensor: Tensor, full = 8): ValueSummary {
  const { type } = tensor;
  const numbers = toNumbers(tensor);
  const { nans, infinities } = countNonFinite(tensor);
  const count = numbers.length - nans;
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of numbers) {
    if (Number.isNaN(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  return {
    type,
    ...(count === 0
      ? { min: undefined, mean: undefined, max: undefined }
      : { min, mean: sum / count, max }),
    nans,
    infinities,
    elements: sizeOf(type.shape) <= full ? numbers : undefined,
  };
}

import { AttributeError, type Operand } from "@adjoint/graph";
import { nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { mul } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { square } from "../elementwise/powers.js";
import { arraysAndOptions, concatAlong } from "../pack/concat.js";
import { reshape } from "../view/reshape.js";
import { allFinite } from "./allFinite.js";
import { sumAxes } from "./sum.js";

export interface ArrayCountOptions {
  /** How many arrays are given; null: as many as there are. */
  numArrays: number | null;
}

/** At least one array, and as many as the options say. */
function countedArrays<T extends Operand<T>>(
  op: string,
  args: readonly (T | Partial<ArrayCountOptions>)[],
): readonly T[] {
  const { arrays, options } = arraysAndOptions<T, Partial<ArrayCountOptions>>(op, args);
  const { numArrays } = readOptions<ArrayCountOptions>(op, options, { numArrays: null });
  if (numArrays === null || numArrays === arrays.length) return arrays;
  throw new AttributeError({
    op,
    problem: "numArrays is not the number of arrays",
    received: String(numArrays),
    allowed: String(arrays.length),
  });
}

/**
 * Whether all elements of several arrays are finite.
 *
 * @param args one array or more, of any shapes and dtypes; then the options
 * @returns float32 of shape `(1,)`: 1 if all are finite, 0 if there is a NaN or an infinity
 * @throws ArgumentError without arrays; AttributeError if `numArrays` is another count
 * @derivative 0 everywhere: the result is piecewise constant
 * @example
 * ```ts
 * nd.multiAllFinite(nd.array([1, 2]), nd.array([[Infinity]])); // [0.]
 * ```
 */
export function multiAllFinite<T extends Operand<T>>(
  ...args: readonly (T | Partial<ArrayCountOptions>)[]
): T {
  const arrays = countedArrays<T>("multiAllFinite", args);
  return arrays.map((x) => allFinite(x)).reduce((all, one) => mul(all, one));
}

/**
 * The sum of squares of each of several arrays.
 *
 * @param args one array or more, of any shapes and dtypes; then the options
 * @returns float32 of shape `(arrays,)`, added up in double precision
 * @throws ArgumentError without arrays; AttributeError if `numArrays` is another count
 * @derivative to each array `2 x` times its element of the head gradient; MXNet has none
 * @edges 0 for an array without elements
 * @example
 * ```ts
 * nd.multiSumSq(nd.array([1, 2]), nd.array([[3]])); // [5. 9.]
 * ```
 */
export function multiSumSq<T extends Operand<T>>(
  ...args: readonly (T | Partial<ArrayCountOptions>)[]
): T {
  const arrays = countedArrays<T>("multiSumSq", args);
  const sums = arrays.map((x) => {
    const squares = square(castTo(x, "float64"));
    return castTo(reshape(sumAxes(squares, [...x.type.shape.keys()]), [1]), "float32");
  });
  return concatAlong([nth("multiSumSq", sums, 0), ...sums.slice(1)], 0);
}

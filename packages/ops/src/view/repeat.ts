import { type Operand, sizeOf } from "@adjoint/graph";
import { nth } from "../core/define.js";
import { checkInteger, checkIntegers, normalizeAxis, readOptions } from "../core/options.js";
import { broadcastTo } from "../reduce/sum.js";
import { reshape } from "./reshape.js";
import { shapeOf } from "./shapeOf.js";

export interface RepeatOptions {
  /** How many times each element comes. */
  repeats: number;
  /** The axis that grows, counted from either end; null for the flattened array. */
  axis: number | null;
}

/**
 * Repeats each element in place, by default of the flattened array.
 *
 * @param x any shape and dtype
 * @returns x's dtype; `axis` as many times as long, one axis where `axis` is null
 * @throws AttributeError for a negative or fractional number; BoundsError for an axis out of range
 * @derivative the head gradient summed over the copies of each element
 * @edges 0 repeats leave nothing
 * @example
 * ```ts
 * nd.repeat(nd.array([1, 2]), { repeats: 2 }); // [1. 1. 2. 2.]
 * ```
 */
export function repeat<T extends Operand<T>>(
  x: T,
  options: Pick<RepeatOptions, "repeats"> & Partial<RepeatOptions>,
): T {
  const { repeats, axis } = readOptions<RepeatOptions>("repeat", options, {
    repeats: Number.NaN,
    axis: null,
  });
  const count = checkInteger("repeat", "repeats", repeats, 0);
  const whole = shapeOf("repeat", x);
  const flat = axis === null ? reshape(x, [sizeOf(whole)]) : x;
  const { shape } = flat.type;
  const along = normalizeAxis("repeat", axis ?? 0, shape.length);
  const [before, after] = [shape.slice(0, along), shape.slice(along + 1)];
  const length = nth("repeat", shape, along);
  const spread = broadcastTo(reshape(flat, [...before, length, 1, ...after]), [
    ...before,
    length,
    count,
    ...after,
  ]);
  return reshape(spread, [...before, length * count, ...after]);
}

/**
 * Lays copies of an array side by side.
 *
 * @param x any shape and dtype
 * @param options.reps copies per axis, the last axes' last; a missing axis is one copy
 * @returns x's dtype; each axis as many times as long, with 1 in place of missing copies or axes
 * @throws AttributeError for a negative or fractional number
 * @derivative the head gradient summed over the copies
 * @edges 0 copies leave nothing
 * @example
 * ```ts
 * nd.tile(nd.array([1, 2]), { reps: [2, 2] }); // [[1. 2. 1. 2.] [1. 2. 1. 2.]]
 * ```
 */
export function tile<T extends Operand<T>>(x: T, options: { reps: number | readonly number[] }): T {
  const given = readOptions<{ reps: number | readonly number[] }>("tile", options, {
    reps: Number.NaN,
  });
  const list =
    typeof given.reps === "number" ? [given.reps] : checkIntegers("tile", "reps", given.reps);
  const reps = list.map((count) => checkInteger("tile", "reps", count, 0));
  const shape = shapeOf("tile", x);
  const rank = Math.max(reps.length, shape.length);
  const counts = [...new Array<number>(rank - reps.length).fill(1), ...reps];
  const lengths = [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const interleave = (inserted: readonly number[]) =>
    lengths.flatMap((length, axis) => [nth("tile", inserted, axis), length]);
  const spread = broadcastTo(reshape(x, interleave(lengths.map(() => 1))), interleave(counts));
  return reshape(
    spread,
    lengths.map((length, axis) => length * nth("tile", counts, axis)),
  );
}

import { AttributeError, BoundsError, formatShape, type Operand } from "@adjoint/graph";
import { describe, nth } from "../core/define.js";
import {
  checkInteger,
  checkIntegers,
  normalizeAxes,
  normalizeAxis,
  readOptions,
} from "../core/options.js";
import { asNew } from "../elementwise/identity.js";
import { shapeOf } from "./shapeOf.js";
import { sliceAlong, sliceAt } from "./slice.js";

/** Where a slice starts along one axis, how many elements it has, and how far apart they lie. */
export interface Range {
  readonly start: number;
  readonly size: number;
  readonly step: number;
}

/**
 * Python's rule for `begin:end:step`: negative positions count from the end, positions outside are
 * moved to the border, null means from the first or up to the last in the step's direction.
 */
export function resolveRange(
  op: string,
  length: number,
  begin: number | null,
  end: number | null,
  step: number | null,
): Range {
  const stride = checkInteger(op, "step", step ?? 1);
  if (stride === 0) {
    throw new AttributeError({ op, problem: "step is 0", allowed: "any other integer" });
  }
  const [lowest, highest] = stride > 0 ? [0, length] : [-1, length - 1];
  const place = (name: string, at: number) => {
    const given = checkInteger(op, name, at);
    return Math.min(Math.max(given < 0 ? given + length : given, lowest), highest);
  };
  const first = begin === null ? (stride > 0 ? lowest : highest) : place("begin", begin);
  const limit = end === null ? (stride > 0 ? highest : lowest) : place("end", end);
  const size = Math.max(Math.ceil((limit - first) / stride), 0);
  return { start: size === 0 ? 0 : first, size, step: stride };
}

export interface SliceOptions {
  /**
   * First position per axis, from the first axis on; null for the first element in the step's
   * direction.
   */
  begin: readonly (number | null)[];
  /** Position per axis before which the slice ends; null for no end. */
  end: readonly (number | null)[];
  /** Distance per axis, negative to go backwards; 1 where not given. */
  step: readonly (number | null)[];
}

/**
 * A block of an array, possibly with gaps or backwards. Axes that are not mentioned stay whole.
 *
 * Positions are read as in Python: negative ones count from the end, those outside are moved to the
 * border.
 *
 * @param x any shape and dtype
 * @returns x's dtype; along each axis as many elements as the range has
 * @throws AttributeError for step 0; BoundsError for more positions than axes
 * @derivative the head gradient where the elements came from, 0 elsewhere
 * @edges a range without elements gives an axis of length 0
 * @example
 * ```ts
 * nd.slice(nd.arange(6), { begin: [4], end: [0], step: [-2] }); // [4. 2.]
 * ```
 */
export function slice<T extends Operand<T>>(
  x: T,
  options: Pick<SliceOptions, "begin" | "end"> & Partial<SliceOptions>,
): T {
  const { begin, end, step } = readOptions<SliceOptions>("slice", options, {
    begin: [],
    end: [],
    step: [],
  });
  const shape = shapeOf("slice", x);
  for (const list of [begin, end, step]) {
    if (Array.isArray(list) && list.length <= shape.length) continue;
    throw new BoundsError({
      op: "slice",
      problem: "positions do not fit the axes",
      received: `${describe(list)} for ${formatShape(shape)}`,
      allowed: `lists of at most ${shape.length}`,
    });
  }
  const ranges = shape.map((length, axis) =>
    resolveRange("slice", length, begin[axis] ?? null, end[axis] ?? null, step[axis] ?? null),
  );
  const cut = sliceAt(
    x,
    ranges.map(({ start }) => start),
    ranges.map(({ size }) => size),
    ranges.map((range) => range.step),
  );
  return asNew(x, cut);
}

export interface SliceAxisOptions {
  /** Counted from either end. */
  axis: number;
  /** First position. */
  begin: number;
  /** Null for the end of the axis. */
  end: number | null;
}

/**
 * The elements from `begin` up to but without `end` along one axis, read as `slice` reads them.
 *
 * @param x any shape and dtype
 * @returns x's dtype; x's shape but for the axis
 * @throws BoundsError for an axis out of range
 * @derivative the head gradient where the elements came from, 0 elsewhere
 * @edges positions outside are moved to the border; a range without elements gives length 0
 * @example
 * ```ts
 * nd.sliceAxis(nd.arange(5), { axis: 0, begin: -3, end: -1 }); // [2. 3.]
 * ```
 */
export function sliceAxis<T extends Operand<T>>(
  x: T,
  options: Pick<SliceAxisOptions, "axis"> & Partial<SliceAxisOptions>,
): T {
  const { axis, begin, end } = readOptions<SliceAxisOptions>("sliceAxis", options, {
    axis: Number.NaN,
    begin: 0,
    end: null,
  });
  const shape = shapeOf("sliceAxis", x);
  const along = normalizeAxis("sliceAxis", axis, shape.length);
  const range = resolveRange("sliceAxis", nth("sliceAxis", shape, along), begin, end, 1);
  return asNew(x, sliceAlong(x, along, range.start, range.size));
}

export interface SliceLikeOptions {
  /** The axes to cut, counted from either end; null or `[]` for all. */
  axes: readonly number[] | null;
}

/**
 * The leading elements of `x`, as many along each axis as `like` has.
 *
 * @param x any shape and dtype
 * @param like any dtype: only its shape is used
 * @returns x's dtype; like's lengths along the axes
 * @throws BoundsError if `like` is longer along an axis, or has no such axis
 * @derivative to x the head gradient where the elements came from, 0 elsewhere; none to `like`,
 *   whose values do not matter
 * @example
 * ```ts
 * nd.sliceLike(nd.zeros([4, 5]), nd.zeros([2, 3])).shape; // [2, 3]
 * ```
 */
export function sliceLike<T extends Operand<T>>(
  x: T,
  like: T,
  options?: Partial<SliceLikeOptions>,
): T {
  const { axes } = readOptions<SliceLikeOptions>("sliceLike", options, { axes: null });
  const [shape, target] = [shapeOf("sliceLike", x), shapeOf("sliceLike", like)];
  const sizes = [...shape];
  const named = checkIntegers("sliceLike", "axes", axes ?? []);
  const given = named.length === 0 ? normalizeAxes("sliceLike", null, shape) : named;
  for (const axis of given) {
    const own = normalizeAxis("sliceLike", axis, shape.length);
    const size = target[normalizeAxis("sliceLike", axis, target.length)] ?? 0;
    if (size > nth("sliceLike", shape, own)) {
      throw new BoundsError({
        op: "sliceLike",
        problem: "too few elements to cut from",
        received: `${formatShape(shape)} like ${formatShape(target)}`,
        allowed: "no axis of the second longer than the first's",
      });
    }
    sizes[own] = size;
  }
  const starts = shape.map(() => 0);
  return asNew(x, sliceAt(x, starts, sizes));
}

import {
  AttributeError,
  DTypeError,
  type DType,
  formatShape,
  isFloat,
  type Operand,
  ShapeError,
  sizeOf,
} from "@adjoint/graph";
import { checkOperands, isOperand } from "../core/define.js";
import { checkInteger, readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { add, div, mul, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { clipTo } from "../elementwise/clip.js";
import { equal, greaterEqual, lesser, lesserEqual, logicalAnd } from "../elementwise/compare.js";
import { literal } from "../elementwise/full.js";
import { stopGradient } from "../elementwise/identity.js";
import { floor } from "../elementwise/rounding.js";
import { select } from "../elementwise/where.js";
import { concatAlong } from "../pack/concat.js";
import { maxAxes, minAxes } from "../reduce/max.js";
import { sumAxes } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { sliceAlong } from "../view/slice.js";
import { takeAt } from "./take.js";
import { addAlong } from "./takeAlong.js";

export interface HistogramOptions<T> {
  /** How many bins of equal width; or their edges, one more than bins, ascending. */
  bins: number | T;
  /** From where to where bins of equal width reach; null for the least and largest element. */
  range: readonly [low: number, high: number] | null;
}

/**
 * How many elements lie in each bin.
 *
 * @param x any shape and dtype
 * @returns the counts, int64 of shape (bins,), and the edges, shape (bins + 1,): float32, x's dtype
 *   where that is floating point, or the array of edges that was given
 * @throws AttributeError for less than one bin, or a range that is not finite or not in order;
 *   ShapeError for edges that are no list of two or more; DTypeError for edges of bool
 * @derivative 0 everywhere: counts are piecewise constant, and the edges count as constants
 * @edges a bin holds its lower edge and not its upper one, but for the last, which holds both
 * @edges elements out of the range, and NaN, are not counted; MXNet makes the counts float32 where
 *   it takes the range from the elements
 * @edges a range of one number, or without elements, is widened to length 1, as numpy does
 * @example
 * ```ts
 * nd.histogram(nd.array([0, 1, 1.5, 4]), { bins: 2 }); // [3 1], [0. 2. 4.]
 * nd.histogram(nd.array([0, 1, 1.5, 4]), { bins: nd.array([0, 1, 9]) }); // [1 3], [0. 1. 9.]
 * ```
 */
export function histogram<T extends Operand<T>>(
  x: T,
  options?: Partial<HistogramOptions<T>>,
): readonly [T, T] {
  const op = "histogram";
  checkOperands(op, [x]);
  const { bins, range } = readOptions<HistogramOptions<T>>(op, options, { bins: 10, range: null });
  const flat = reshape(castTo(stopGradient(x), "float64"), [sizeOf(x.type.shape)]);
  if (typeof bins !== "number" && isOperand(bins)) {
    checkEdges(bins);
    return [countBetween(flat, castTo(stopGradient(bins), "float64")), stopGradient(bins)];
  }
  const count = checkInteger(op, "bins", bins, 1);
  const [low, high] = bounds(flat, range);
  const steps = mul(iota(flat, count), div(sub(high, low), count));
  const edges = concatAlong([add(low, steps), reshape(high, [1])], 0);
  const dtype: DType = isFloat(x.type.dtype) ? x.type.dtype : "float32";
  return [countEven(flat, edges, count), castTo(edges, dtype)];
}

function checkEdges<T extends Operand<T>>({ type: { shape, dtype } }: T): void {
  if (dtype === "bool") {
    throw new DTypeError({
      op: "histogram",
      problem: "edges are not numbers",
      received: dtype,
      allowed: "any other dtype",
    });
  }
  if (shape.length === 1 && sizeOf(shape) >= 2) return;
  throw new ShapeError({
    op: "histogram",
    problem: "edges are not a list",
    received: formatShape(shape),
    allowed: "one axis of length 2 or more",
  });
}

/** The first and the last edge, apart from each other, as doubles without axes. */
function bounds<T extends Operand<T>>(
  flat: T,
  range: HistogramOptions<T>["range"],
): readonly [T, T] {
  const [low, high] = range === null ? extremes(flat) : checkRange(flat, range);
  const same = equal(low, high);
  return [select(same, sub(low, 0.5), low), select(same, add(high, 0.5), high)];
}

function extremes<T extends Operand<T>>(flat: T): readonly [T, T] {
  if (sizeOf(flat.type.shape) === 0) return [literal(flat, 0.5), literal(flat, 0.5)];
  return [minAxes(flat, [0]), maxAxes(flat, [0])];
}

function checkRange<T extends Operand<T>>(flat: T, range: unknown): readonly [T, T] {
  const [low, high, ...rest]: readonly unknown[] = Array.isArray(range) ? range : [];
  if (typeof low === "number" && typeof high === "number" && rest.length === 0) {
    if (low <= high && Number.isFinite(high - low))
      return [literal(flat, low), literal(flat, high)];
  }
  throw new AttributeError({
    op: "histogram",
    problem: "range is not valid",
    received: Array.isArray(range) ? `[${range.map(String).join(", ")}]` : String(range),
    allowed: "[low, high], finite, low <= high",
  });
}

/**
 * Counts in bins of equal width. The bin that a division names is corrected by the edges, which are
 * rounded otherwise than the quotient, so that both agree.
 */
function countEven<T extends Operand<T>>(flat: T, edges: T, count: number): T {
  const [low, high] = [sliceAlong(edges, 0, 0, 1), sliceAlong(edges, 0, count, 1)];
  const inside = logicalAnd(greaterEqual(flat, low), lesserEqual(flat, high));
  const position = clipTo(floor(mul(div(sub(flat, low), sub(high, low)), count)), 0, count - 1);
  const below = lesser(flat, takeAt(edges, position, 0));
  const above = greaterEqual(flat, takeAt(edges, add(position, 1), 0));
  const corrected = clipTo(add(sub(position, below), above), 0, count - 1);
  return addAlong(castTo(inside, "int64"), castTo(corrected, "int32"), 0, count);
}

/** Counts between any ascending edges: how many elements lie below each, less those below the one before. */
function countBetween<T extends Operand<T>>(flat: T, edges: T): T {
  const [length = 0] = edges.type.shape;
  const column = (part: T) => reshape(part, [...part.type.shape, 1]);
  const total = (within: T) => sumAxes(castTo(within, "int64"), [1]);
  const row = reshape(flat, [1, ...flat.type.shape]);
  const inner = total(lesser(row, column(sliceAlong(edges, 0, 0, length - 1))));
  const last = total(lesserEqual(row, column(sliceAlong(edges, 0, length - 1, 1))));
  const upTo = concatAlong([inner, last], 0);
  return sub(sliceAlong(upTo, 0, 1, length - 1), sliceAlong(upTo, 0, 0, length - 1));
}

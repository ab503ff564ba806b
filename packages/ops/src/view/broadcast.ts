import { AttributeError, formatShape, type Operand, type Shape, ShapeError } from "@adjoint/graph";
import { nth } from "../core/define.js";
import { checkInteger, checkIntegers, normalizeAxis, readOptions } from "../core/options.js";
import { asNew } from "../elementwise/identity.js";
import { broadcastTo } from "../reduce/sum.js";
import { checkShape, shapeOptions } from "./shapeCodes.js";
import { shapeOf } from "./shapeOf.js";

/**
 * Stretches axes of length 1; further axes may be added in front.
 *
 * @param x any shape and dtype
 * @param options.shape the new shape, or the list alone in place of the options; a length of 0
 *   keeps x's axis
 * @returns the shape given, x's dtype
 * @throws ShapeError if an axis of another length would change
 * @derivative the head gradient summed over the axes stretched or added
 * @example
 * ```ts
 * nd.broadcastTo(nd.zeros([3, 1]), { shape: [0, 5] }).shape; // [3, 5]
 * ```
 */
export function broadcastToShape<T extends Operand<T>>(
  x: T,
  options: readonly number[] | { shape: readonly number[] },
): T {
  const given = readOptions<{ shape: unknown }>("broadcastTo", shapeOptions(options), {
    shape: undefined,
  });
  const shape = checkShape("broadcastTo", given.shape, 0);
  const own = shapeOf("broadcastTo", x);
  const added = shape.length - own.length;
  const lengths = shape.map((length, axis) => {
    const kept = own[axis - added];
    if (length > 0) return length;
    if (kept !== undefined) return kept;
    throw new ShapeError({
      op: "broadcastTo",
      problem: "length 0 has no axis to keep",
      received: `${formatShape(own)} to [${shape.join(", ")}]`,
      allowed: "lengths of 1 or more for new axes",
    });
  });
  return asNew(x, broadcastTo(x, lengths));
}

export interface BroadcastAxisOptions {
  /** Axes of length 1, counted from either end. */
  axis: number | readonly number[];
  /** The new length of each. */
  size: number | readonly number[];
}

/** `shape` with new lengths along axes that must be of length 1, or have that length already. */
function stretched(op: string, shape: Shape, axes: readonly number[], sizes: Shape): Shape {
  const result = [...shape];
  axes.forEach((axis, position) => {
    const [old, size] = [nth(op, shape, axis), nth(op, sizes, position)];
    if (old !== 1 && old !== size) {
      throw new ShapeError({
        op,
        problem: `axis ${axis} does not stretch to ${size}`,
        received: formatShape(shape),
        allowed: "axes of length 1",
      });
    }
    result[axis] = size;
  });
  return result;
}

function list(name: string, value: number | readonly number[]): readonly number[] {
  return typeof value === "number" ? [value] : checkIntegers("broadcastAxis", name, value);
}

function checkPairs(op: string, axes: readonly number[], others: readonly number[]): void {
  if (axes.length === others.length) return;
  throw new AttributeError({
    op,
    problem: "lists differ in length",
    received: `[${axes.join(", ")}] and [${others.join(", ")}]`,
    allowed: "one entry per axis in both",
  });
}

/**
 * Stretches the axes named.
 *
 * @param x any shape and dtype
 * @returns x's shape with the new lengths, x's dtype
 * @throws ShapeError for an axis of another length than 1; BoundsError for one out of range
 * @derivative the head gradient summed over the axes stretched
 * @edges a new length of 0 leaves nothing
 * @example
 * ```ts
 * nd.broadcastAxis(nd.zeros([2, 1, 1]), { axis: [1, 2], size: [3, 2] }).shape; // [2, 3, 2]
 * ```
 */
export function broadcastAxis<T extends Operand<T>>(x: T, options: BroadcastAxisOptions): T {
  const op = "broadcastAxis";
  const { axis, size } = readOptions<BroadcastAxisOptions>(op, options, { axis: [], size: [] });
  const shape = shapeOf(op, x);
  const axes = list("axis", axis).map((one) => normalizeAxis(op, one, shape.length));
  const sizes = list("size", size).map((one) => checkInteger(op, "size", one, 0));
  checkPairs(op, axes, sizes);
  return asNew(x, broadcastTo(x, stretched(op, shape, axes, sizes)));
}

export interface BroadcastLikeOptions {
  /** Axes of the first array to stretch, counted from either end; null for all. */
  lhsAxes: readonly number[] | null;
  /** The axes of the second array that give their lengths. */
  rhsAxes: readonly number[] | null;
}

/**
 * Stretches axes of length 1 to the lengths of another array.
 *
 * @param x any shape and dtype
 * @param like any dtype: only its shape is used
 * @returns x's dtype; like's shape, or x's with the axes named stretched
 * @throws ShapeError if an axis of another length would change; AttributeError for only one list of
 *   axes
 * @derivative to x the head gradient summed over the axes stretched; none to `like`, whose values
 *   do not matter
 * @example
 * ```ts
 * nd.broadcastLike(nd.zeros([1, 3]), nd.zeros([4, 3])).shape; // [4, 3]
 * ```
 */
export function broadcastLike<T extends Operand<T>>(
  x: T,
  like: T,
  options?: Partial<BroadcastLikeOptions>,
): T {
  const op = "broadcastLike";
  const { lhsAxes, rhsAxes } = readOptions<BroadcastLikeOptions>(op, options, {
    lhsAxes: null,
    rhsAxes: null,
  });
  const [shape, target] = [shapeOf(op, x), shapeOf(op, like)];
  if (lhsAxes === null && rhsAxes === null) return asNew(x, broadcastTo(x, target));
  const axes = checkIntegers(op, "lhsAxes", lhsAxes ?? []).map((axis) =>
    normalizeAxis(op, axis, shape.length),
  );
  const others = checkIntegers(op, "rhsAxes", rhsAxes ?? []).map((axis) =>
    normalizeAxis(op, axis, target.length),
  );
  checkPairs(op, axes, others);
  const sizes = others.map((axis) => nth(op, target, axis));
  return asNew(x, broadcastTo(x, stretched(op, shape, axes, sizes)));
}

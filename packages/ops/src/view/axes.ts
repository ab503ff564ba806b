import { AttributeError, formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { nth } from "../core/define.js";
import { checkIntegers, normalizeAxes, normalizeAxis, readOptions } from "../core/options.js";
import { asNew } from "../elementwise/identity.js";
import { reshape } from "./reshape.js";
import { shapeOf } from "./shapeOf.js";
import { transposeAxes } from "./transpose.js";

/**
 * Joins all axes but the first.
 *
 * @param x at least one axis, any dtype
 * @returns two axes: `(n, rest)`; `(n, 1)` for a vector
 * @throws ShapeError for an array without axes
 * @derivative the head gradient in x's shape
 * @example
 * ```ts
 * nd.flatten(nd.zeros([2, 3, 4])).shape; // [2, 12]
 * ```
 */
export function flatten<T extends Operand<T>>(x: T): T {
  const [rows, ...rest] = shapeOf("flatten", x);
  if (rows === undefined) {
    throw new ShapeError({ op: "flatten", problem: "array has no axes", allowed: "one or more" });
  }
  return asNew(x, reshape(x, [rows, rest.reduce((size, length) => size * length, 1)]));
}

/**
 * Inserts an axis of length 1, so that it stands at position `axis` of the result.
 *
 * @param x any shape and dtype
 * @param options.axis where the new axis stands in the result, counted from either end
 * @returns x's elements, one more axis
 * @throws BoundsError for an axis out of range
 * @derivative the head gradient in x's shape
 * @example
 * ```ts
 * nd.expandDims(nd.zeros([3, 4]), { axis: 1 }).shape; // [3, 1, 4]
 * ```
 */
export function expandDims<T extends Operand<T>>(x: T, options: { axis: number }): T {
  const { axis } = readOptions("expandDims", options, { axis: Number.NaN });
  return insertAxis(x, normalizeAxis("expandDims", axis, shapeOf("expandDims", x).length + 1));
}

/** Inserts an axis of length 1 at `axis`, counted from the front. */
export function insertAxis<T extends Operand<T>>(x: T, axis: number): T {
  const { shape } = x.type;
  return reshape(x, [...shape.slice(0, axis), 1, ...shape.slice(axis)]);
}

export interface SqueezeOptions {
  /** Axes to remove, counted from either end; null for all of length 1. */
  axis: number | readonly number[] | null;
}

/**
 * Removes axes of length 1.
 *
 * @param x any shape and dtype
 * @returns x's elements without the axes
 * @throws ShapeError for an axis of another length; BoundsError for one out of range
 * @derivative the head gradient in x's shape
 * @edges of an array of one element the shape `(1,)` is left
 * @example
 * ```ts
 * nd.squeeze(nd.zeros([1, 3, 1])).shape; // [3]
 * nd.squeeze(nd.zeros([1, 3, 1]), { axis: 0 }).shape; // [3, 1]
 * ```
 */
export function squeeze<T extends Operand<T>>(x: T, options?: Partial<SqueezeOptions>): T {
  const { axis } = readOptions<SqueezeOptions>("squeeze", options, { axis: null });
  const shape = shapeOf("squeeze", x);
  const ones = shape.flatMap((length, index) => (length === 1 ? [index] : []));
  const removed = axis === null ? ones : normalizeAxes("squeeze", axis, shape);
  for (const index of removed) {
    if (shape[index] === 1) continue;
    throw new ShapeError({
      op: "squeeze",
      problem: `axis ${index} is not of length 1`,
      received: formatShape(shape),
      allowed: ones.length === 0 ? "no axis" : ones.join(", "),
    });
  }
  const kept = shape.filter((_, index) => !removed.includes(index));
  return asNew(x, reshape(x, kept.length === 0 ? [1] : kept));
}

export interface SwapaxesOptions {
  /** One axis, counted from either end. */
  dim1: number;
  /** The other axis, counted from either end. */
  dim2: number;
}

/**
 * Exchanges two axes.
 *
 * @param x any shape and dtype
 * @returns x's elements, the two axes exchanged
 * @throws BoundsError for an axis out of range
 * @derivative the head gradient with the axes exchanged back
 * @example
 * ```ts
 * nd.swapaxes(nd.zeros([2, 3, 4]), { dim1: 0, dim2: 2 }).shape; // [4, 3, 2]
 * ```
 */
export function swapaxes<T extends Operand<T>>(x: T, options?: Partial<SwapaxesOptions>): T {
  const { dim1, dim2 } = readOptions<SwapaxesOptions>("swapaxes", options, { dim1: 0, dim2: 0 });
  const shape = shapeOf("swapaxes", x);
  const rank = shape.length;
  const [a, b] = [normalizeAxis("swapaxes", dim1, rank), normalizeAxis("swapaxes", dim2, rank)];
  const order = shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis));
  return asNew(x, transposeAxes(x, order));
}

export interface MoveaxisOptions {
  /** Axes to move, counted from either end. */
  source: number | readonly number[];
  /** Where each goes. */
  destination: number | readonly number[];
}

/** Axes as given, in their order, counted from the front; none twice. */
function orderedAxes(
  name: string,
  given: number | readonly number[],
  rank: number,
): readonly number[] {
  const list = typeof given === "number" ? [given] : checkIntegers("moveaxis", name, given);
  const axes = list.map((axis) => normalizeAxis("moveaxis", axis, rank));
  if (new Set(axes).size === axes.length) return axes;
  throw new AttributeError({
    op: "moveaxis",
    problem: "axis is named twice",
    received: `[${axes.join(", ")}]`,
  });
}

/**
 * Moves axes to new positions; the others keep their order.
 *
 * @param x any shape and dtype
 * @returns x's elements and dtype, the axes in their new order
 * @throws AttributeError unless as many axes as positions are given; BoundsError for one out of
 *   range
 * @derivative the head gradient with the axes moved back
 * @example
 * ```ts
 * nd.moveaxis(nd.zeros([2, 3, 4]), { source: 0, destination: 2 }).shape; // [3, 4, 2]
 * ```
 */
export function moveaxis<T extends Operand<T>>(x: T, options: MoveaxisOptions): T {
  const given = readOptions<MoveaxisOptions>("moveaxis", options, { source: [], destination: [] });
  const shape = shapeOf("moveaxis", x);
  const rank = shape.length;
  const [source, destination] = [
    orderedAxes("source", given.source, rank),
    orderedAxes("destination", given.destination, rank),
  ];
  if (source.length !== destination.length) {
    throw new AttributeError({
      op: "moveaxis",
      problem: "numbers of axes and of positions differ",
      received: `${source.length} and ${destination.length}`,
    });
  }
  const others = shape.flatMap((_, axis) => (source.includes(axis) ? [] : [axis]));
  let next = 0;
  const order = shape.map((_, position) => {
    const moved = destination.indexOf(position);
    return moved >= 0 ? nth("moveaxis", source, moved) : nth("moveaxis", others, next++);
  });
  return asNew(x, transposeAxes(x, order));
}

import { BoundsError, formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { nth } from "../core/define.js";
import { checkInteger, checkIntegers, normalizeAxis, readOptions } from "../core/options.js";
import { asNew } from "../elementwise/identity.js";
import { reshape } from "./reshape.js";
import { shapeOf } from "./shapeOf.js";
import { sliceAlong } from "./slice.js";

/** The parts of x along `axis` that begin at each of `starts`, the first of which is 0. */
function partsFrom<T extends Operand<T>>(
  op: string,
  x: T,
  axis: number,
  starts: readonly number[],
  squeezeAxis: boolean,
): readonly T[] {
  const length = nth(op, x.type.shape, axis);
  return starts.map((start, position) => {
    const size = (starts[position + 1] ?? length) - start;
    const part = asNew(x, sliceAlong(x, axis, start, size));
    if (!squeezeAxis) return part;
    if (size !== 1) {
      throw new ShapeError({
        op,
        problem: "squeezed axis is not of length 1",
        received: `${size} of ${formatShape(x.type.shape)}`,
        allowed: "parts of one element along the axis",
      });
    }
    return reshape(
      part,
      part.type.shape.filter((_, other) => other !== axis),
    );
  });
}

function evenStarts(op: string, length: number, count: number): readonly number[] {
  if (length % count === 0) {
    return Array.from({ length: count }, (_, part) => (part * length) / count);
  }
  throw new ShapeError({
    op,
    problem: "axis does not split evenly",
    received: `${length} into ${count}`,
    allowed: "divisors of the length",
  });
}

export interface SplitOptions {
  /** How many equal parts. */
  numOutputs: number;
  /** Counted from either end. */
  axis: number;
  /** Remove the axis from parts of one element. */
  squeezeAxis: boolean;
}

/**
 * Cuts an array into equal parts along an axis, by default the second.
 *
 * @param x any shape and dtype
 * @returns a list of arrays of x's dtype
 * @throws ShapeError if it does not split evenly; BoundsError for an axis out of range
 * @derivative the head gradients side by side; 0 for parts that nothing depends on
 * @example
 * ```ts
 * nd.split(nd.array([[1, 2, 3, 4]]), { numOutputs: 2 }); // [[1. 2.]], [[3. 4.]]
 * ```
 */
export function split<T extends Operand<T>>(
  x: T,
  options: Pick<SplitOptions, "numOutputs"> & Partial<SplitOptions>,
): readonly T[] {
  const { numOutputs, axis, squeezeAxis } = readOptions<SplitOptions>("split", options, {
    numOutputs: Number.NaN,
    axis: 1,
    squeezeAxis: false,
  });
  const count = checkInteger("split", "numOutputs", numOutputs, 1);
  const along = normalizeAxis("split", axis, shapeOf("split", x).length);
  const starts = evenStarts("split", nth("split", x.type.shape, along), count);
  return partsFrom("split", x, along, starts, squeezeAxis);
}

export interface SplitV2Options {
  /** How many equal parts, or the positions at which to cut. */
  indicesOrSections: number | readonly number[];
  /** Counted from either end. */
  axis: number;
  /** Remove the axis from parts of one element. */
  squeezeAxis: boolean;
}

/** Cutting positions in the range of the axis; the first part starts at 0. */
function cuts(length: number, positions: readonly number[]): readonly number[] {
  const starts = [0];
  for (const position of positions) {
    const previous = starts[starts.length - 1] ?? 0;
    if (position < previous || position > length) {
      throw new BoundsError({
        op: "splitV2",
        problem: "position is out of range",
        received: `${position} after ${previous}`,
        allowed: `ascending, 0 to ${length}`,
      });
    }
    starts.push(position);
  }
  return starts;
}

/**
 * Cuts an array along an axis, by default the first, into equal parts or at given positions.
 *
 * @param x any shape and dtype
 * @returns a list of arrays of x's dtype
 * @throws ShapeError if it does not split evenly; BoundsError for a position or axis out of range
 * @derivative the head gradients side by side; 0 for parts that nothing depends on
 * @edges equal positions give a part of length 0
 * @example
 * ```ts
 * nd.splitV2(nd.arange(7), { indicesOrSections: [2, 5] }); // [0. 1.], [2. 3. 4.], [5. 6.]
 * ```
 */
export function splitV2<T extends Operand<T>>(
  x: T,
  options: Pick<SplitV2Options, "indicesOrSections"> & Partial<SplitV2Options>,
): readonly T[] {
  const op = "splitV2";
  const { indicesOrSections, axis, squeezeAxis } = readOptions<SplitV2Options>(op, options, {
    indicesOrSections: Number.NaN,
    axis: 0,
    squeezeAxis: false,
  });
  const along = normalizeAxis(op, axis, shapeOf(op, x).length);
  const length = nth(op, x.type.shape, along);
  const starts =
    typeof indicesOrSections === "number"
      ? evenStarts(op, length, checkInteger(op, "indicesOrSections", indicesOrSections, 1))
      : cuts(length, checkIntegers(op, "indicesOrSections", indicesOrSections));
  return partsFrom(op, x, along, starts, squeezeAxis);
}

import {
  ArgumentError,
  BoundsError,
  type DType,
  equalShapes,
  formatShape,
  rowMajorStrides,
  type Shape,
} from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import { flatten } from "./nested.js";

/** A range `[begin, end]` or `[begin, end, step]` as in Python; null for an open end. */
export type RangeKey =
  | readonly [number | null, number | null]
  | readonly [number | null, number | null, number | null];

/** Integers in lists of lists. A flat list is a range; `nd.array([...])` serves for one axis of indices. */
export type NestedIndices = readonly (readonly number[] | NestedIndices)[];

/** An array of indices, or of truth values: an NDArray. */
export interface IndexArray {
  readonly dtype: DType;
  readonly shape: Shape;
  /** The elements, row-major. */
  toFlat(): number[];
}

/** An index, a range, all of an axis, the axes between, a new axis, or an array of indices. */
export type IndexKey = number | RangeKey | ":" | "..." | null | IndexArray | NestedIndices;

/** What one key means: for a new axis nothing of the array, else for one of its axes. */
export type AxisKey =
  | { readonly kind: "new" }
  | {
      readonly kind: "range";
      readonly begin: number;
      readonly step: number;
      readonly count: number;
    }
  | { readonly kind: "integer"; readonly index: number }
  | { readonly kind: "array"; readonly indices: Int32Array; readonly shape: Shape };

const allowedKeys =
  'integer, [begin, end, step], ":", "...", null, an NDArray or nested lists of integers';

/**
 * Reads a key for an axis of `length` elements.
 *
 * @throws BoundsError for an index out of range, ArgumentError for anything else as a key
 */
export function axisKeyOf(op: string, key: unknown, axis: number, length: number): AxisKey {
  if (key === null) return { kind: "new" };
  if (key === ":") return { kind: "range", begin: 0, step: 1, count: length };
  if (typeof key === "number") {
    return { kind: "integer", index: checkIndex(op, key, axis, length) };
  }
  if (isIndexArray(key)) return arrayKey(op, key.toFlat(), key.shape, axis, length);
  if (Array.isArray(key) && Array.isArray(key[0])) {
    const { values, shape } = flatten(key);
    return arrayKey(op, values, shape, axis, length);
  }
  return rangeKey(op, key, length);
}

export function isIndexArray(key: unknown): key is IndexArray {
  return typeof key === "object" && key !== null && "toFlat" in key;
}

/**
 * What a mask of truth values means for the axes from `axis` on, as many as it has: the positions where it is true, one
 * list of indices per axis.
 *
 * @throws BoundsError for a mask of another shape than these axes, ArgumentError for one without axes
 */
export function maskKeys(op: string, mask: IndexArray, axis: number, shape: Shape): AxisKey[] {
  const own = shape.slice(axis, axis + mask.shape.length);
  if (mask.shape.length === 0) {
    throw new ArgumentError({ op, problem: "a mask has no axes", allowed: "one axis or more" });
  }
  if (!equalShapes(own, mask.shape)) {
    throw new BoundsError({
      op,
      problem: `mask does not fit the axes from ${axis} on`,
      received: formatShape(mask.shape),
      allowed: formatShape(own),
    });
  }
  const places = mask.toFlat().flatMap((value, at) => (value === 0 ? [] : [at]));
  const strides = rowMajorStrides(mask.shape);
  return mask.shape.map((length, at) => {
    const stride = strides[at] ?? 1;
    const indices = Int32Array.from(places, (place) => Math.floor(place / stride) % length);
    return { kind: "array", indices, shape: [places.length] };
  });
}

function arrayKey(
  op: string,
  values: readonly number[],
  shape: Shape,
  axis: number,
  length: number,
): AxisKey {
  const indices = values.map((value) => checkIndex(op, Math.trunc(value), axis, length));
  return { kind: "array", indices: Int32Array.from(indices), shape };
}

function checkIndex(op: string, index: number, axis: number, length: number): number {
  if (Number.isInteger(index) && index >= -length && index < length) {
    return index < 0 ? index + length : index;
  }
  throw new BoundsError({
    op,
    problem: `index is out of bounds for axis ${axis}`,
    received: String(index),
    allowed: length === 0 ? "none, as the axis is empty" : `${-length} to ${length - 1}`,
  });
}

function rangeKey(op: string, key: unknown, length: number): AxisKey {
  if (!Array.isArray(key) || key.length < 2 || key.length > 3 || !key.every(isBound)) {
    throw new ArgumentError({
      op,
      problem: "key is not an index",
      received: describe(key),
      allowed: allowedKeys,
    });
  }
  const step = key[2] ?? 1;
  if (step === 0) {
    throw new ArgumentError({
      op,
      problem: "slice step is zero",
      received: `[${key.map(String).join(", ")}]`,
      allowed: "a positive or negative step",
    });
  }
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const bound = (value: number | null, open: number) =>
    value === null ? open : Math.min(Math.max(value < 0 ? value + length : value, low), high);
  const begin = bound(key[0] ?? null, step > 0 ? low : high);
  const end = bound(key[1] ?? null, step > 0 ? high : low);
  return { kind: "range", begin, step, count: Math.max(0, Math.ceil((end - begin) / step)) };
}

function isBound(value: unknown): value is number | null {
  return value === null || (typeof value === "number" && Number.isInteger(value));
}

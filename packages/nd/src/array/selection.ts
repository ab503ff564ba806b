import {
  ArgumentError,
  BoundsError,
  formatShape,
  rowMajorStrides,
  type Shape,
  sizeOf,
} from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import type { IndexKey, NDArray } from "./ndarray.js";

/** Which elements of each axis are meant, and the shape in which they come. */
export interface Selection {
  readonly begin: readonly number[];
  readonly step: readonly number[];
  readonly count: readonly number[];
  /** The counts without the axes that an integer selects, with new axes. */
  readonly shape: Shape;
}

/**
 * Reads index keys as Python does: integers, ranges, `":"`, `"..."`, null for a new axis; negative numbers from the end.
 *
 * @throws BoundsError for an index out of range or too many keys, ArgumentError for anything else as a key
 */
export function selectionOf(shape: Shape, keys: readonly IndexKey[]): Selection {
  const selection = { begin: [], step: [], count: [], shape: [] };
  for (const key of withoutEllipsis(shape, keys)) addKey(selection, shape, key);
  return selection;
}

interface SelectionInProgress {
  readonly begin: number[];
  readonly step: number[];
  readonly count: number[];
  readonly shape: number[];
}

/** Keys for every axis: the ellipsis, or the end, stands for the axes that no key names. */
function withoutEllipsis(shape: Shape, keys: readonly IndexKey[]): IndexKey[] {
  const named = keys.filter((key) => key !== null && key !== "...").length;
  if (named > shape.length) {
    throw new BoundsError({
      op: "at",
      problem: "too many indices",
      received: `${named} for ${formatShape(shape)}`,
      allowed: `at most ${shape.length}`,
    });
  }
  const rest = new Array<IndexKey>(shape.length - named).fill(":");
  const at = keys.indexOf("...");
  if (at < 0) return [...keys, ...rest];
  return [...keys.slice(0, at), ...rest, ...keys.slice(at + 1).filter((key) => key !== "...")];
}

function addKey(selection: SelectionInProgress, shape: Shape, key: IndexKey): void {
  if (key === null) {
    selection.shape.push(1);
    return;
  }
  const axis = selection.begin.length;
  const length = shape[axis] ?? 0;
  if (typeof key === "number") {
    selection.begin.push(checkIndex(key, axis, length));
    selection.step.push(1);
    selection.count.push(1);
    return;
  }
  const { begin, step, count } = rangeOf(key, length);
  selection.begin.push(begin);
  selection.step.push(step);
  selection.count.push(count);
  selection.shape.push(count);
}

function checkIndex(index: number, axis: number, length: number): number {
  if (Number.isInteger(index) && index >= -length && index < length) {
    return index < 0 ? index + length : index;
  }
  throw new BoundsError({
    op: "at",
    problem: `index is out of bounds for axis ${axis}`,
    received: String(index),
    allowed: length === 0 ? "none, as the axis is empty" : `${-length} to ${length - 1}`,
  });
}

function rangeOf(key: IndexKey, length: number): { begin: number; step: number; count: number } {
  if (key === ":") return { begin: 0, step: 1, count: length };
  if (!Array.isArray(key) || key.length < 2 || key.length > 3 || !key.every(isBound)) {
    throw new ArgumentError({
      op: "at",
      problem: "key is not an index",
      received: describe(key),
      allowed: 'integer, [begin, end, step], ":", "...", null',
    });
  }
  const step = key[2] ?? 1;
  if (step === 0) throw new ArgumentError({ op: "at", problem: "slice step is zero" });
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const bound = (value: number | null | undefined, open: number) =>
    value === null || value === undefined
      ? open
      : Math.min(Math.max(value < 0 ? value + length : value, low), high);
  const begin = bound(key[0], step > 0 ? low : high);
  const end = bound(key[1], step > 0 ? high : low);
  return { begin, step, count: Math.max(0, Math.ceil((end - begin) / step)) };
}

function isBound(value: unknown): value is number | null {
  return value === null || (typeof value === "number" && Number.isInteger(value));
}

/** First element of a selection that is one run of memory; undefined where it is not. */
export function runStart(shape: Shape, { begin, step, count }: Selection): number | undefined {
  const strides = rowMajorStrides(shape);
  let offset = 0;
  let whole = true;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 0;
    if ((step[axis] !== 1 && count[axis] !== 1) || (!whole && count[axis] !== 1)) return undefined;
    if (count[axis] !== length) whole = false;
    offset += (begin[axis] ?? 0) * (strides[axis] ?? 0);
  }
  return offset;
}

/** Positions of the selected elements in the flat array, in the selection's order. */
export function positionsOf(shape: Shape, { begin, step, count }: Selection): Int32Array {
  const strides = rowMajorStrides(shape);
  const positions = new Int32Array(sizeOf(count));
  const counter = count.map(() => 0);
  for (let at = 0; at < positions.length; at++) {
    let position = 0;
    for (let axis = 0; axis < count.length; axis++) {
      const coordinate = (begin[axis] ?? 0) + (counter[axis] ?? 0) * (step[axis] ?? 1);
      position += coordinate * (strides[axis] ?? 0);
    }
    positions[at] = position;
    for (let axis = count.length - 1; axis >= 0; axis--) {
      const next = (counter[axis] ?? 0) + 1;
      counter[axis] = next === count[axis] ? 0 : next;
      if (counter[axis] !== 0) break;
    }
  }
  return positions;
}

/** True for keys that are arrays of indices. */
export function isArrayKey(key: IndexKey): key is NDArray {
  return typeof key === "object" && key !== null && "type" in key;
}

import { BoundsError, formatShape, rowMajorStrides, type Shape, sizeOf } from "@adjoint/graph";
import {
  type AxisKey,
  axisKeyOf,
  type IndexArray,
  type IndexKey,
  isIndexArray,
  maskKeys,
} from "./indexKey.js";

/** Indices along one axis; their shape takes part in the result's. */
export interface AxisIndices {
  readonly axis: number;
  readonly indices: Int32Array;
}

/** Which elements are meant, and the shape in which they come. */
export interface Selection {
  /** A range per axis; all of the axis where `arrays` says more. */
  readonly begin: readonly number[];
  readonly step: readonly number[];
  readonly count: readonly number[];
  /** By ascending axis, all of the shape `block`. */
  readonly arrays: readonly AxisIndices[];
  readonly block: Shape;
  /** How many of the axes that `arrays` leaves stand before the block in the result. */
  readonly before: number;
  readonly shape: Shape;
}

/**
 * Reads index keys as numpy does: integers, ranges, `":"`, `"..."`, null for a new axis, arrays of integers, masks of
 * truth values for as many axes as they have; negative numbers count from the end. Several arrays are broadcast against each other. Where they and integers stand side by
 * side, their common axes take that place in the result, else the front. A single element comes
 * with shape (1,), as in MXNet.
 *
 * @throws BoundsError for an index out of range or too many keys, ShapeError for arrays that do not broadcast,
 * ArgumentError for anything else as a key
 */
export function selectionOf(op: string, shape: Shape, keys: readonly IndexKey[]): Selection {
  const parts = partsOf(op, shape, keys);
  const selection = parts.some(({ kind }) => kind === "array")
    ? arraySelection(op, shape, parts)
    : rangeSelection(parts);
  return selection.shape.length === 0 ? { ...selection, shape: [1] } : selection;
}

/** How many axes of the array a key is for. */
function axesOf(key: IndexKey): number {
  if (key === null || key === "...") return 0;
  return isMask(key) ? key.shape.length : 1;
}

function isMask(key: IndexKey): key is IndexArray {
  return isIndexArray(key) && key.dtype === "bool";
}

/** One part per axis and new axis: the ellipsis, or the end, stands for the axes that no key names. */
function partsOf(op: string, shape: Shape, keys: readonly IndexKey[]): AxisKey[] {
  const named = keys.reduce<number>((sum, key) => sum + axesOf(key), 0);
  if (named > shape.length) {
    throw new BoundsError({
      op,
      problem: "too many indices",
      received: `${named} for ${formatShape(shape)}`,
      allowed: `at most ${shape.length}`,
    });
  }
  const rest = new Array<IndexKey>(shape.length - named).fill(":");
  const at = keys.indexOf("...");
  const all = at < 0 ? [...keys, ...rest] : [...keys.slice(0, at), ...rest, ...keys.slice(at + 1)];
  let next = 0;
  return all
    .filter((key) => key !== "...")
    .flatMap((key) => {
      const axis = next;
      next += axesOf(key);
      return isMask(key)
        ? maskKeys(op, key, axis, shape)
        : axisKeyOf(op, key, axis, shape[axis] ?? 0);
    });
}

function rangeSelection(parts: readonly AxisKey[]): Selection {
  const [begin, step, count, shape]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (const part of parts) {
    if (part.kind === "new") shape.push(1);
    if (part.kind === "range") {
      begin.push(part.begin);
      step.push(part.step);
      count.push(part.count);
      shape.push(part.count);
    } else if (part.kind === "integer") {
      begin.push(part.index);
      step.push(1);
      count.push(1);
    }
  }
  return { begin, step, count, arrays: [], block: [], before: 0, shape };
}

function arraySelection(op: string, source: Shape, parts: readonly AxisKey[]): Selection {
  const listed = parts.map(({ kind }) => kind === "array" || kind === "integer");
  const first = listed.indexOf(true);
  const together = !listed.slice(first, listed.lastIndexOf(true)).includes(false);
  const block = blockShape(op, parts);
  const [begin, step, count]: [number[], number[], number[]] = [[], [], []];
  const arrays: AxisIndices[] = [];
  const shape: number[] = together ? [] : [...block];
  let before = 0;
  parts.forEach((part, position) => {
    if (together && position === first) shape.push(...block);
    if (part.kind === "new") {
      shape.push(1);
      return;
    }
    const axis = begin.length;
    const whole = { begin: 0, step: 1, count: source[axis] ?? 0 };
    const range = part.kind === "range" ? part : whole;
    begin.push(range.begin);
    step.push(range.step);
    count.push(range.count);
    if (part.kind === "range") {
      shape.push(part.count);
      if (together && position < first) before++;
    } else arrays.push({ axis, indices: stretched(part, block) });
  });
  return { begin, step, count, arrays, block, before, shape };
}

/** The common shape of all index arrays. */
function blockShape(op: string, parts: readonly AxisKey[]): Shape {
  const shapes = parts.flatMap((part) => (part.kind === "array" ? [part.shape] : []));
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const length = lengths.find((one) => one !== 1) ?? 1;
    if (lengths.every((one) => one === 1 || one === length)) return length;
    throw new BoundsError({
      op,
      problem: "index arrays do not broadcast",
      received: shapes.map(formatShape).join(" and "),
      allowed: "equal lengths, or 1, along each axis",
    });
  });
}

/** The indices of one key, broadcast to the block. */
function stretched(part: AxisKey & { kind: "integer" | "array" }, block: Shape): Int32Array {
  if (part.kind === "integer") return new Int32Array(sizeOf(block)).fill(part.index);
  const added = block.length - part.shape.length;
  const own = rowMajorStrides(part.shape);
  const strides = block.map((_, axis) =>
    axis < added || part.shape[axis - added] === 1 ? 0 : (own[axis - added] ?? 0),
  );
  return outerSum(block.map((length, axis) => line(length, 0, strides[axis] ?? 0))).map(
    (position) => part.indices[position] ?? 0,
  );
}

/** First element of a selection that is one run of memory; undefined where it is not. */
export function runStart(shape: Shape, selection: Selection): number | undefined {
  const { begin, step, count, arrays } = selection;
  if (arrays.length > 0) return undefined;
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

/** Positions of the selected elements in the flat array, in the order of the result. */
export function positionsOf(shape: Shape, selection: Selection): Int32Array {
  const { begin, step, count, arrays, block, before } = selection;
  const strides = rowMajorStrides(shape);
  const ranges: Int32Array[] = [];
  count.forEach((length, axis) => {
    const stride = strides[axis] ?? 0;
    if (arrays.some((one) => one.axis === axis)) return;
    ranges.push(line(length, (begin[axis] ?? 0) * stride, (step[axis] ?? 1) * stride));
  });
  if (arrays.length === 0) return outerSum(ranges);
  const listed = new Int32Array(sizeOf(block));
  for (const { axis, indices } of arrays) {
    for (let at = 0; at < listed.length; at++) {
      listed[at] = (listed[at] ?? 0) + (indices[at] ?? 0) * (strides[axis] ?? 0);
    }
  }
  return outerSum([...ranges.slice(0, before), listed, ...ranges.slice(before)]);
}

function line(length: number, start: number, step: number): Int32Array {
  return Int32Array.from({ length }, (_, at) => start + at * step);
}

/** All sums of one number of each list, the last list running fastest. */
function outerSum(lists: readonly Int32Array[]): Int32Array {
  let sums = Int32Array.of(0);
  for (const list of lists) {
    const next = new Int32Array(sums.length * list.length);
    let at = 0;
    for (const sum of sums) for (const one of list) next[at++] = sum + one;
    sums = next;
  }
  return sums;
}

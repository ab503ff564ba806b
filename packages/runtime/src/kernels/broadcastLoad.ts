import { type DType, type Shape, sizeOf, type TensorType, type TypedArray } from "@adjoint/graph";
import { int64sOf, load } from "../storage.js";

/**
 * Reads elements `start ... start + count - 1` of an argument broadcast to the result's shape into
 * `to`.
 */
export type BroadcastLoad<R> = (data: TypedArray, start: number, count: number, to: R) => void;

/** How elements get into a register of kind `R`, at position `at` and after. */
export interface Reader<R> {
  /** `count` elements that lie together, from position `from` on. */
  run(data: TypedArray, from: number, to: R, at: number, count: number): void;
  /** The element at `from`, `count` times. */
  repeat(data: TypedArray, from: number, to: R, at: number, count: number): void;
}

/** Elements of any dtype as doubles. */
export function doubleReader(dtype: DType): Reader<Float64Array> {
  return {
    run: (data, from, to, at, count) => load(data, dtype, from, 1, to, at, count),
    repeat(data, from, to, at, count) {
      load(data, dtype, from, 0, to, at, 1);
      to.fill(to[at] ?? 0, at, at + count);
    },
  };
}

/** int64 elements as they are. */
export const int64Reader: Reader<BigInt64Array> = {
  run: (data, from, to, at, count) => to.set(int64sOf(data).subarray(from, from + count), at),
  repeat: (data, from, to, at, count) => to.fill(int64sOf(data)[from] ?? 0n, at, at + count),
};

/**
 * How to read an argument of shape `from` as if it had shape `to`. Axes that lie together are
 * walked as one.
 */
export function broadcastLoad<R>(
  { shape: from }: TensorType,
  to: Shape,
  reader: Reader<R>,
): BroadcastLoad<R> {
  const size = sizeOf(from);
  if (size === sizeOf(to)) {
    return (data, start, count, out) => reader.run(data, start, out, 0, count);
  }
  if (size === 1) {
    return (data, _start, count, out) => reader.repeat(data, 0, out, 0, count);
  }
  const axes = mergeAxes(from, to);
  return (data, start, count, out) => readRuns(data, reader, axes, start, count, out);
}

/** Axes of the result, innermost first: alternately repeated (`step` 0) and walked. */
interface MergedAxis {
  length: number;
  readonly step: number;
}

function mergeAxes(from: Shape, to: Shape): MergedAxis[] {
  const axes: MergedAxis[] = [];
  let step = 1;
  for (let back = 1; back <= to.length; back++) {
    const length = to[to.length - back] ?? 1;
    const own = from[from.length - back] ?? 1;
    if (length === 1) continue;
    const axis = { length, step: own === 1 ? 0 : step };
    step *= own;
    const inner = axes.at(-1);
    const joins = inner !== undefined && (inner.step === 0) === (axis.step === 0);
    if (inner !== undefined && joins) inner.length *= length;
    else axes.push(axis);
  }
  return axes;
}

function readRuns<R>(
  data: TypedArray,
  reader: Reader<R>,
  axes: readonly MergedAxis[],
  start: number,
  count: number,
  to: R,
): void {
  const inner = axes[0] ?? { length: 1, step: 0 };
  let within = start % inner.length;
  let row = Math.floor(start / inner.length);
  for (let done = 0; done < count; row++) {
    const run = Math.min(inner.length - within, count - done);
    const offset = rowOffset(axes, row);
    if (inner.step === 0) reader.repeat(data, offset, to, done, run);
    else reader.run(data, offset + within, to, done, run);
    done += run;
    within = 0;
  }
}

function rowOffset(axes: readonly MergedAxis[], row: number): number {
  let offset = 0;
  let rest = row;
  for (let axis = 1; axis < axes.length; axis++) {
    const { length, step } = axes[axis] ?? { length: 1, step: 0 };
    offset += (rest % length) * step;
    rest = Math.floor(rest / length);
  }
  return offset;
}

import { type Shape, sizeOf, type TensorType, type TypedArray } from "@adjoint/graph";
import { load } from "../storage.js";

/**
 * Reads elements `start ... start + count - 1` of an argument broadcast to the result's shape into
 * `to`.
 */
export type BroadcastLoad = (
  data: TypedArray,
  start: number,
  count: number,
  to: Float64Array,
) => void;

/**
 * How to read an argument of type `from` as if it had shape `to`. Axes that lie together are walked
 * as one.
 */
export function broadcastLoad(from: TensorType, to: Shape): BroadcastLoad {
  const { dtype } = from;
  const size = sizeOf(from.shape);
  if (size === sizeOf(to)) {
    return (data, start, count, out) => load(data, dtype, start, 1, out, 0, count);
  }
  if (size === 1) {
    return (data, _start, count, out) => {
      load(data, dtype, 0, 1, out, 0, 1);
      out.fill(out[0] ?? 0, 0, count);
    };
  }
  const axes = mergeAxes(from.shape, to);
  return (data, start, count, out) => loadRuns(data, from, axes, start, count, out);
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

function loadRuns(
  data: TypedArray,
  { dtype }: TensorType,
  axes: readonly MergedAxis[],
  start: number,
  count: number,
  to: Float64Array,
): void {
  const inner = axes[0] ?? { length: 1, step: 0 };
  let within = start % inner.length;
  let row = Math.floor(start / inner.length);
  for (let done = 0; done < count; row++) {
    const run = Math.min(inner.length - within, count - done);
    const offset = rowOffset(axes, row);
    if (inner.step === 0) {
      load(data, dtype, offset, 0, to, done, 1);
      to.fill(to[done] ?? 0, done, done + run);
    } else {
      load(data, dtype, offset + within, 1, to, done, run);
    }
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

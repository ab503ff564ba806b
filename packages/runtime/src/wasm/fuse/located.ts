import { rowMajorStrides, type Shape, sizeOf } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";

/** A value as a view of an array in memory, or of one that is to be. */
export interface Located {
  /** Number of the array. */
  readonly root: number;
  readonly shape: Shape;
  /** In elements of the array. */
  readonly offset: number;
  readonly strides: readonly number[];
}

/** All of an array, in its own order. */
export function wholeOf(root: number, shape: Shape): Located {
  return { root, shape, offset: 0, strides: rowMajorStrides(shape) };
}

/** Whether the elements lie side by side in the order of the shape. */
export function isContiguous({ shape, strides }: Located): boolean {
  const expected = rowMajorStrides(shape);
  return shape.every((length, axis) => length === 1 || strides[axis] === expected[axis]);
}

/** The strides of a view as a larger shape sees it, by numpy's rule of broadcasting. */
export function broadcastStrides({ shape, strides }: Located, to: Shape): number[] {
  const missing = to.length - shape.length;
  return to.map((_, axis) => {
    const own = axis - missing;
    return own < 0 || shape[own] === 1 ? 0 : (strides[own] ?? 0);
  });
}

/**
 * A view of a view: element `o` of `shape` is element `offset + sum(strides[i] * o[i])` of what
 * `base` shows, counted in its own order. Undefined where no strides of the array express it.
 */
export function viewOf(
  base: Located,
  shape: Shape,
  offset: number,
  strides: readonly number[],
): Located | undefined {
  const { lengths, steps } = joinAxes(base);
  const flat = rowMajorStrides(lengths);
  let rest = offset;
  const first = flat.map((stride) => {
    const index = Math.floor(rest / stride);
    rest -= index * stride;
    return index;
  });
  const [low, high] = [[...first], [...first]];
  const result: number[] = [];
  for (const [axis, length] of shape.entries()) {
    const stride = strides[axis] ?? 0;
    if (length === 1 || stride === 0) {
      result.push(0);
      continue;
    }
    const along = flat.findIndex((size) => size <= Math.abs(stride));
    const times = stride / at(flat, along === -1 ? 0 : along);
    if (along === -1 || !Number.isInteger(times)) return undefined;
    const reach = times * (length - 1);
    if (reach > 0) high[along] = at(high, along) + reach;
    else low[along] = at(low, along) + reach;
    result.push(times * at(steps, along));
  }
  const inside = lengths.every((length, axis) => at(low, axis) >= 0 && at(high, axis) < length);
  if (!inside && sizeOf(shape) > 0) return undefined;
  const moved = first.reduce((sum, index, axis) => sum + index * at(steps, axis), base.offset);
  return { root: base.root, shape, offset: moved, strides: result };
}

/** The view's axes without those of length 1, neighbours joined where they go on in equal steps. */
function joinAxes({ shape, strides }: Located): { lengths: number[]; steps: number[] } {
  const lengths: number[] = [];
  const steps: number[] = [];
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue;
    const step = strides[axis] ?? 0;
    const last = lengths.length - 1;
    if (last >= 0 && steps[last] === step * length) {
      lengths[last] = at(lengths, last) * length;
      steps[last] = step;
    } else {
      lengths.push(length);
      steps.push(step);
    }
  }
  return lengths.length > 0 ? { lengths, steps } : { lengths: [1], steps: [0] };
}

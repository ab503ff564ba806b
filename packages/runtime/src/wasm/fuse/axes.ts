import { type Shape, sizeOf } from "@adjoint/graph";

/**
 * The coarsest shape of which both shapes are joined neighbours, without axes of length 1; undefined
 * where there is none. `(64, 256)` and `(16384,)` give `(64, 256)`; `(6, 4)` and `(4, 6)` nothing.
 */
export function commonRefinement(a: Shape, b: Shape): number[] | undefined {
  if (sizeOf(a) !== sizeOf(b)) return undefined;
  const inner = [...new Set([...innerSizes(a), ...innerSizes(b)])].sort((x, y) => x - y);
  const lengths: number[] = [];
  let below = 1;
  for (const size of inner) {
    if (size % below !== 0) return undefined;
    if (size !== below) lengths.unshift(size / below);
    below = size;
  }
  return lengths;
}

/** Elements below each axis and at it, counted from the last: the places where a shape can be cut. */
function innerSizes(shape: Shape): number[] {
  let size = 1;
  return [...shape].reverse().map((length) => {
    size *= length;
    return size;
  });
}

/** Strides along the axes of a refinement of `shape`, whose own strides are given. */
export function refineStrides(shape: Shape, strides: readonly number[], refined: Shape): number[] {
  const result: number[] = [];
  let at = refined.length - 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1;
    let below = 1;
    while (below < length) {
      result.unshift((strides[axis] ?? 0) * below);
      below *= refined[at] ?? length;
      at--;
    }
  }
  return result;
}

/** How many axes of a refinement each axis of `shape` became. */
export function refinedCounts(shape: Shape, refined: Shape): number[] {
  const counts: number[] = [];
  let at = refined.length - 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1;
    let [below, count] = [1, 0];
    for (; below < length; count++) {
      below *= refined[at] ?? length;
      at--;
    }
    counts.unshift(count);
  }
  return counts;
}

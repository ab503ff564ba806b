import { type Shape, sizeOf } from "@adjoint/graph";
import { at } from "./prepare.js";

/** Data as (outer, reduced, inner). */
export interface Split {
  readonly outer: number;
  readonly reduced: number;
  readonly inner: number;
  /** The reduced axes do not lie together: the split holds once they are moved to the end. */
  readonly scattered: boolean;
}

/** How an array of the given shape is reduced over `axes`, ascending. */
export function splitAxes(shape: Shape, axes: readonly number[]): Split {
  const first = axes[0] ?? shape.length;
  const last = axes.at(-1) ?? shape.length - 1;
  const reduced = sizeOf(axes.map((axis) => at(shape, axis)));
  if (last - first + 1 === axes.length) {
    const outer = sizeOf(shape.slice(0, first));
    return { outer, reduced, inner: sizeOf(shape.slice(last + 1)), scattered: false };
  }
  const kept = shape.filter((_length, axis) => !axes.includes(axis));
  return { outer: sizeOf(kept), reduced, inner: 1, scattered: true };
}

import { sizeOf, type TensorType } from "@adjoint/graph";
import { at } from "./prepare.js";

/** Lines along an axis of an array: element `i` of line `row` lies at `start(row) + i * inner`. */
export interface Lines {
  readonly count: number;
  readonly length: number;
  readonly inner: number;
  start(row: number): number;
}

export function linesOf({ shape }: TensorType, axis: number): Lines {
  const length = at(shape, axis);
  const inner = sizeOf(shape.slice(axis + 1));
  return {
    count: sizeOf(shape.slice(0, axis)) * inner,
    length,
    inner,
    start: (row) => Math.floor(row / inner) * length * inner + (row % inner),
  };
}

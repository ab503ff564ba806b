import type { Shape } from "@adjoint/graph";
import type { NumberArray } from "../storage.js";
import { at } from "./prepare.js";

/**
 * Where the elements of one side of a copy lie: element `o` at `offset + sum(strides[i] * o[i])`.
 */
export interface Layout {
  readonly offset: number;
  readonly strides: readonly number[];
}

interface CopyAxis {
  length: number;
  readonly from: number;
  readonly to: number;
}

/** A copy of `shape` cells between two layouts, settled once and run often. */
export type StridedCopy = (from: NumberArray, to: NumberArray) => void;

/** Neighbouring axes that can be walked with one step are merged before the loops are set up. */
export function stridedCopy(shape: Shape, from: Layout, to: Layout): StridedCopy {
  if (shape.includes(0)) return () => {};
  const axes = mergedAxes(shape, from, to);
  const inner = axes.pop() ?? { length: 1, from: 0, to: 0 };
  const position = new Int32Array(axes.length);
  let rows = 1;
  for (const axis of axes) rows *= axis.length;
  return (source, target) => {
    let read = from.offset;
    let write = to.offset;
    for (let row = 0; row < rows; row++) {
      copyRow(source, read, inner.from, target, write, inner.to, inner.length);
      for (let k = axes.length - 1; k >= 0; k--) {
        const axis = at(axes, k);
        const next = (position[k] ?? 0) + 1;
        read += axis.from;
        write += axis.to;
        if (next < axis.length) {
          position[k] = next;
          break;
        }
        position[k] = 0;
        read -= axis.from * axis.length;
        write -= axis.to * axis.length;
      }
    }
  };
}

function mergedAxes(shape: Shape, from: Layout, to: Layout): CopyAxis[] {
  const axes: CopyAxis[] = [];
  for (let k = shape.length - 1; k >= 0; k--) {
    const length = at(shape, k);
    if (length === 1) continue;
    const axis = { length, from: at(from.strides, k), to: at(to.strides, k) };
    const inner = axes.at(-1);
    if (
      inner !== undefined &&
      axis.from === inner.from * inner.length &&
      axis.to === inner.to * inner.length
    ) {
      inner.length *= length;
    } else {
      axes.push(axis);
    }
  }
  return axes.reverse();
}

/** From this length on, the typed arrays' own copy beats a loop. */
const blockLength = 32;

function copyRow(
  source: NumberArray,
  read: number,
  readStep: number,
  target: NumberArray,
  write: number,
  writeStep: number,
  length: number,
): void {
  if (readStep === 1 && writeStep === 1 && length >= blockLength) {
    target.set(source.subarray(read, read + length), write);
  } else if (readStep === 0 && writeStep === 1) {
    target.fill(source[read] ?? 0, write, write + length);
  } else {
    for (let i = 0; i < length; i++)
      target[write + i * writeStep] = source[read + i * readStep] ?? 0;
  }
}

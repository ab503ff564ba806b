import { bytesOf, type DType, type Shape } from "@adjoint/graph";
import type { Layout } from "../../kernels/copyStrided.js";
import { at } from "../../kernels/prepare.js";
import { type CallArgument, callOf, type LibraryCall, movedBy } from "../libraryCall.js";
import { type CellWidth, copyAxes, type MoveFunctions } from "./moveLibrary.js";

interface CopyAxis {
  readonly count: number;
  /** In bytes. */
  readonly from: number;
  readonly to: number;
}

/** What is copied between two addresses; layouts count elements. */
export interface StridedCopy {
  readonly shape: Shape;
  readonly width: CellWidth;
  readonly source: CallArgument;
  readonly from: Layout;
  readonly target: CallArgument;
  readonly to: Layout;
}

export function cellWidth(dtype: DType): CellWidth {
  const bytes = bytesOf(dtype);
  if (bytes === 1 || bytes === 2 || bytes === 4 || bytes === 8) return bytes;
  throw new RangeError(`no cell of ${bytes} bytes`);
}

/** Calls that copy: one, but for arrays of more than six axes that can't be merged. */
export function copyCalls(move: MoveFunctions, copy: StridedCopy): readonly LibraryCall[] {
  const { shape, width, from, to } = copy;
  if (shape.includes(0)) return [];
  const axes = mergedAxes(shape, width, from.strides, to.strides);
  const source = movedBy(copy.source, from.offset * width);
  const target = movedBy(copy.target, to.offset * width);
  return callsOver(move, width, axes, source, target);
}

function callsOver(
  move: MoveFunctions,
  width: CellWidth,
  axes: readonly CopyAxis[],
  source: CallArgument,
  target: CallArgument,
): readonly LibraryCall[] {
  const [outer, ...rest] = axes;
  if (outer !== undefined && axes.length > copyAxes) {
    return Array.from({ length: outer.count }, (_, i) =>
      callsOver(move, width, rest, movedBy(source, i * outer.from), movedBy(target, i * outer.to)),
    ).flat();
  }
  const none: CopyAxis = { count: 1, from: 0, to: 0 };
  const padded = [...Array<CopyAxis>(copyAxes - axes.length).fill(none), ...axes];
  const [a5, a4, a3, a2, a1, a0] = [0, 1, 2, 3, 4, 5].map((axis) => at(padded, axis));
  if (!a5 || !a4 || !a3 || !a2 || !a1 || !a0) return [];
  const call = callOf(move[`copy${width}`], {
    from: source,
    to: target,
    count5: a5.count,
    from5: a5.from,
    to5: a5.to,
    count4: a4.count,
    from4: a4.from,
    to4: a4.to,
    count3: a3.count,
    from3: a3.from,
    to3: a3.to,
    count2: a2.count,
    from2: a2.from,
    to2: a2.to,
    count1: a1.count,
    from1: a1.from,
    to1: a1.to,
    count0: a0.count,
    from0: a0.from,
    to0: a0.to,
  });
  return [call];
}

/** Neighbouring axes that can be walked with one step are one; axes of length 1 are none. */
function mergedAxes(
  shape: Shape,
  width: CellWidth,
  from: readonly number[],
  to: readonly number[],
): readonly CopyAxis[] {
  const axes: CopyAxis[] = [];
  for (const [k, count] of shape.entries()) {
    if (count === 1) continue;
    const axis = { count, from: at(from, k) * width, to: at(to, k) * width };
    const outer = axes.at(-1);
    if (outer?.from === axis.from * count && outer.to === axis.to * count) {
      axes[axes.length - 1] = { ...axis, count: outer.count * count };
    } else {
      axes.push(axis);
    }
  }
  return axes;
}

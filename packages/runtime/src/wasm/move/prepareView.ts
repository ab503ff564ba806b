import { rowMajorStrides, type TensorType, type ViewKernel } from "@adjoint/graph";
import type { KernelLibraries } from "../kernelLibraries.js";
import { operandAt, type PreparedKernel } from "../libraryCall.js";
import { type Span, splitSpan } from "../spans.js";
import { moveLibrary } from "./moveLibrary.js";
import { cellWidth, copyCalls } from "./stridedCopy.js";

/** A copy of what a view shows, of any dtype. Operands: the array, the result. */
export function prepareView(
  kernel: ViewKernel,
  { dtype, shape }: TensorType,
  libraries: KernelLibraries,
): PreparedKernel {
  // A scalar is an axis of one element.
  const axes = shape.length === 0 ? [1] : shape;
  const strides = shape.length === 0 ? [0] : kernel.strides;
  const longest = Math.max(...axes);
  const axis = axes.indexOf(longest);
  const move = moveLibrary(libraries);
  const toStrides = rowMajorStrides(axes);
  const part = ({ from, to }: Span): PreparedKernel => {
    const moved = (offset: number, of: readonly number[]) => ({
      offset: offset + from * (of[axis] ?? 0),
      strides: of,
    });
    const calls = copyCalls(move, {
      shape: axes.map((length, k) => (k === axis ? to - from : length)),
      width: cellWidth(dtype),
      source: operandAt(0),
      from: moved(kernel.offset, strides),
      target: operandAt(1),
      to: moved(0, toStrides),
    });
    const split = (parts: number) =>
      splitSpan(to - from, parts).map((span) =>
        part({ from: from + span.from, to: from + span.to }),
      );
    return { calls, scratchBytes: 0, split };
  };
  return part({ from: 0, to: longest });
}

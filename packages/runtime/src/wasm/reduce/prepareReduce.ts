import {
  bytesOf,
  type ReduceKernel,
  rowMajorStrides,
  sizeOf,
  type TensorType,
} from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import { type Split, splitAxes } from "../../kernels/splitAxes.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { callOf, type LibraryCall, operandAt, type PreparedKernel } from "../libraryCall.js";
import { moveLibrary } from "../move/moveLibrary.js";
import { cellWidth, copyCalls } from "../move/stridedCopy.js";
import { type Span, splitSpan } from "../spans.js";
import { reduceLibrary } from "./reduceLibrary.js";

/**
 * A reduction element by element, for what fused code does not take. Operands: the array, the
 * result. Axes that do not lie together are first brought to the end, in scratch memory. Undefined
 * where an argument is looked for in nothing, and for dtypes of results that the library doesn't
 * write.
 */
export function prepareReduce(
  { monoid, axes }: ReduceKernel,
  type: TensorType,
  out: TensorType,
  libraries: KernelLibraries,
): PreparedKernel | undefined {
  const split = splitAxes(type.shape, axes);
  const positional = monoid === "argmax" || monoid === "argmin";
  if (positional && split.reduced === 0) return undefined;
  const library = reduceLibrary(libraries, monoid, type.dtype, out.dtype);
  if (library === undefined) return undefined;
  const { outer, reduced, inner, scattered } = split;
  const bytes = bytesOf(type.dtype);
  const moved = scattered ? gatherAxes(type, axes, libraries) : [];
  const callFor = (items: Span, columns: Span) => {
    const skipped = items.from * reduced * inner * bytes;
    return callOf(library[monoid], {
      from: scattered ? { scratch: skipped } : operandAt(0, skipped),
      to: operandAt(1, items.from * inner * bytesOf(out.dtype)),
      outer: items.to - items.from,
      reduced,
      inner,
      first: columns.from,
      columns: columns.to - columns.from,
    });
  };
  if (!scattered) return overSpans(split, callFor);
  const calls = [...moved, callFor({ from: 0, to: outer }, { from: 0, to: inner })];
  const kernel: PreparedKernel = {
    calls,
    scratchBytes: sizeOf(type.shape) * bytes,
    split: () => [kernel],
  };
  return kernel;
}

function overSpans(
  { outer, inner }: Split,
  callFor: (items: Span, columns: Span) => LibraryCall,
): PreparedKernel {
  const part = (items: Span, columns: Span): PreparedKernel => ({
    calls: [callFor(items, columns)],
    scratchBytes: 0,
    split(parts) {
      const across = items.to - items.from < parts;
      const [whole, count] = across
        ? [columns, columns.to - columns.from]
        : [items, items.to - items.from];
      return splitSpan(count, parts).map(({ from, to }) => {
        const own = { from: whole.from + from, to: whole.from + to };
        return across ? part(items, own) : part(own, columns);
      });
    },
  });
  return part({ from: 0, to: outer }, { from: 0, to: inner });
}

/** Calls that copy the array with the reduced axes last. */
function gatherAxes(
  { dtype, shape }: TensorType,
  axes: readonly number[],
  libraries: KernelLibraries,
): readonly LibraryCall[] {
  const order = [...shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const moved = order.map((axis) => at(shape, axis));
  const strides = rowMajorStrides(shape);
  return copyCalls(moveLibrary(libraries), {
    shape: moved,
    width: cellWidth(dtype),
    source: operandAt(0),
    from: { offset: 0, strides: order.map((axis) => at(strides, axis)) },
    target: { scratch: 0 },
    to: { offset: 0, strides: rowMajorStrides(moved) },
  });
}

import { type PackKernel, rowMajorStrides, sizeOf, type TensorType } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import { convertedBits } from "../cells/bits.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { callOf, type LibraryCall, operandAt, type PreparedKernel } from "../libraryCall.js";
import { type Span, splitSpan } from "../spans.js";
import { type MoveFunctions, moveLibrary } from "./moveLibrary.js";
import { cellWidth, copyCalls } from "./stridedCopy.js";

/** Arrays side by side, or one in a larger or smaller one. Operands: the arrays, the result. */
export function preparePack(
  kernel: PackKernel,
  ins: readonly TensorType[],
  out: TensorType,
  libraries: KernelLibraries,
): PreparedKernel {
  const move = moveLibrary(libraries);
  switch (kernel.form) {
    case "concat":
      return prepareConcat(kernel.axis, ins, out, move);
    case "pad":
      return preparePad(kernel, at(ins, 0), out, move);
    default:
      return kernel satisfies never;
  }
}

/** A kernel over rows of its result, which can be cut anywhere between them. */
function overRows(rows: Span, callsFor: (rows: Span) => readonly LibraryCall[]): PreparedKernel {
  return {
    calls: callsFor(rows),
    scratchBytes: 0,
    split: (parts) =>
      splitSpan(rows.to - rows.from, parts).map(({ from, to }) =>
        overRows({ from: rows.from + from, to: rows.from + to }, callsFor),
      ),
  };
}

/** Rows are the combinations of indices before the axis; where there is one, elements after it. */
function prepareConcat(
  axis: number,
  ins: readonly TensorType[],
  out: TensorType,
  move: MoveFunctions,
): PreparedKernel {
  const width = cellWidth(out.dtype);
  const outer = sizeOf(out.shape.slice(0, axis));
  const outRow = sizeOf(out.shape.slice(axis));
  const rows = ins.map(({ shape }) => sizeOf(shape.slice(axis)));
  const starts = rows.map((_, arg) => rows.slice(0, arg).reduce((sum, row) => sum + row, 0));
  const copies = (items: Span, cells: Span) =>
    rows.flatMap((row, arg) => {
      const start = at(starts, arg);
      const [from, to] = [Math.max(cells.from, start), Math.min(cells.to, start + row)];
      return copyCalls(move, {
        shape: [items.to - items.from, Math.max(0, to - from)],
        width,
        source: operandAt(arg),
        from: { offset: items.from * row + from - start, strides: [row, 1] },
        target: operandAt(ins.length),
        to: { offset: items.from * outRow + from, strides: [outRow, 1] },
      });
    });
  const [items, cells] = [
    { from: 0, to: outer },
    { from: 0, to: outRow },
  ];
  if (outer > 1) return overRows(items, (part) => copies(part, cells));
  return overRows(cells, (part) => copies(items, part));
}

type Pad = PackKernel & { form: "pad" };

/** Rows are the indices of the first axis. */
function preparePad(
  { low, interior, value }: Pad,
  { shape }: TensorType,
  out: TensorType,
  move: MoveFunctions,
): PreparedKernel {
  const width = cellWidth(out.dtype);
  const bits = convertedBits(out.dtype, value);
  const [inStrides, outStrides] = [rowMajorStrides(shape), rowMajorStrides(out.shape)];
  const rowLength = sizeOf(out.shape.slice(1));
  return overRows({ from: 0, to: out.shape[0] ?? 1 }, ({ from, to }) => {
    const fill = callOf(move[`fill${width}`], {
      to: operandAt(1, from * rowLength * width),
      count: (to - from) * rowLength,
      low: bits.low,
      high: bits.high,
    });
    const [source, target] = [
      { offset: 0, strides: inStrides },
      { offset: 0, strides: outStrides.map((stride, k) => stride * (at(interior, k) + 1)) },
    ];
    const kept = shape.map((length, axis) => {
      const step = at(interior, axis) + 1;
      const rows = axis === 0 ? { from, to } : { from: 0, to: at(out.shape, axis) };
      const { first, count } = keptAlong(at(low, axis), step, length, rows);
      source.offset += first * at(inStrides, axis);
      target.offset += (at(low, axis) + first * step) * at(outStrides, axis);
      return count;
    });
    const common = { shape: kept, width, source: operandAt(0), target: operandAt(1) };
    return [fill, ...copyCalls(move, { ...common, from: source, to: target })];
  });
}

/** Of elements at `low + i * step`: the first that lies in the given rows, and how many do. */
function keptAlong(low: number, step: number, length: number, { from, to }: Span) {
  const first = Math.max(0, Math.ceil((from - low) / step));
  const past = Math.min(length, Math.ceil((to - low) / step));
  return { first, count: Math.max(0, past - first) };
}

import {
  type DType,
  type PackKernel,
  rowMajorStrides,
  sizeOf,
  type TypedArray,
} from "@adjoint/graph";
import { cellsOf, store } from "../storage.js";
import { stridedCopy } from "./copyStrided.js";
import { at, type Execute, type Signature } from "./prepare.js";
import { elementCopy } from "./view.js";

/** Lays arguments of any dtype side by side, or one argument into a larger or smaller array. */
export function preparePack(kernel: PackKernel, signature: Signature): Execute {
  switch (kernel.form) {
    case "concat":
      return prepareConcat(kernel.axis, signature);
    case "pad":
      return preparePad(kernel, signature);
    default:
      return kernel satisfies never;
  }
}

function prepareConcat(axis: number, { ins, outs }: Signature): Execute {
  const out = at(outs, 0);
  const width = out.dtype === "int64" ? 2 : 1;
  const outer = sizeOf(out.shape.slice(0, axis));
  const outRow = sizeOf(out.shape.slice(axis)) * width;
  let offset = 0;
  const copies = ins.map(({ shape }) => {
    const row = sizeOf(shape.slice(axis)) * width;
    const from = { offset: 0, strides: [row, 1] };
    const copy = stridedCopy([outer, row], from, { offset, strides: [outRow, 1] });
    offset += row;
    return copy;
  });
  return (arrays, results) => {
    const { cells } = cellsOf(at(results, 0));
    for (const [arg, copy] of copies.entries()) copy(cellsOf(at(arrays, arg)).cells, cells);
  };
}

type Pad = PackKernel & { form: "pad" };

function preparePad({ low, interior, value }: Pad, { ins, outs }: Signature): Execute {
  const { shape, dtype } = at(ins, 0);
  const out = at(outs, 0);
  const inStrides = rowMajorStrides(shape);
  const outStrides = rowMajorStrides(out.shape);
  const kept: number[] = [];
  let from = 0;
  let to = 0;
  for (const [axis, length] of shape.entries()) {
    const step = at(interior, axis) + 1;
    const [first, count] = keptAlong(at(low, axis), step, length, at(out.shape, axis));
    kept.push(count);
    from += first * at(inStrides, axis);
    to += (at(low, axis) + first * step) * at(outStrides, axis);
  }
  const spread = outStrides.map((stride, axis) => stride * (at(interior, axis) + 1));
  const copy = elementCopy(
    kept,
    dtype === "int64" ? 2 : 1,
    { offset: from, strides: inStrides },
    { offset: to, strides: spread },
  );
  return (arrays, results) => {
    fill(at(results, 0), out.dtype, value);
    copy(cellsOf(at(arrays, 0)).cells, cellsOf(at(results, 0)).cells);
  };
}

/** Of elements at `low + i * step`: the first that lies in the result, and how many do. */
function keptAlong(low: number, step: number, length: number, outLength: number) {
  const first = low >= 0 ? 0 : Math.ceil(-low / step);
  const past = Math.min(length, Math.ceil((outLength - low) / step));
  return [first, Math.max(0, past - first)] as const;
}

/** Fills an array with a number converted to its dtype. */
function fill(data: TypedArray, dtype: DType, value: number): void {
  if (data.length === 0) return;
  store(data, dtype, 0, Float64Array.of(value), 1);
  if (data instanceof BigInt64Array) data.fill(data[0] ?? 0n);
  else data.fill(data[0] ?? 0);
}

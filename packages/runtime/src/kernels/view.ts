import { rowMajorStrides, type Shape, type ViewKernel } from "@adjoint/graph";
import { cellsOf } from "../storage.js";
import { type Layout, stridedCopy } from "./copyStrided.js";
import { at, type Execute, type Signature } from "./prepare.js";

/** Copies the elements that the view shows, of any dtype. */
export function prepareView({ offset, strides }: ViewKernel, { outs }: Signature): Execute {
  const { shape, dtype } = at(outs, 0);
  const copy = elementCopy(shape, dtype === "int64" ? 2 : 1, { offset, strides }, rowMajor(shape));
  return ([source], [target]) => {
    if (source === undefined || target === undefined) return;
    copy(cellsOf(source).cells, cellsOf(target).cells);
  };
}

/** The layout of a whole contiguous array. */
export function rowMajor(shape: Shape): Layout {
  return { offset: 0, strides: rowMajorStrides(shape) };
}

/** A strided copy of elements that are `width` cells wide. */
export function elementCopy(shape: Shape, width: 1 | 2, from: Layout, to: Layout) {
  if (width === 1) return stridedCopy(shape, from, to);
  return stridedCopy([...shape, width], widen(from), widen(to));
}

function widen({ offset, strides }: Layout): Layout {
  return { offset: offset * 2, strides: [...strides.map((stride) => stride * 2), 1] };
}

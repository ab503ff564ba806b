import {
  BoundsError,
  type DType,
  formatShape,
  type ReduceKernel,
  sizeOf,
  type TensorType,
  type TypedArray,
} from "@adjoint/graph";
import { allocate } from "../tensor.js";
import { cellsOf, load, requireDTypes, store } from "../storage.js";
import { reduceInt64 } from "./int64/reduce.js";
import { at, type Execute, type Signature } from "./prepare.js";
import { type Reducer, reducerOf } from "./reducers.js";
import { type Split, splitAxes } from "./splitAxes.js";
import { elementCopy, rowMajor } from "./view.js";

/** Elements read at a time. */
const blockLength = 4096;

/**
 * Reduces over axes. Floating point accumulates in double precision (float64 sums with a correction
 * term, see `reducers.ts`), integers wrap. Axes that do not lie together are first brought to the
 * end by a copy.
 */
export function prepareReduce({ monoid, axes }: ReduceKernel, signature: Signature): Execute {
  const type = at(signature.ins, 0);
  const out = at(signature.outs, 0);
  const split = splitAxes(type.shape, axes);
  const positional = monoid === "argmax" || monoid === "argmin";
  if (positional && split.reduced === 0 && sizeOf(out.shape) > 0) {
    throw new BoundsError({
      op: signature.op,
      problem: `${monoid} over an empty axis`,
      received: formatShape(type.shape),
      allowed: "at least one element along the reduced axes",
      site: signature.site,
    });
  }
  const gather = split.scattered ? gatherAxes(type, axes) : undefined;
  const reduce = reductionOf(monoid, split, signature);
  return (ins, outs) => {
    let data = at(ins, 0);
    if (gather !== undefined) {
      const moved = allocate(type.dtype, data.length);
      gather(cellsOf(data).cells, cellsOf(moved).cells);
      data = moved;
    }
    reduce(data, at(outs, 0));
  };
}

type Reduction = (data: TypedArray, out: TypedArray) => void;

function reductionOf(
  monoid: ReduceKernel["monoid"],
  split: Split,
  signature: Signature,
): Reduction {
  const { dtype } = at(signature.ins, 0);
  const outDType = at(signature.outs, 0).dtype;
  if (dtype === "int64") return (data, out) => reduceInt64(monoid, split, data, out, outDType);
  requireDTypes(signature, [dtype]);
  const reducer = reducerOf(monoid, dtype);
  return (data, out) => reduceDoubles(reducer, split, data, dtype, out, outDType);
}

/** A copy that puts the kept axes first and the reduced ones last. */
function gatherAxes({ dtype, shape }: TensorType, axes: readonly number[]) {
  const order = [...shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const moved = order.map((axis) => at(shape, axis));
  const { strides } = rowMajor(shape);
  const from = { offset: 0, strides: order.map((axis) => at(strides, axis)) };
  return elementCopy(moved, dtype === "int64" ? 2 : 1, from, rowMajor(moved));
}

function reduceDoubles(
  reducer: Reducer,
  { outer, reduced, inner }: Split,
  data: TypedArray,
  dtype: DType,
  out: TypedArray,
  outDType: DType,
): void {
  const rows = Math.max(1, Math.floor(blockLength / Math.max(1, inner)));
  const width = Math.min(inner, blockLength);
  const block = new Float64Array(rows * width);
  const accumulator = new Float64Array(width);
  const extra = new Float64Array(width);
  for (let item = 0; item < outer; item++) {
    for (let column = 0; column < inner; column += width) {
      const count = Math.min(width, inner - column);
      accumulator.fill(reducer.identity);
      extra.fill(0);
      for (let row = 0; row < reduced; row += rows) {
        const taken = Math.min(rows, reduced - row);
        const start = (item * reduced + row) * inner + column;
        // More than one row is read at a time only where whole rows fit, so that they lie together.
        load(data, dtype, start, 1, block, 0, taken * count);
        reducer.accumulate(block, taken, count, row, accumulator, extra);
      }
      reducer.finish(accumulator, extra, count);
      store(out, outDType, item * inner + column, accumulator, count);
    }
  }
}

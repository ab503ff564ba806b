import { type IndexKernel, sizeOf, type TypedArray } from "@adjoint/graph";
import {
  cellsOf,
  int64sOf,
  type NumberArray,
  requireDTypes,
  store,
  toDoubles,
} from "../storage.js";
import { blockPositions, positions } from "./positions.js";
import { at, type Execute, type Signature } from "./prepare.js";

/**
 * Gathers by index, and scatters. Moves take any dtype; the adjoint forms add in order, int64
 * exactly and all others in double precision.
 */
export function prepareIndex(kernel: IndexKernel, signature: Signature): Execute {
  const axis = kernel.axis;
  switch (kernel.form) {
    case "take":
      return gather(takeBlocks(signature, kernel, at(signature.ins, 0).shape), signature);
    case "takeAdjoint":
      return scatterAdd(takeBlocks(signature, kernel, at(signature.outs, 0).shape), signature);
    case "takeAlong":
      return gather(
        alongBlocks(signature, kernel, at(at(signature.ins, 0).shape, axis)),
        signature,
      );
    case "takeAlongAdjoint":
      return scatterAdd(
        alongBlocks(signature, kernel, at(at(signature.outs, 0).shape, axis)),
        signature,
      );
    case "gatherNd":
      return gather(ndBlocks(signature, kernel, at(signature.ins, 0).shape), signature);
    case "gatherNdAdjoint":
      return scatterAdd(ndBlocks(signature, kernel, at(signature.outs, 0).shape), signature);
    case "scatterNd":
      return scatterLast(ndBlocks(signature, kernel, at(signature.outs, 0).shape), signature);
    default:
      return kernel.form satisfies never;
  }
}

/**
 * How the data and the (gathered) rest correspond: both are blocks of `length` elements; block `i`
 * of the gathered array is block `offsets(indices)[i]` of the data.
 */
interface Blocks {
  readonly length: number;
  offsets(indices: TypedArray): Int32Array;
}

/** data (outer, count, inner), indices (K) -> (outer, K, inner). */
function takeBlocks(
  signature: Signature,
  { axis, mode }: IndexKernel,
  shape: readonly number[],
): Blocks {
  const outer = sizeOf(shape.slice(0, axis));
  const count = at(shape, axis);
  const { dtype } = at(signature.ins, 1);
  return {
    length: sizeOf(shape.slice(axis + 1)),
    offsets(indices) {
      const taken = indices.length;
      const along = positions(indices, dtype, 0, taken, count, mode, signature);
      const offsets = new Int32Array(outer * taken);
      for (let item = 0; item < outer; item++) {
        for (let i = 0; i < taken; i++) offsets[item * taken + i] = item * count + (along[i] ?? 0);
      }
      return offsets;
    },
  };
}

/**
 * data (outer, count, inner), indices (outer, K, inner) -> the indices' shape, element by element.
 */
function alongBlocks(signature: Signature, { axis, mode }: IndexKernel, count: number): Blocks {
  const { dtype, shape } = at(signature.ins, 1);
  const taken = at(shape, axis);
  const inner = sizeOf(shape.slice(axis + 1));
  return {
    length: 1,
    offsets(indices) {
      const offsets = positions(indices, dtype, 0, indices.length, count, mode, signature);
      for (let i = 0; i < offsets.length; i++) {
        const item = Math.floor(i / (taken * inner));
        offsets[i] = (item * count + (offsets[i] ?? 0)) * inner + (i % inner);
      }
      return offsets;
    },
  };
}

/** data (...leading M axes, block), indices (M, ...rest) -> (...rest, block). */
function ndBlocks(signature: Signature, { mode }: IndexKernel, shape: readonly number[]): Blocks {
  const indices = at(signature.ins, 1);
  return {
    length: sizeOf(shape.slice(indices.shape[0] ?? 0)),
    offsets: (data) => blockPositions(data, indices, shape, mode, signature),
  };
}

function gather({ length, offsets }: Blocks, { ins }: Signature): Execute {
  const width = length * (at(ins, 0).dtype === "int64" ? 2 : 1);
  return (arrays, outs) => {
    const from = cellsOf(at(arrays, 0)).cells;
    const to = cellsOf(at(outs, 0)).cells;
    const blocks = offsets(at(arrays, 1));
    for (let i = 0; i < blocks.length; i++) {
      copyBlock(from, (blocks[i] ?? 0) * width, to, i * width, width);
    }
  };
}

function scatterLast({ length, offsets }: Blocks, { ins }: Signature): Execute {
  const width = length * (at(ins, 0).dtype === "int64" ? 2 : 1);
  return (arrays, outs) => {
    const from = cellsOf(at(arrays, 0)).cells;
    const to = cellsOf(at(outs, 0)).cells;
    to.fill(0);
    const blocks = offsets(at(arrays, 1));
    for (let i = 0; i < blocks.length; i++) {
      copyBlock(from, i * width, to, (blocks[i] ?? 0) * width, width);
    }
  };
}

function scatterAdd({ length, offsets }: Blocks, signature: Signature): Execute {
  const { dtype } = at(signature.ins, 0);
  const out = at(signature.outs, 0);
  if (dtype === "int64") return scatterAddInt64({ length, offsets });
  requireDTypes(signature, [dtype, out.dtype]);
  return (arrays, outs) => {
    const head = toDoubles(at(arrays, 0), dtype);
    const sums = new Float64Array(sizeOf(out.shape));
    const blocks = offsets(at(arrays, 1));
    for (let i = 0; i < blocks.length; i++) {
      const base = (blocks[i] ?? 0) * length;
      for (let j = 0; j < length; j++) {
        sums[base + j] = (sums[base + j] ?? 0) + (head[i * length + j] ?? 0);
      }
    }
    store(at(outs, 0), out.dtype, 0, sums, sums.length);
  };
}

/** Sums modulo 2^64, in the result itself. */
function scatterAddInt64({ length, offsets }: Blocks): Execute {
  return (arrays, outs) => {
    const head = int64sOf(arrays[0]);
    const sums = int64sOf(outs[0]).fill(0n);
    const blocks = offsets(at(arrays, 1));
    for (let i = 0; i < blocks.length; i++) {
      const base = (blocks[i] ?? 0) * length;
      for (let j = 0; j < length; j++) {
        sums[base + j] = (sums[base + j] ?? 0n) + (head[i * length + j] ?? 0n);
      }
    }
  };
}

/** From this many cells on, the typed arrays' own copy beats a loop. */
const longBlock = 32;

function copyBlock(
  from: NumberArray,
  read: number,
  to: NumberArray,
  write: number,
  length: number,
): void {
  if (length >= longBlock) to.set(from.subarray(read, read + length), write);
  else for (let i = 0; i < length; i++) to[write + i] = from[read + i] ?? 0;
}

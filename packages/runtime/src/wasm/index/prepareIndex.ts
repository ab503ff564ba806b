import { bytesOf, type IndexKernel, type Shape, sizeOf, type TensorType } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import type { KernelOrigin } from "../refusals.js";
import { callOf, type LibraryCall, operandAt, type PreparedKernel } from "../libraryCall.js";
import { cellWidth } from "../move/stridedCopy.js";
import { ScratchLayout } from "../scratchLayout.js";
import { type Span, splitSpan } from "../spans.js";
import { blockLibrary, blockSumLibrary } from "./blockLibrary.js";
import { positionLibrary } from "./positionLibrary.js";

/** A gathered array as blocks, and how the offsets of a part of them are found. */
interface Blocks {
  /** Elements of a block, and blocks of the gathered array. */
  readonly length: number;
  readonly count: number;
  /** Blocks of the gathered array that are cut together. */
  readonly unit: number;
  /**
   * Calls that write the offsets of some blocks (whole units) to scratch memory at `to`; places
   * they need are taken from `layout`. Offsets count from block `base` of the data on.
   */
  offsets(part: Span, to: number, layout: ScratchLayout): readonly LibraryCall[];
  base(part: Span): number;
  /** How elements can be added up item by item, whose places are few enough to be summed at once. */
  readonly along?: AlongItems | undefined;
}

/** Items of `taken` times `inner` elements, which have places in (places / inner, inner). */
interface AlongItems {
  readonly outer: number;
  readonly taken: number;
  readonly inner: number;
  readonly places: number;
  /** A call that writes the positions along the axis of some items to scratch memory. */
  positions(items: Span, to: number): LibraryCall;
}

/** Places of an item at the most: their sums, doubles, stay in the second-level cache. */
const mostPlaces = 1 << 15;

/**
 * Gathering and scattering. Operands: data or head, indices, result. Indices that are refused out of
 * range are reported by `checkRefusals` of the libraries. Undefined where indices point into an
 * empty axis, which the interpreter refuses.
 */
export function prepareIndex(
  kernel: IndexKernel,
  ins: readonly TensorType[],
  out: TensorType,
  libraries: KernelLibraries,
  origin: KernelOrigin,
): PreparedKernel | undefined {
  const [first, indices] = [at(ins, 0), at(ins, 1)];
  const gathers =
    kernel.form === "take" || kernel.form === "takeAlong" || kernel.form === "gatherNd";
  const { shape } = gathers ? first : out;
  if (first.dtype !== out.dtype || !pointsSomewhere(kernel, indices, shape)) return undefined;
  const blocks = blocksOf(kernel, indicesOf(indices, kernel, libraries, origin), shape, libraries);
  // Blocks without elements are not looked for, so that nothing would be refused.
  const unseen = kernel.mode === "raise" && sizeOf(out.shape) === 0;
  if (unseen && sizeOf(indices.shape) > 0) return undefined;
  const prepared = prepareBlocks(kernel, blocks, out, libraries);
  return { ...prepared, mayRefuse: kernel.mode === "raise" };
}

function prepareBlocks(
  kernel: IndexKernel,
  blocks: Blocks,
  out: TensorType,
  libraries: KernelLibraries,
): PreparedKernel {
  switch (kernel.form) {
    case "take":
    case "takeAlong":
    case "gatherNd":
      return prepareGather(blocks, out, { from: 0, to: blocks.count / blocks.unit }, libraries);
    case "takeAdjoint":
    case "takeAlongAdjoint":
    case "gatherNdAdjoint": {
      const { along } = blocks;
      if (along !== undefined) {
        return prepareSumAlong(along, out, { from: 0, to: along.outer }, libraries);
      }
      const places = blocks.length === 0 ? 0 : sizeOf(out.shape) / blocks.length;
      return prepareScatterAdd(blocks, out, { from: 0, to: places }, libraries);
    }
    case "scatterNd":
      return prepareScatterLast(blocks, out, libraries);
    default:
      return kernel.form satisfies never;
  }
}

/**
 * Whether there is an index to follow wherever there is a block, and something that it may name.
 */
function pointsSomewhere({ form, axis }: IndexKernel, indices: TensorType, shape: Shape): boolean {
  switch (form) {
    case "take":
    case "takeAdjoint":
    case "takeAlong":
    case "takeAlongAdjoint":
      return shape[axis] !== 0 || sizeOf(indices.shape) === 0;
    case "gatherNd":
    case "gatherNdAdjoint":
    case "scatterNd": {
      const depth = indices.shape[0] ?? 0;
      return depth > 0 && (!shape.slice(0, depth).includes(0) || sizeOf(indices.shape) === 0);
    }
    default:
      return form satisfies never;
  }
}

function blocksOf(
  kernel: IndexKernel,
  indices: Indices,
  shape: Shape,
  libraries: KernelLibraries,
): Blocks {
  switch (kernel.form) {
    case "take":
    case "takeAdjoint":
      return takeBlocks(kernel, indices, shape, libraries);
    case "takeAlong":
    case "takeAlongAdjoint":
      return alongBlocks(kernel, indices, shape, libraries);
    case "gatherNd":
    case "gatherNdAdjoint":
    case "scatterNd":
      return ndBlocks(indices, shape);
    default:
      return kernel.form satisfies never;
  }
}

/**
 * Data (outer, length, block), indices (taken): cut between items, or between indices of the only
 * one.
 */
function takeBlocks(
  { axis }: IndexKernel,
  indices: Indices,
  shape: Shape,
  libraries: KernelLibraries,
): Blocks {
  const outer = sizeOf(shape.slice(0, axis));
  const length = at(shape, axis);
  const taken = sizeOf(indices.shape);
  const common = { length: sizeOf(shape.slice(axis + 1)), count: outer * taken };
  if (outer === 1) {
    return {
      ...common,
      unit: 1,
      offsets: ({ from, to }, place) => [indices.read(from, to - from, length, false, place)],
      base: () => 0,
    };
  }
  const { takeOffsets } = blockLibrary(libraries);
  return {
    ...common,
    unit: Math.max(1, taken),
    offsets({ from, to }, place, layout) {
      const scratch = layout.reserve(4 * taken);
      const expand = callOf(takeOffsets, {
        positions: { scratch },
        taken,
        outer: to - from,
        length,
        to: { scratch: place },
      });
      return [indices.read(0, taken, length, false, scratch), expand];
    },
    base: ({ from }) => from * length,
  };
}

/**
 * Data (outer, length, inner), indices (outer, taken, inner): blocks are elements, cut between
 * items.
 */
function alongBlocks(
  { axis }: IndexKernel,
  indices: Indices,
  shape: Shape,
  libraries: KernelLibraries,
): Blocks {
  const length = at(shape, axis);
  const taken = at(indices.shape, axis);
  const inner = sizeOf(shape.slice(axis + 1));
  const item = taken * inner;
  const { alongOffsets } = blockLibrary(libraries);
  const positions = ({ from, to }: Span, place: number) =>
    indices.read(from * item, (to - from) * item, length, false, place);
  const outer = sizeOf(shape.slice(0, axis));
  const places = length * inner;
  return {
    along: places <= mostPlaces ? { outer, taken, inner, places, positions } : undefined,
    length: 1,
    count: sizeOf(indices.shape),
    unit: Math.max(1, item),
    offsets(part, place) {
      const sizes = { outer: part.to - part.from, taken, inner, length };
      const expand = callOf(alongOffsets, { positions: { scratch: place }, ...sizes });
      return [positions(part, place), expand];
    },
    base: ({ from }) => from * length * inner,
  };
}

/** Data (...leading M axes, block), indices (M, ...rest): cut between columns of indices. */
function ndBlocks(indices: Indices, shape: Shape): Blocks {
  const depth = indices.shape[0] ?? 0;
  const columns = sizeOf(indices.shape.slice(1));
  return {
    length: sizeOf(shape.slice(depth)),
    count: columns,
    unit: 1,
    offsets: ({ from, to }, place) =>
      Array.from({ length: depth }, (_, axis) =>
        indices.read(axis * columns + from, to - from, at(shape, axis), axis > 0, place),
      ),
    base: () => 0,
  };
}

/** The indices of a kernel. */
interface Indices {
  readonly shape: Shape;
  /** A call that reads `count` indices from element `from` on, into an axis of `length`. */
  read(from: number, count: number, length: number, fold: boolean, to: number): LibraryCall;
}

function indicesOf(
  { dtype, shape }: TensorType,
  { mode }: IndexKernel,
  libraries: KernelLibraries,
  origin: KernelOrigin,
): Indices {
  const { positions } = positionLibrary(libraries, dtype);
  return {
    shape,
    read: (from, count, length, fold, to) =>
      callOf(positions, {
        from: operandAt(1, from * bytesOf(dtype)),
        count,
        length,
        wrap: mode === "wrap" ? 1 : 0,
        fold: fold ? 1 : 0,
        to: { scratch: to },
        ...(mode === "raise"
          ? refuseOutside(length, libraries, origin)
          : { refused: 0, refusal: 0 }),
      }),
  };
}

function refuseOutside(length: number, { refusals }: KernelLibraries, origin: KernelOrigin) {
  const problem = "index is out of range";
  const refusal = refusals.numberOf({ ...origin, problem, range: `0 to ${length - 1}` });
  return { refused: refusals.address, refusal };
}

function prepareGather(
  blocks: Blocks,
  { dtype }: TensorType,
  units: Span,
  libraries: KernelLibraries,
): PreparedKernel {
  const count = (units.to - units.from) * blocks.unit;
  const bytes = blocks.length * bytesOf(dtype);
  const layout = new ScratchLayout();
  const offsets = layout.reserve(4 * count);
  const find = blocks.offsets(units, offsets, layout);
  const gather = callOf(blockLibrary(libraries)[`gather${cellWidth(dtype)}`], {
    data: operandAt(0, blocks.base(units) * bytes),
    offsets: { scratch: offsets },
    count,
    bytes,
    to: operandAt(2, units.from * blocks.unit * bytes),
  });
  return {
    calls: count === 0 || bytes === 0 ? [] : [...find, gather],
    scratchBytes: layout.end,
    split: (parts) =>
      splitSpan(units.to - units.from, parts).map(({ from, to }) => {
        const part = { from: units.from + from, to: units.from + to };
        return prepareGather(blocks, { dtype, shape: [] }, part, libraries);
      }),
  };
}

/** Items are cut, and summed one after another. */
function prepareSumAlong(
  along: AlongItems,
  { dtype }: TensorType,
  items: Span,
  libraries: KernelLibraries,
): PreparedKernel {
  const { taken, inner, places } = along;
  const bytes = bytesOf(dtype);
  const layout = new ScratchLayout();
  const count = items.to - items.from;
  const positions = layout.reserve(4 * count * taken * inner);
  const row = { scratch: layout.reserve(8 * places) };
  const sum = callOf(blockSumLibrary(libraries, dtype).sumAlong, {
    from: operandAt(0, items.from * taken * inner * bytes),
    positions: { scratch: positions },
    outer: count,
    taken,
    inner,
    places,
    row,
    to: operandAt(2, items.from * places * bytes),
  });
  return {
    calls: [along.positions(items, positions), sum],
    scratchBytes: layout.end,
    split: (parts) =>
      splitSpan(count, parts).map(({ from, to }) => {
        const part = { from: items.from + from, to: items.from + to };
        return prepareSumAlong(along, { dtype, shape: [] }, part, libraries);
      }),
  };
}

/** All offsets, whichever blocks they are of. */
function allOffsets(blocks: Blocks, to: number, layout: ScratchLayout): readonly LibraryCall[] {
  return blocks.offsets({ from: 0, to: blocks.count / blocks.unit }, to, layout);
}

/** Places of the result are cut; each part finds the blocks that belong to its own. */
function prepareScatterAdd(
  blocks: Blocks,
  { dtype }: TensorType,
  places: Span,
  libraries: KernelLibraries,
): PreparedKernel {
  const { length, count } = blocks;
  const layout = new ScratchLayout();
  const offsets = { scratch: layout.reserve(4 * count) };
  const next = { scratch: layout.reserve(4 * count) };
  const heads = { scratch: layout.reserve(4 * (places.to - places.from)) };
  const row = { scratch: layout.reserve(8 * length) };
  const find = allOffsets(blocks, offsets.scratch, layout);
  const chain = callOf(blockLibrary(libraries).chain, {
    offsets,
    count,
    first: places.from,
    past: places.to,
    heads,
    next,
  });
  const sum = callOf(blockSumLibrary(libraries, dtype).sumChains, {
    from: operandAt(0),
    length,
    heads,
    next,
    places: places.to - places.from,
    row,
    to: operandAt(2, places.from * length * bytesOf(dtype)),
  });
  return {
    calls: [...find, chain, sum],
    scratchBytes: layout.end,
    split: (parts) =>
      splitSpan(places.to - places.from, parts).map(({ from, to }) => {
        const part = { from: places.from + from, to: places.from + to };
        return prepareScatterAdd(blocks, { dtype, shape: [] }, part, libraries);
      }),
  };
}

function prepareScatterLast(
  blocks: Blocks,
  out: TensorType,
  libraries: KernelLibraries,
): PreparedKernel {
  const layout = new ScratchLayout();
  const offsets = layout.reserve(4 * blocks.count);
  const scatter = callOf(blockLibrary(libraries).scatter, {
    from: operandAt(0),
    offsets: { scratch: offsets },
    count: blocks.count,
    bytes: blocks.length * bytesOf(out.dtype),
    to: operandAt(2),
    toBytes: sizeOf(out.shape) * bytesOf(out.dtype),
  });
  const kernel: PreparedKernel = {
    calls: [...allOffsets(blocks, offsets, layout), scatter],
    scratchBytes: layout.end,
    split: () => [kernel],
  };
  return kernel;
}

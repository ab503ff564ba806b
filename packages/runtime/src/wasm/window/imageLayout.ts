import { at } from "../../kernels/prepare.js";
import { type CallArgument, callOf, type LibraryCall } from "../libraryCall.js";
import type { ScratchLayout } from "../scratchLayout.js";
import { groupBytes } from "./cellTable.js";
import type { PaddingParameter } from "./padPlanes.js";
import type { WindowFunctions } from "./windowModule.js";

/** One number for each of the axes z, y, x. */
export type Triple = readonly [z: number, y: number, x: number];

/** How windows lie along one axis of planes with zeros around. */
export interface ImageAxis {
  /** Elements that windows reach, zeros included. */
  readonly length: number;
  /** Where the first element of the source lies, or would lie: it may be outside. */
  readonly start: number;
  /** Elements of the source. */
  readonly available: number;
  /** Windows, and elements from one to the next. */
  readonly cells: number;
  readonly stride: number;
  /** Elements of a window that are used, and elements from one to the next. */
  readonly taps: number;
  readonly dilate: number;
}

/** Planes laid out so that every window lies inside, and how windows are read. Lengths in bytes. */
export interface ImageLayout {
  readonly axes: readonly [ImageAxis, ImageAxis, ImageAxis];
  /** Elements of the source from one element along each axis to the next, and their bytes. */
  readonly steps: Triple;
  readonly sourceStrides: Triple;
  readonly bytes: number;
  /** False where planes are like that as they lie, and are used in place. */
  readonly copied: boolean;
  readonly plane: number;
  readonly sourcePlane: number;
  readonly strides: Triple;
  /** Elements of a row that are this far apart lie together. */
  readonly phases: number;
  readonly phase: number;
}

/** Whether windows leave out what lies between their only elements: planes are laid out without it. */
function isSparse({ taps, stride, start }: ImageAxis): boolean {
  return taps === 1 && stride > 1 && start <= 0 && start % stride === 0;
}

/** An axis of the elements that windows have, `stride` of the source apart. */
function withoutGaps(axis: ImageAxis): ImageAxis {
  if (!isSparse(axis)) return axis;
  const { start, available, stride, cells } = axis;
  const known = Math.ceil(available / stride);
  return { ...axis, stride: 1, length: cells, start: start / stride, available: known };
}

/**
 * Cells are read in groups of `group` neighbours, beyond the last one too: rows are longer by that.
 */
export function imageLayout(
  whole: readonly [ImageAxis, ImageAxis, ImageAxis],
  bytes: number,
  group: number,
): ImageLayout {
  const axes = [withoutGaps(whole[0]), withoutGaps(whole[1]), withoutGaps(whole[2])] as const;
  const step = (axis: ImageAxis) => (isSparse(axis) ? axis.stride : 1);
  const steps = [step(whole[0]), step(whole[1]), step(whole[2])] as const;
  const [depth, height, width] = [whole[0].available, whole[1].available, whole[2].available];
  const [z, y, x] = axes;
  const isWhole = x.cells % group === 0;
  const fits = axes.every(({ start, length, available }) => start === 0 && length === available);
  const copied = x.stride > 1 || !isWhole || !fits || steps.some((one) => one > 1);
  const overhang = copied ? Math.ceil(x.cells / group) * group - x.cells : 0;
  const phase = (Math.ceil(x.length / x.stride) + overhang) * bytes;
  const row = x.stride * phase;
  return {
    axes,
    steps,
    sourceStrides: [height * width * bytes, width * bytes, bytes],
    bytes,
    copied,
    plane: z.length * y.length * row,
    sourcePlane: depth * height * width * bytes,
    strides: [y.length * row, row, bytes],
    phases: x.stride,
    phase,
  };
}

/** Bytes of a row and of a plane before elements of a row are brought together by their phase. */
function stagedBytes({ axes: [z, y, x], bytes, phases }: ImageLayout) {
  const row = Math.ceil(x.length / phases) * phases * bytes;
  return { row, plane: z.length * y.length * row };
}

/** Takes places for `planes` copies, and gives the arguments that describe them. */
export function paddingArguments(
  image: ImageLayout,
  planes: number,
  layout: ScratchLayout,
): { readonly [P in PaddingParameter]: CallArgument } {
  const { axes, steps, sourceStrides, bytes, copied, plane, sourcePlane, phases } = image;
  const { phase, strides } = image;
  const [z, y] = axes;
  const stages = copied && phases > 1;
  const staged = stagedBytes(image);
  const padded = layout.reserve(copied ? planes * plane : 0);
  const staging = layout.reserve(stages ? planes * staged.plane : 0);
  const row = stages ? staged.row : strides[1];
  const to = [y.length * row, row, bytes];
  const from = sourceStrides.map((stride, axis) => stride * at(steps, axis));
  const inside = axes.map(({ length, start, available }) => {
    const first = Math.max(0, -start);
    const count = Math.max(0, Math.min(available, length - start) - first);
    return { first, count, start };
  });
  return {
    copied: copied ? 1 : 0,
    padded: { scratch: padded },
    plane,
    sourcePlane,
    skipped: inside.reduce((sum, { first }, k) => sum + first * at(from, k), 0),
    inset: inside.reduce((sum, { first, start }, k) => sum + (start + first) * at(to, k), 0),
    zCount: at(inside, 0).count,
    zFrom: at(from, 0),
    zTo: at(to, 0),
    yCount: at(inside, 1).count,
    yFrom: at(from, 1),
    yTo: at(to, 1),
    xCount: at(inside, 2).count,
    xFrom: at(from, 2),
    phases,
    phase,
    staged: { scratch: staging },
    stagedPlane: staged.plane,
    stagedRow: staged.row,
    stagedRows: z.length * y.length,
    paddedRow: strides[1],
  };
}

/** Elements of all windows of a plane. */
export function tapsOf({ axes: [z, y, x] }: ImageLayout): number {
  return z.taps * y.taps * x.taps;
}

/**
 * Writes, for each element of a window in each of `planes` planes, its offset from the window's
 * beginning.
 */
export function tapTable(
  { fillOffsets }: WindowFunctions,
  image: ImageLayout,
  planes: number,
  to: number,
): readonly LibraryCall[] {
  const { axes, strides, plane, phases, phase, bytes } = image;
  const [z, y, x] = axes;
  const outer = {
    count3: planes,
    stride3: plane,
    count2: z.taps,
    stride2: z.dilate * strides[0],
    count1: y.taps,
    stride1: y.dilate * strides[1],
  };
  if (phases === 1) {
    const inner = { count0: x.taps, stride0: x.dilate * bytes };
    return [callOf(fillOffsets, { to: { scratch: to }, toStep: 4, start: 0, ...outer, ...inner })];
  }
  return Array.from({ length: x.taps }, (_, tap) => {
    const reach = tap * x.dilate;
    const start = (reach % phases) * phase + Math.floor(reach / phases) * bytes;
    const place = { to: { scratch: to + 4 * tap }, toStep: 4 * x.taps, start };
    return callOf(fillOffsets, { ...place, ...outer, count0: 1, stride0: 0 });
  });
}

/** Groups of cells of a plane, and as many empty ones as fill the last tile of `tile` groups. */
export function groupCount({ axes: [z, y, x] }: ImageLayout, group: number, tile: number) {
  const own = z.cells * y.cells * Math.ceil(x.cells / group);
  const all = Math.ceil(own / tile) * tile;
  return { all, spare: all - own, tableBytes: all * groupBytes };
}

/** Images whose cells are read one after another, and bytes from one to the next. */
export interface ImageBlock {
  readonly count: number;
  readonly source: number;
  readonly result: number;
}

export const singleImage: ImageBlock = { count: 1, source: 0, result: 0 };

/**
 * Writes the groups of cells of a plane, for each image of a block; `out` are bytes between
 * neighbours where they are written.
 */
export function groupTable(
  { fillGroups }: WindowFunctions,
  { axes: [z, y, x], strides, bytes }: ImageLayout,
  block: ImageBlock,
  out: Triple,
  width: number,
  spare: number,
  to: number,
): LibraryCall {
  return callOf(fillGroups, {
    to: { scratch: to },
    imageCount: block.count,
    imageIn: block.source,
    imageOut: block.result,
    zCount: z.cells,
    zIn: z.stride * strides[0],
    zOut: out[0],
    yCount: y.cells,
    yIn: y.stride * strides[1],
    yOut: out[1],
    xCount: x.cells,
    // The cells of a row begin in the same phase.
    xIn: bytes,
    xOut: out[2],
    width,
    spare,
  });
}

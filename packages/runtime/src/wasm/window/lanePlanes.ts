import { groupBytes } from "./cellTable.js";
import type { ImageAxis, Triple } from "./imageLayout.js";

type Axes = readonly [ImageAxis, ImageAxis, ImageAxis];

/** Source planes with as many zeros before and after along each axis as windows reach. */
export interface LanePlanes {
  readonly low: Triple;
  readonly available: Triple;
  readonly length: Triple;
}

/** Images of a chunk at the most. */
const mostImages = 64;
/** Bytes of a chunk that are read again and again: they stay in the second-level cache. */
const cachedBytes = 1 << 19;
/** Bytes of a chunk at the most. */
const mostBytes = 1 << 22;

/**
 * How many images are laid out together, in equal chunks; undefined where they are too few or too
 * large. `cached` are the bytes of an image that are read again and again, `all` those that are laid
 * out; chunks are multiples of `width`.
 */
export function chunkOf(
  images: number,
  { cached, all }: { readonly cached: number; readonly all: number },
  width: number,
): number | undefined {
  const fitting = Math.min(cachedBytes / cached, mostBytes / all);
  const most = Math.min(mostImages, Math.floor(fitting / width) * width);
  const chunks = Math.ceil(images / Math.max(most, width));
  const chunk = Math.ceil(images / chunks / width) * width;
  return images > 1 && chunk * all <= mostBytes ? chunk : undefined;
}

export function volume([z, y, x]: Triple): number {
  return z * y * x;
}

export function tapsOf([z, y, x]: Axes): number {
  return z.taps * y.taps * x.taps;
}

export function cellsOf([z, y, x]: Axes): number {
  return z.cells * y.cells * x.cells;
}

export function planesOf(windows: readonly Axes[]): LanePlanes {
  const along = (axis: 0 | 1 | 2) => windows.map((axes) => axes[axis]);
  const each = (value: (axes: readonly ImageAxis[]) => number): Triple => [
    value(along(0)),
    value(along(1)),
    value(along(2)),
  ];
  const low = each((axes) => Math.max(0, ...axes.map(({ start }) => start)));
  const available = each((axes) => Math.max(0, ...axes.map((axis) => axis.available)));
  const high = each((axes) =>
    Math.max(0, ...axes.map((axis) => axis.length - axis.start - axis.available)),
  );
  const length: Triple = [
    low[0] + available[0] + high[0],
    low[1] + available[1] + high[1],
    low[2] + available[2] + high[2],
  ];
  return { low, available, length };
}

/** Bytes between neighbours of staged planes, and of a plane. */
export interface Places {
  readonly strides: Triple;
  readonly plane: number;
}

export function placesOf({ length: [z, y, x] }: LanePlanes, step: number): Places {
  return { strides: [y * x * step, x * step, step], plane: z * y * x * step };
}

/** The arguments that say where each element of `count` source planes goes. */
export function placeArguments(
  { low, available }: LanePlanes,
  { strides, plane }: Places,
  count: number,
) {
  return {
    toStep: 4,
    start: low[0] * strides[0] + low[1] * strides[1] + low[2] * strides[2],
    count3: count,
    stride3: plane,
    count2: available[0],
    stride2: strides[0],
    count1: available[1],
    stride1: strides[1],
    count0: available[2],
    stride0: strides[2],
  };
}

/** The arguments that say where the elements of a window lie, in `count` planes. */
export function tapArguments([z, y, x]: Axes, { strides, plane }: Places, count: number) {
  return {
    toStep: 4,
    start: 0,
    count3: count,
    stride3: plane,
    count2: z.taps,
    stride2: z.dilate * strides[0],
    count1: y.taps,
    stride1: y.dilate * strides[1],
    count0: x.taps,
    stride0: x.dilate * strides[2],
  };
}

/** Images that are laid out together, and how they are cut to groups of cells. */
export interface LaneCells {
  readonly chunk: number;
  readonly bytes: number;
  /** Lanes of a group. */
  readonly width: number;
  /** Groups of a tile. */
  readonly tile: number;
}

/** The arguments of `fillGroups`; `out` are bytes between neighbouring cells of one image. */
export function cellArguments(
  axes: Axes,
  { strides }: Places,
  out: Triple,
  { chunk, bytes, width, tile }: LaneCells,
) {
  const [z, y, x] = axes;
  const own = cellsOf(axes) * (chunk / width);
  const all = Math.ceil(own / tile) * tile;
  const fields = {
    imageCount: z.cells,
    imageIn: z.stride * strides[0],
    imageOut: out[0] * chunk,
    zCount: y.cells,
    zIn: y.stride * strides[1],
    zOut: out[1] * chunk,
    yCount: x.cells,
    yIn: x.stride * strides[2],
    yOut: out[2] * chunk,
    // Images are the innermost axis.
    xCount: chunk,
    xIn: bytes,
    xOut: bytes,
    width,
    spare: all - own,
  };
  return { fields, count: all, tableBytes: all * groupBytes };
}

import { callOf, operandAt } from "../libraryCall.js";
import type { ScratchLayout } from "../scratchLayout.js";
import type { Span } from "../spans.js";
import type { ConvolutionSizes } from "./convolutionSizes.js";
import type { ImageLayout, Triple } from "./imageLayout.js";
import type { InsidePart } from "./prepareInside.js";
import type { AxisPiece } from "./trimAxis.js";
import type { WindowLibrary } from "./windowModule.js";

/**
 * Weights (rows, steps) of one group, as a strided view of the operand: by row, plane, z, y and x.
 */
export interface WeightView {
  readonly offset: number;
  /** In elements; the last four from the plane on. */
  readonly group: number;
  readonly row: number;
  readonly inner: readonly [number, number, number, number];
  /** Whether rows of steps are contiguous as they lie. */
  readonly plain: boolean;
}

/**
 * For each image and group, weights times windows over planes, written to some cells of the result.
 */
export interface AxesProduct {
  readonly axes: ImageLayout["axes"];
  readonly weights: WeightView;
  /** Bytes of the first cell of a plane that is written, and between neighbours. */
  readonly corner: number;
  readonly cells: Triple;
}

/** Which part of a convolution from images to images is done, sizes of one group. */
export interface ImagePart {
  readonly form: "convolveInside" | "convolveDataInside";
  readonly sizes: ConvolutionSizes;
  readonly images: Span;
  /** Planes that are read and written. */
  readonly planes: number;
  readonly resultPlanes: number;
  /** Bytes of a plane that is written. */
  readonly resultPlane: number;
  readonly rows: Span;
}

/** The weights of a piece of each axis. */
export function weightsOf(
  weights: WeightView,
  [z, y, x]: readonly [AxisPiece, AxisPiece, AxisPiece],
): WeightView {
  const [plane, depth, height, width] = weights.inner;
  return {
    ...weights,
    offset: weights.offset + z.firstTap * depth + y.firstTap * height + x.firstTap * width,
    inner: [plane, depth, height, width],
    plain:
      weights.plain &&
      [depth * z.axis.taps, height * y.axis.taps, width * x.axis.taps].every(
        (size, k) => size === weights.inner[k],
      ),
  };
}

/** The part, as what follows a convolution of floats takes it. */
export function insidePart({ form, sizes, images, rows }: ImagePart): InsidePart {
  const all = (to: number) => ({ from: 0, to });
  return form === "convolveInside"
    ? { sizes, images, filters: rows, channels: all(sizes.channels) }
    : { sizes, images, filters: all(sizes.filters), channels: rows };
}

/** A span within another. */
export function move(whole: Span, { from, to }: Span): Span {
  return { from: whole.from + from, to: whole.from + to };
}

/**
 * Where the weights of a part are, and the bytes before each step of a row, in a table unless steps
 * are adjacent.
 */
export function weightArguments(
  weights: WeightView,
  [z, y, x]: ImageLayout["axes"],
  { planes, rows }: ImagePart,
  { functions: { fillOffsets }, element: { bytes } }: WindowLibrary,
  layout: ScratchLayout,
) {
  const first = operandAt(1, (weights.offset + rows.from * weights.row) * bytes);
  const place = {
    weights: first,
    weightGroup: weights.group * bytes,
    weightRow: weights.row * bytes,
  };
  if (weights.plain) return { calls: [], place: { ...place, weightSteps: 0 } };
  const table = { scratch: layout.reserve(4 * planes * z.taps * y.taps * x.taps) };
  const [plane, depth, height, width] = weights.inner;
  const call = callOf(fillOffsets, {
    to: table,
    toStep: 4,
    start: 0,
    count3: planes,
    stride3: plane * bytes,
    count2: z.taps,
    stride2: depth * bytes,
    count1: y.taps,
    stride1: height * bytes,
    count0: x.taps,
    stride0: width * bytes,
  });
  return { calls: [call], place: { ...place, weightSteps: table } };
}

import { sizeOf, type TensorType, type WindowKernel } from "@adjoint/graph";
import { type WindowPlane, windowPlane } from "../../kernels/windowTaps.js";
import {
  type CallArgument,
  callOf,
  type LibraryCall,
  operandAt,
  type PreparedKernel,
} from "../libraryCall.js";
import { ScratchLayout } from "../scratchLayout.js";
import { type Span, splitSpan } from "../spans.js";
import type { poolParameters } from "./tapRows.js";
import type { WindowLibrary } from "./windowModule.js";

type PoolForm = "poolSum" | "poolSumAdjoint" | "poolMax";

/**
 * Pooling over planes. Addresses: `poolSum` data, result; `poolSumAdjoint` head, data; `poolMax`
 * data, maxima, their positions.
 */
export function preparePooling(
  kernel: WindowKernel,
  form: PoolForm,
  data: TensorType,
  result: TensorType,
  library: WindowLibrary,
): PreparedKernel {
  const plane = windowPlane(kernel.geometry, data.shape.slice(2), result.shape.slice(2));
  const planes = { from: 0, to: sizeOf(data.shape.slice(0, 2)) };
  const chunk = laneChunk(form, plane, planes.to, library);
  return prepare({ form, plane, chunk }, planes, library);
}

interface Pool {
  readonly form: PoolForm;
  readonly plane: WindowPlane;
  /** Planes that are laid out together, as lanes; undefined where they stay as they lie. */
  readonly chunk: number | undefined;
}

function prepare(pool: Pool, { from, to }: Span, library: WindowLibrary): PreparedKernel {
  const { form, plane, chunk } = pool;
  const { bytes } = library.element;
  const [data, result] = form === "poolSumAdjoint" ? [1, 0] : [0, 1];
  const windows = {
    planes: to - from,
    data: operandAt(data, from * plane.dataSize * bytes),
    result: operandAt(result, from * plane.resultSize * bytes),
    positions: form === "poolMax" ? operandAt(2, from * plane.resultSize * 4) : 0,
    ...windowArguments(plane),
  };
  const layout = new ScratchLayout();
  const calls =
    chunk === undefined
      ? [callOf(library.functions[form], windows)]
      : laneCalls(form, plane, windows, chunk, library, layout);
  return {
    scratchBytes: layout.end,
    calls,
    split: (parts) =>
      splitSpan(to - from, parts).map((span) =>
        prepare(pool, { from: from + span.from, to: from + span.to }, library),
      ),
  };
}

/** The arguments that describe windows. */
export function windowArguments({ axes: [z, y, x] }: WindowPlane) {
  return {
    zData: z.data,
    zResult: z.result,
    zKernel: z.kernel,
    zStride: z.stride,
    zDilate: z.dilate,
    zPad: z.padLow,
    yData: y.data,
    yResult: y.result,
    yKernel: y.kernel,
    yStride: y.stride,
    yDilate: y.dilate,
    yPad: y.padLow,
    xData: x.data,
    xResult: x.result,
    xKernel: x.kernel,
    xStride: x.stride,
    xDilate: x.dilate,
    xPad: x.padLow,
  };
}

type PoolArguments = { readonly [P in (typeof poolParameters)[number]]: CallArgument };

/** Planes in lanes, and the table of where their elements go. */
function laneCalls(
  form: PoolForm,
  { dataSize, resultSize }: WindowPlane,
  windows: PoolArguments,
  chunk: number,
  { functions, element: { bytes } }: WindowLibrary,
  layout: ScratchLayout,
): readonly LibraryCall[] {
  const step = chunk * bytes;
  const count = form === "poolSumAdjoint" ? resultSize : dataSize;
  const table = { scratch: layout.reserve(4 * count) };
  const inOrder = { count3: 1, stride3: 0, count2: 1, stride2: 0, count1: 1, stride1: 0 };
  const places = { to: table, toStep: 4, start: 0, ...inOrder, count0: count, stride0: step };
  return [
    callOf(functions.fillOffsets, places),
    callOf(functions[`${form}Lanes`], {
      ...windows,
      chunk,
      dataElements: dataSize,
      resultElements: resultSize,
      table,
      dataPlace: { scratch: layout.reserve(dataSize * step) },
      resultPlace: { scratch: layout.reserve(resultSize * step) },
      positionPlace: { scratch: layout.reserve(form === "poolMax" ? resultSize * chunk * 4 : 0) },
    }),
  ];
}

/**
 * Bytes of a chunk that is in the second-level cache still when it is read again, and where that
 * matters less than that lanes are read at all.
 */
const chunkBytes = { wanted: 1 << 18, most: 1 << 19 };
/** Planes of a chunk at the most, and such that loops over elements of windows hardly count. */
const planesOfChunk = { most: 64, vectors: 4 };

/**
 * How many planes to lay out together, or undefined where they stay as they lie: where there are few,
 * or where a plane is so large that its rows fill vectors. Adjoints whose windows overlap have no
 * vectors along the rows, and are better off with a single vector of planes.
 */
function laneChunk(
  form: PoolForm,
  { axes, dataSize, resultSize }: WindowPlane,
  planes: number,
  { element: { bytes, lanes } }: WindowLibrary,
): number | undefined {
  const fitting = (size: number) =>
    Math.floor(size / ((dataSize + 2 * resultSize) * bytes) / lanes) * lanes;
  const overlap = form === "poolSumAdjoint" && axes.some(({ kernel, stride }) => kernel > stride);
  const wanted = fitting(chunkBytes.wanted);
  const isWide = wanted >= planesOfChunk.vectors * lanes;
  const most = Math.min(planesOfChunk.most, isWide ? wanted : fitting(chunkBytes.most));
  if (planes < lanes || most < lanes || !(isWide || overlap)) return undefined;
  return Math.ceil(planes / Math.ceil(planes / most) / lanes) * lanes;
}

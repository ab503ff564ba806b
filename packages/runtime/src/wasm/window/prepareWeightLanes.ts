import { callOf, operandAt } from "../libraryCall.js";
import { ScratchLayout } from "../scratchLayout.js";
import { type ConvolutionSizes, dataAxes, eachAxis, planeStrides } from "./convolutionSizes.js";
import { groupCells } from "./convolutionTiles.js";
import type { ImageLayout } from "./imageLayout.js";
import {
  cellArguments,
  cellsOf,
  chunkOf,
  placeArguments,
  placesOf,
  planesOf,
  tapArguments,
  volume,
} from "./lanePlanes.js";
import { insideCalls } from "./prepareInside.js";
import type { WeightPart } from "./weightPart.js";
import { panelStep, tileSumBytes } from "./weightTiles.js";
import type { WindowLibrary } from "./windowModule.js";

/**
 * In multiply-adds of vectors, about: a row that is copied, an element that is copied by its phase,
 * one that is laid out as a lane, and an image.
 */
const costs = { row: 8, phase: 2, element: 6, image: 150 };

/** Images to lay out together as lanes, or undefined where that does not pay. */
export function weightChunk(
  sizes: ConvolutionSizes,
  image: ImageLayout,
  library: WindowLibrary,
): number | undefined {
  const { batch, channels, filters, plane } = sizes;
  const { bytes, lanes } = library.element;
  const width = groupCells(library);
  const [z, y, x] = image.axes;
  const windows = dataAxes(plane);
  const head = filters * plane.resultSize;
  const source = channels * volume(planesOf([windows]).length) * bytes;
  // Heads are laid out, then packed. Each tile's rows meet all windows.
  const sized = { cached: source / 2, all: source + 2 * head * bytes };
  const chunk = chunkOf(batch, sized, width);
  if (chunk === undefined) return undefined;
  const [products, cells] = [filters * channels * plane.kernelSize, cellsOf(windows)];
  const vectors = (z.cells * y.cells * Math.ceil(x.cells / width) * width) / lanes;
  const row = costs.row + (image.phases > 1 ? costs.phase * x.length : x.length / lanes);
  const copied = image.copied ? channels * z.length * y.length * row : 0;
  const used = (Math.ceil(batch / chunk) * chunk) / batch / lanes;
  const laidOut = (channels * plane.dataSize + head) * costs.element * used;
  return products * cells * used + laidOut < products * vectors + copied + costs.image
    ? chunk
    : undefined;
}

/** Sums over the cells of some images at a time, an image in each lane. */
export function weightLaneCalls(
  { sizes, chunk = 0, channels, filters }: WeightPart,
  library: WindowLibrary,
) {
  const { batch, groups, plane } = sizes;
  const { functions, element, shape } = library;
  const { bytes } = element;
  const [planes, rows] = [channels.to - channels.from, filters.to - filters.from];
  const step = chunk * bytes;
  const windows = dataAxes(plane);
  const layout = new ScratchLayout();
  const around = planesOf([windows]);
  const places = placesOf(around, step);
  const [elements, headElements] = [planes * plane.dataSize, rows * plane.resultSize];
  const lanes = planes * plane.kernelSize;
  const out = planeStrides(eachAxis(plane, "result"), bytes);
  const width = groupCells(library);
  const cells = cellArguments(windows, places, out, { chunk, bytes, width, tile: 1 });
  const tables = {
    data: { scratch: layout.reserve(4 * elements) },
    heads: { scratch: layout.reserve(4 * headElements) },
    lanes: { scratch: layout.reserve(4 * lanes) },
    groups: { scratch: layout.reserve(cells.tableBytes) },
  };
  const stagedBytes = planes * places.plane;
  const staged = { scratch: layout.reserve(stagedBytes) };
  const heads = { scratch: layout.reserve(headElements * step) };
  const panelBytes = Math.ceil(rows / shape.rows) * cells.count * panelStep(library);
  const panels = { scratch: layout.reserve(panelBytes) };
  const sums = { scratch: layout.reserve(tileSumBytes(library)) };
  const [dataItem, headRow] = [sizes.channels * plane.dataSize * bytes, plane.resultSize * bytes];
  const weightRow = sizes.channels * plane.kernelSize * bytes;
  const call = callOf(functions.convolveWeightLanes, {
    images: batch,
    chunk,
    groups,
    source: operandAt(0, channels.from * plane.dataSize * bytes),
    sourceImage: groups * dataItem,
    sourceGroup: dataItem,
    elements,
    table: tables.data,
    staged,
    stagedBytes,
    head: operandAt(1, filters.from * headRow),
    headImage: groups * sizes.filters * headRow,
    headGroup: sizes.filters * headRow,
    headElements,
    headTable: tables.heads,
    heads,
    headBytes: headElements * step,
    headRow: headRow * chunk,
    groupCount: cells.count,
    result: operandAt(2, filters.from * weightRow + channels.from * plane.kernelSize * bytes),
    resultGroup: sizes.filters * weightRow,
    resultRow: weightRow,
    rows,
    lanes,
    groupTable: tables.groups,
    laneTable: tables.lanes,
    panels,
    sums,
  });
  const { fillOffsets, fillGroups } = functions;
  const inOrder = { count3: 1, stride3: 0, count2: 1, stride2: 0, count1: 1, stride1: 0 };
  const headPlaces = { toStep: 4, start: 0, ...inOrder, count0: headElements, stride0: step };
  const inside = { sizes, images: { from: 0, to: batch }, filters, channels };
  const calls = [
    callOf(fillOffsets, { to: tables.data, ...placeArguments(around, places, planes) }),
    callOf(fillOffsets, { to: tables.heads, ...headPlaces }),
    callOf(fillOffsets, { to: tables.lanes, ...tapArguments(windows, places, planes) }),
    callOf(fillGroups, { to: tables.groups, ...cells.fields }),
    call,
    ...insideCalls("convolveWeightInside", [windows], inside, library),
  ];
  return { calls, scratchBytes: layout.end };
}

import { blocking } from "../contract/kernelShape.js";
import type { PreparedKernel } from "../libraryCall.js";
import { type Span, splitSpan } from "../spans.js";
import { spillBytes } from "../contract/scratch.js";
import { tileColumns } from "../contract/tile.js";
import { type ConvolutionSizes, eachAxis } from "./convolutionSizes.js";
import { leftBytes, multiplyPacked, rightBytes } from "./packedProduct.js";
import type { PaddedImage } from "./paddedImage.js";
import { paddedData } from "./prepareImageProduct.js";
import { type Recorder, recorderOf, standIns } from "./recordCalls.js";
import { ScratchLayout } from "../scratchLayout.js";
import type { WindowLibraries } from "./windowLibraries.js";
import {
  cellTable,
  columnBlocks,
  fillTable,
  lengthOf,
  longest,
  stepBlocks,
  type Table,
} from "./windowTables.js";

/**
 * For each group, the sum over images of head (filters, cells of the result) times windows over data (cells of the
 * result, kernel positions). Small images are taken several at a time, one after another as if they were one.
 */
interface WeightProduct {
  readonly sizes: ConvolutionSizes;
  readonly image: PaddedImage;
  readonly together: number;
  readonly lanes: Table;
  /** Its first index runs over the images that are taken together. */
  readonly steps: Table;
  /** The lanes that are computed. */
  readonly columns: Span;
}

/** Addresses: data, head, weight. */
export function prepareConvolveWeight(
  sizes: ConvolutionSizes,
  libraries: WindowLibraries,
): PreparedKernel {
  const { batch, groups, channels, plane } = sizes;
  const image = paddedData(plane, libraries.contract.element.bytes);
  const fitting = Math.floor(blocking.depth / Math.max(1, plane.resultSize));
  const together = Math.max(1, Math.min(batch, fitting));
  const taps = [channels, image.plane] as const;
  const lanes = cellTable(image, eachAxis(plane, "kernel"), eachAxis(plane, "dilate"), taps);
  const imageStride = image.copied ? channels * image.plane : groups * channels * image.plane;
  const steps = cellTable(image, eachAxis(plane, "result"), eachAxis(plane, "stride"), [
    together,
    imageStride,
  ]);
  const columns = { from: 0, to: lengthOf(lanes) };
  return prepare({ sizes, image, together, lanes, steps, columns }, libraries);
}

interface WeightScratch {
  readonly spill: number;
  readonly lanes: number;
  readonly steps: number;
  readonly images: number;
  readonly heads: number;
  readonly left: number;
  readonly right: number;
}

function weightScratch(product: WeightProduct, { contract }: WindowLibraries) {
  const { sizes, image, together, lanes, steps, columns } = product;
  const { filters, channels } = sizes;
  const depth = longest(stepBlocks(lengthOf(steps)));
  const width = longest(columnBlocks(columns));
  const layout = new ScratchLayout();
  const headBytes = filters * lengthOf(steps) * contract.element.bytes;
  const places: WeightScratch = {
    spill: layout.reserve(spillBytes),
    lanes: layout.reserve(4 * lengthOf(lanes)),
    steps: layout.reserve(4 * lengthOf(steps)),
    images: layout.reserve(image.copied ? together * channels * image.plane : 0),
    heads: layout.reserve(together > 1 ? headBytes : 0),
    left: layout.reserve(leftBytes(contract, filters, depth)),
    right: layout.reserve(rightBytes(contract, width, depth)),
  };
  return { places, end: layout.end };
}

function prepare(product: WeightProduct, libraries: WindowLibraries): PreparedKernel {
  const { columns } = product;
  const { places, end } = weightScratch(product, libraries);
  const recorder = recorderOf(libraries);
  const { first: data, second: head, third: weight, scratch } = standIns;
  run(product, { libraries, recorder }, places, { data, head, weight, scratch });
  return {
    scratchBytes: end,
    calls: recorder.calls,
    split(parts) {
      const width = tileColumns(libraries.contract);
      return splitSpan(columns.to - columns.from, parts, width).map(({ from, to }) => {
        const part = { from: columns.from + from, to: columns.from + to };
        return prepare({ ...product, columns: part }, libraries);
      });
    },
  };
}

interface Addresses {
  readonly data: number;
  readonly head: number;
  readonly weight: number;
  readonly scratch: number;
}

interface Recording {
  readonly libraries: WindowLibraries;
  readonly recorder: Recorder;
}

function run(
  product: WeightProduct,
  recording: Recording,
  places: WeightScratch,
  { data, head, weight, scratch }: Addresses,
): void {
  const { sizes, image, together, lanes, steps } = product;
  const { batch, groups, channels, filters, plane } = sizes;
  const { bytes } = recording.libraries.contract.element;
  const exports = recording.recorder.window;
  fillTable(exports, scratch + places.lanes, lanes);
  fillTable(exports, scratch + places.steps, steps);
  if (image.copied) exports.clear(scratch + places.images, together * channels * image.plane);
  for (let group = 0; group < groups; group++) {
    const result = weight + group * filters * lengthOf(lanes) * bytes;
    if (batch * plane.resultSize === 0) clearWeights(product, recording, result);
    for (let first = 0; first < batch; first += together) {
      const count = Math.min(together, batch - first);
      const item = first * groups + group;
      const own = { item, count, data, head, scratch };
      const windows = imagesOf(product, recording, places, own);
      const heads = headsOf(product, recording, places, own);
      for (const block of stepBlocks(count * plane.resultSize)) {
        const accumulate = first > 0 || block.from > 0;
        const of = { windows, heads, result, scratch, accumulate, steps: count * plane.resultSize };
        addBlock(product, recording, places, block, of);
      }
    }
  }
}

function clearWeights(
  { sizes, lanes, columns }: WeightProduct,
  { libraries, recorder }: Recording,
  result: number,
): void {
  const { bytes } = libraries.contract.element;
  for (let row = 0; row < sizes.filters; row++) {
    const first = result + (row * lengthOf(lanes) + columns.from) * bytes;
    recorder.window.clear(first, (columns.to - columns.from) * bytes);
  }
}

/** Images that are taken together; `item` counts images and groups. */
interface Images {
  readonly item: number;
  readonly count: number;
  readonly data: number;
  readonly head: number;
  readonly scratch: number;
}

/** The address of padded images of one group. */
function imagesOf(
  { sizes, image }: WeightProduct,
  { recorder }: Recording,
  places: WeightScratch,
  { item, count, data, scratch }: Images,
): number {
  const { groups, channels } = sizes;
  const source = channels * image.sourcePlane;
  if (!image.copied) return data + item * source;
  const to = scratch + places.images;
  for (let i = 0; i < count; i++) {
    const from = data + (item + i * groups) * source;
    image.fill(recorder.window, channels, from, to + i * channels * image.plane);
  }
  return to;
}

/** The address of heads of one group, (filters, images, cells). */
function headsOf(
  { sizes, together }: WeightProduct,
  { libraries, recorder }: Recording,
  places: WeightScratch,
  { item, count, head, scratch }: Images,
): number {
  const { groups, filters, plane } = sizes;
  const { bytes } = libraries.contract.element;
  const cells = plane.resultSize * bytes;
  const from = head + item * filters * cells;
  if (together === 1) return from;
  const to = scratch + places.heads;
  const eachFilter = [filters, cells, count * cells] as const;
  const eachImage = [count, groups * filters * cells, cells] as const;
  const eachCell = [plane.resultSize, bytes, bytes] as const;
  recorder.window.spread(from, to, 1, 0, 0, ...eachFilter, ...eachImage, ...eachCell);
  return to;
}

interface BlockAddresses {
  readonly windows: number;
  readonly heads: number;
  /** In a row of heads. */
  readonly steps: number;
  readonly result: number;
  readonly scratch: number;
  readonly accumulate: boolean;
}

function addBlock(
  { sizes, lanes, columns }: WeightProduct,
  { libraries, recorder }: Recording,
  places: WeightScratch,
  block: Span,
  { windows, heads, steps, result, scratch, accumulate }: BlockAddresses,
): void {
  const { bytes } = libraries.contract.element;
  const rows = sizes.filters;
  const depth = block.to - block.from;
  const [left, right] = [scratch + places.left, scratch + places.right];
  recorder.contract.packLeft(heads + block.from * bytes, steps * bytes, bytes, rows, depth, left);
  const stepOffsets = scratch + places.steps + 4 * block.from;
  for (const { from, to } of columnBlocks(columns)) {
    const laneOffsets = scratch + places.lanes + 4 * from;
    recorder.window.packWindows(windows, laneOffsets, stepOffsets, to - from, depth, right);
    multiplyPacked(libraries.contract, recorder, {
      rows,
      columns: to - from,
      steps: depth,
      left,
      right,
      result: result + from * bytes,
      resultRow: lengthOf(lanes) * bytes,
      accumulate,
      spill: scratch + places.spill,
    });
  }
}

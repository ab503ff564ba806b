import type { Span } from "../spans.js";
import { spillBytes } from "../contract/scratch.js";
import { leftBytes, multiplyPacked, rightBytes } from "./packedProduct.js";
import type { PaddedImage } from "./paddedImage.js";
import { ScratchLayout } from "../scratchLayout.js";
import type { WindowLibraries } from "./windowLibraries.js";
import type { Recorder, WindowExports } from "./recordCalls.js";
import {
  columnBlocks,
  fillTable,
  lengthOf,
  longest,
  stepBlocks,
  type Table,
} from "./windowTables.js";

/** Which part of a convolution from images to images is done, sizes of one group. */
export interface ImagePart {
  readonly groups: number;
  readonly images: Span;
  /** Planes that are read and written, and those of the latter that are computed. */
  readonly planes: number;
  readonly resultPlanes: number;
  readonly rows: Span;
  /** Bytes of a plane that is written, and of the weights of a group. */
  readonly resultPlane: number;
  readonly weights: number;
}

/** For each image and group, weights (rows, steps) times windows (steps, lanes) over padded planes. */
export interface ImageProduct {
  readonly image: PaddedImage;
  readonly lanes: Table;
  /** Its first index runs over planes. */
  readonly steps: Table;
  /** How weights are brought to rows of adjacent steps, for the rows of a part; null where they are. */
  readonly arrange: ((exports: WindowExports, rows: Span, from: number, to: number) => void) | null;
  /** How one plane of results is brought to its place; null where results are written there. */
  readonly place:
    | ((exports: WindowExports, planes: number, from: number, to: number) => void)
    | null;
}

/** Where things lie in scratch memory. */
export interface ImageScratch {
  readonly spill: number;
  readonly lanes: number;
  readonly steps: number;
  readonly image: number;
  readonly arranged: number;
  readonly left: number;
  readonly right: number;
  readonly placed: number;
  readonly end: number;
}

/** Images whose results wait in scratch memory at a time. */
const imagesAtATime = 8;

export function imageScratch(
  { lanes, steps, image, arrange, place }: ImageProduct,
  { rows, images }: ImagePart,
  { contract }: WindowLibraries,
): ImageScratch {
  const { bytes } = contract.element;
  const layout = new ScratchLayout();
  const [count, columns] = [rows.to - rows.from, lengthOf(lanes)];
  const blocks = stepBlocks(lengthOf(steps));
  const depth = longest(blocks);
  const width = longest(columnBlocks({ from: 0, to: columns }));
  const planes = longest(blocks.map((block) => planesOf(steps, block)));
  const waiting = Math.min(imagesAtATime, images.to - images.from);
  const places = {
    spill: layout.reserve(spillBytes),
    lanes: layout.reserve(4 * columns),
    steps: layout.reserve(4 * lengthOf(steps)),
    image: layout.reserve(image.copied ? planes * image.plane : 0),
    arranged: layout.reserve(arrange === null ? 0 : count * lengthOf(steps) * bytes),
    left: layout.reserve(leftBytes(contract, count, depth)),
    right: layout.reserve(rightBytes(contract, width, depth)),
    placed: layout.reserve(place === null ? 0 : waiting * count * columns * bytes),
  };
  return { ...places, end: layout.end };
}

/** The planes that some steps meet. */
function planesOf(steps: Table, { from, to }: Span): Span {
  const taps = lengthOf(steps) / steps[0][0];
  return { from: Math.floor(from / taps), to: Math.ceil(to / taps) };
}

/** What a run works on: addresses, that of scratch memory added to all places in it. */
export interface ImageRun {
  readonly product: ImageProduct;
  readonly part: ImagePart;
  readonly libraries: WindowLibraries;
  readonly recorder: Recorder;
  readonly places: ImageScratch;
  readonly source: number;
  readonly weight: number;
  readonly result: number;
}

/**
 * Block by block of the steps: the weights of a block stay in the second-level cache while all images are multiplied
 * with them, and of each image only the planes of the block are padded.
 */
export function runImageProduct(run: ImageRun): void {
  const { product, part, places } = run;
  const exports = run.recorder.window;
  const { image, steps, lanes } = product;
  const blocks = stepBlocks(lengthOf(steps));
  fillTable(exports, places.lanes, lanes);
  fillTable(exports, places.steps, steps);
  if (image.copied) {
    exports.clear(places.image, longest(blocks.map((of) => planesOf(steps, of))) * image.plane);
  }
  const { from, to } = part.images;
  const together = product.place === null ? Math.max(1, to - from) : imagesAtATime;
  for (let group = 0; group < part.groups; group++) {
    const weights = arrangeWeights(run, group);
    for (let first = from; first < to; first += together) {
      const images = { from: first, to: Math.min(to, first + together) };
      for (const block of blocks) {
        packWeights(run, weights, block);
        for (let item = images.from; item < images.to; item++) {
          multiplyImage(run, block, item * part.groups + group, item - first);
        }
      }
      placeResults(run, group, images);
    }
  }
}

/** The address of the first row of weights of this part. */
function arrangeWeights(
  { product, part, libraries, recorder, places, weight }: ImageRun,
  group: number,
) {
  const from = weight + group * part.weights;
  const row = lengthOf(product.steps) * libraries.contract.element.bytes;
  if (product.arrange === null) return from + part.rows.from * row;
  product.arrange(recorder.window, part.rows, from, places.arranged);
  return places.arranged;
}

function packWeights(
  { product, part, libraries, recorder, places }: ImageRun,
  weights: number,
  { from, to }: Span,
): void {
  const { contract } = libraries;
  const { bytes } = contract.element;
  const row = lengthOf(product.steps) * bytes;
  const rows = part.rows.to - part.rows.from;
  recorder.contract.packLeft(weights + from * bytes, row, bytes, rows, to - from, places.left);
}

/** One block of one image; `item` counts images and groups, `waiting` those whose results are not in place yet. */
function multiplyImage(run: ImageRun, block: Span, item: number, waiting: number): void {
  const { product, part, libraries, places } = run;
  const { bytes } = libraries.contract.element;
  const { rows } = part;
  const count = rows.to - rows.from;
  const columns = lengthOf(product.lanes);
  const windows = imageOf(run, block, item);
  const steps = block.to - block.from;
  const resultRow = product.place === null ? part.resultPlane : columns * bytes;
  const result =
    product.place === null ? resultOf(run, item) : places.placed + waiting * count * resultRow;
  for (const { from, to } of columnBlocks({ from: 0, to: columns })) {
    const stepOffsets = places.steps + 4 * block.from;
    const { packWindows } = run.recorder.window;
    packWindows(windows, places.lanes + 4 * from, stepOffsets, to - from, steps, places.right);
    multiplyPacked(libraries.contract, run.recorder, {
      rows: count,
      columns: to - from,
      steps,
      left: places.left,
      right: places.right,
      spill: places.spill,
      result: result + from * bytes,
      resultRow,
      accumulate: block.from > 0,
    });
  }
}

/** The address that offsets of steps count from, once the planes of a block are there. */
function imageOf({ product, part, recorder, places, source }: ImageRun, block: Span, item: number) {
  const { image, steps } = product;
  const from = source + item * part.planes * image.sourcePlane;
  if (!image.copied) return from;
  const planes = planesOf(steps, block);
  const first = from + planes.from * image.sourcePlane;
  image.fill(recorder.window, planes.to - planes.from, first, places.image);
  return places.image - planes.from * image.plane;
}

/** The first plane of the part's results. */
function resultOf({ part, result }: ImageRun, item: number): number {
  return result + (item * part.resultPlanes + part.rows.from) * part.resultPlane;
}

function placeResults(run: ImageRun, group: number, { from, to }: Span): void {
  const { product, part, libraries, recorder, places } = run;
  if (product.place === null) return;
  const rows = part.rows.to - part.rows.from;
  const bytes = rows * lengthOf(product.lanes) * libraries.contract.element.bytes;
  for (let item = from; item < to; item++) {
    const plane = places.placed + (item - from) * bytes;
    const target = resultOf(run, item * part.groups + group);
    product.place(recorder.window, rows, plane, target);
  }
}

import type { WindowPlane } from "../../kernels/windowTaps.js";
import type { PreparedKernel } from "../libraryCall.js";
import { type Span, splitSpan } from "../spans.js";
import { type ConvolutionSizes, eachAxis } from "./convolutionSizes.js";
import {
  type ImagePart,
  type ImageProduct,
  type ImageScratch,
  imageScratch,
  runImageProduct,
} from "./imageProduct.js";
import { type PaddedAxis, type PaddedImage, paddedImage } from "./paddedImage.js";
import { type Recorder, recorderOf, standIns } from "./recordCalls.js";
import { type ResidueClass, residueClasses } from "./residueClasses.js";
import type { WindowLibraries } from "./windowLibraries.js";
import { cellTable, lengthOf } from "./windowTables.js";

/** Data with its padding, as far as windows reach. */
export function paddedData({ axes }: WindowPlane, bytes: number): PaddedImage {
  const padded = (axis: WindowPlane["axes"][0]): PaddedAxis => {
    const { data, result, kernel, stride, dilate, padLow } = axis;
    const length = Math.max(0, (result - 1) * stride + (kernel - 1) * dilate + 1);
    return { length, start: padLow, available: data };
  };
  const [z, y, x] = axes;
  return paddedImage([padded(z), padded(y), padded(x)], bytes);
}

/** result = weights times windows over data. Addresses: data, weight, result. */
export function prepareConvolve(
  sizes: ConvolutionSizes,
  libraries: WindowLibraries,
): PreparedKernel {
  const { batch, groups, channels, filters, plane } = sizes;
  const { bytes } = libraries.contract.element;
  const image = paddedData(plane, bytes);
  const lanes = cellTable(image, eachAxis(plane, "result"), eachAxis(plane, "stride"));
  const taps = [channels, image.plane] as const;
  const steps = cellTable(image, eachAxis(plane, "kernel"), eachAxis(plane, "dilate"), taps);
  const part: ImagePart = {
    groups,
    images: { from: 0, to: batch },
    planes: channels,
    resultPlanes: filters,
    rows: { from: 0, to: filters },
    resultPlane: plane.resultSize * bytes,
    weights: weightBytes(sizes, bytes),
  };
  const product = { image, lanes, steps, arrange: null, place: null };
  return prepare([product], part, libraries);
}

/**
 * data = for each class of cells, weights with filters and channels exchanged times windows over the head. Addresses:
 * head, weight, data.
 */
export function prepareConvolveData(
  sizes: ConvolutionSizes,
  libraries: WindowLibraries,
): PreparedKernel {
  const { batch, groups, channels, filters, plane } = sizes;
  const { bytes } = libraries.contract.element;
  const [z, y, x] = plane.axes;
  const products = residueClasses(z).flatMap((of) =>
    residueClasses(y).flatMap((row) =>
      residueClasses(x).map((column) => classProduct(sizes, [of, row, column], bytes)),
    ),
  );
  const part: ImagePart = {
    groups,
    images: { from: 0, to: batch },
    planes: filters,
    resultPlanes: channels,
    rows: { from: 0, to: channels },
    resultPlane: plane.dataSize * bytes,
    weights: weightBytes(sizes, bytes),
  };
  return prepare(products, part, libraries);
}

type Classes = readonly [ResidueClass, ResidueClass, ResidueClass];

/** The data cells of one class along each axis. */
function classProduct(
  { channels, filters, plane }: ConvolutionSizes,
  classes: Classes,
  bytes: number,
): ImageProduct {
  const [z, y, x] = classes;
  const [zHead, yHead, xHead] = eachAxis(plane, "result");
  const axis = ({ start, length }: ResidueClass, available: number) => ({
    start,
    length,
    available,
  });
  const image = paddedImage([axis(z, zHead), axis(y, yHead), axis(x, xHead)], bytes);
  const dilate = [z.dilate, y.dilate, x.dilate] as const;
  const taps = [z.taps, y.taps, x.taps] as const;
  return {
    image,
    lanes: cellTable(image, [z.count, y.count, x.count], [1, 1, 1]),
    steps: cellTable(image, taps, dilate, [filters, image.plane]),
    arrange: arrangement(plane, classes, channels, filters, bytes),
    place: plane.axes.every(({ stride }) => stride === 1) ? null : placement(plane, classes, bytes),
  };
}

/** Exchanges filters and channels and reverses the kernel positions of a class. */
function arrangement(
  plane: WindowPlane,
  [z, y, x]: Classes,
  channels: number,
  filters: number,
  bytes: number,
): ImageProduct["arrange"] {
  const [, yKernel, xKernel] = eachAxis(plane, "kernel");
  const strides = [yKernel * xKernel * bytes, xKernel * bytes, bytes] as const;
  const last = ({ tapFirst, tapStep, taps }: ResidueClass) => tapFirst + (taps - 1) * tapStep;
  const corner = last(z) * strides[0] + last(y) * strides[1] + last(x) * strides[2];
  const kernelBytes = plane.kernelSize * bytes;
  const [to1, to2] = [x.taps * bytes, y.taps * x.taps * bytes];
  const taken = z.taps * to2;
  return ({ spread }, rows, from, to) => {
    const eachFilter = [filters, channels * kernelBytes, taken] as const;
    const depth = [z.taps, -z.tapStep * strides[0], to2] as const;
    const height = [y.taps, -y.tapStep * strides[1], to1] as const;
    const width = [x.taps, -x.tapStep * strides[2], bytes] as const;
    for (let row = rows.from; row < rows.to; row++) {
      const kernel = from + row * kernelBytes + corner;
      const place = to + (row - rows.from) * filters * taken;
      spread(kernel, place, ...eachFilter, ...depth, ...height, ...width);
    }
  };
}

/** Brings the cells of a class to their places among the others. */
function placement(
  plane: WindowPlane,
  [z, y, x]: Classes,
  bytes: number,
): NonNullable<ImageProduct["place"]> {
  const [, yData, xData] = eachAxis(plane, "data");
  const [zStride, yStride, xStride] = eachAxis(plane, "stride");
  const strides = [yData * xData * bytes, xData * bytes, bytes] as const;
  const corner = z.first * strides[0] + y.first * strides[1] + x.first * strides[2];
  const from1 = x.count * bytes;
  const from2 = y.count * from1;
  return ({ spread }, planes, from, to) => {
    const each = [planes, z.count * from2, plane.dataSize * bytes] as const;
    const depth = [z.count, from2, zStride * strides[0]] as const;
    const height = [y.count, from1, yStride * strides[1]] as const;
    spread(from, to + corner, ...each, ...depth, ...height, x.count, bytes, xStride * bytes);
  };
}

function weightBytes({ channels, filters, plane }: ConvolutionSizes, bytes: number): number {
  return channels * filters * plane.kernelSize * bytes;
}

/** One product after another; results that none of them computes are zero. */
function prepare(
  products: readonly ImageProduct[],
  part: ImagePart,
  libraries: WindowLibraries,
): PreparedKernel {
  const { images, rows } = part;
  const needed = products.filter(({ steps }) => lengthOf(steps) > 0);
  const parts = needed.map((product) => ({
    product,
    places: imageScratch(product, part, libraries),
  }));
  const recorder = recorderOf(libraries);
  const { first: source, second: weight, third: result, scratch } = standIns;
  if (needed.length < products.length) clearResults(part, recorder, result);
  for (const { product, places } of parts) {
    const own = { libraries, recorder, places: movePlaces(places, scratch) };
    runImageProduct({ product, part, ...own, source, weight, result });
  }
  return {
    scratchBytes: Math.max(0, ...parts.map(({ places }) => places.end)),
    calls: recorder.calls,
    split(count) {
      const enough = images.to - images.from >= count;
      const spans = enough
        ? splitSpan(images.to - images.from, count)
        : splitSpan(rows.to - rows.from, count, libraries.contract.shape.rows);
      return spans.map((span) => {
        const own = enough ? { images: move(images, span) } : { rows: move(rows, span) };
        return prepare(products, { ...part, ...own }, libraries);
      });
    },
  };
}

function move(whole: Span, { from, to }: Span): Span {
  return { from: whole.from + from, to: whole.from + to };
}

function movePlaces(places: ImageScratch, by: number): ImageScratch {
  return {
    spill: places.spill + by,
    lanes: places.lanes + by,
    steps: places.steps + by,
    image: places.image + by,
    arranged: places.arranged + by,
    left: places.left + by,
    right: places.right + by,
    placed: places.placed + by,
    end: places.end + by,
  };
}

function clearResults(
  { groups, images, resultPlanes, rows, resultPlane }: ImagePart,
  { window }: Recorder,
  result: number,
): void {
  for (let item = images.from * groups; item < images.to * groups; item++) {
    const first = result + (item * resultPlanes + rows.from) * resultPlane;
    window.clear(first, (rows.to - rows.from) * resultPlane);
  }
}

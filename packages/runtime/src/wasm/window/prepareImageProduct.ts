import { blocking } from "../contract/kernelShape.js";
import { leftPanelSlack } from "../contract/scratch.js";
import { callOf, type LibraryCall, operandAt, type PreparedKernel } from "../libraryCall.js";
import { ScratchLayout } from "../scratchLayout.js";
import { splitSpan } from "../spans.js";
import { type ConvolutionSizes, dataAxes, eachAxis, planeStrides } from "./convolutionSizes.js";
import { groupCells, groupsOfTile } from "./convolutionTiles.js";
import {
  groupCount,
  groupTable,
  type ImageAxis,
  type ImageLayout,
  imageLayout,
  paddingArguments,
  singleImage,
  tapsOf,
  tapTable,
} from "./imageLayout.js";
import {
  type AxesProduct,
  type ImagePart,
  insidePart,
  move,
  weightArguments,
  weightsOf,
} from "./imageProduct.js";
import { insideCalls } from "./prepareInside.js";
import { lanePlan, prepareLanes } from "./prepareLanes.js";
import { type ResidueClass, residueClasses } from "./residueClasses.js";
import { type PieceCosts, trimAxis } from "./trimAxis.js";
import type { WindowLibrary } from "./windowModule.js";

/** result = weights times windows over data. Operands: data, weight, result. */
export function prepareConvolve(sizes: ConvolutionSizes, library: WindowLibrary): PreparedKernel {
  const { batch, channels, filters, plane } = sizes;
  const { bytes } = library.element;
  const [, yKernel, xKernel] = eachAxis(plane, "kernel");
  const row = channels * plane.kernelSize;
  const cells = planeStrides(eachAxis(plane, "result"), bytes);
  const product: AxesProduct = {
    axes: dataAxes(plane),
    weights: {
      offset: 0,
      group: filters * row,
      row,
      inner: [plane.kernelSize, yKernel * xKernel, xKernel, 1],
      plain: true,
    },
    corner: 0,
    cells,
  };
  const part: ImagePart = {
    form: "convolveInside",
    sizes,
    images: { from: 0, to: batch },
    planes: channels,
    resultPlanes: filters,
    resultPlane: plane.resultSize * bytes,
    rows: { from: 0, to: filters },
  };
  return prepareProducts([product], part, library);
}

/** By whichever way is cheaper. */
function prepareProducts(
  products: readonly AxesProduct[],
  part: ImagePart,
  library: WindowLibrary,
): PreparedKernel {
  const planes = products.flatMap((product) => trimmed(product, part, library));
  const lanes = lanePlan(products, part, library);
  const cost = planes.reduce((sum, product) => sum + costOf(product, part, library), 0);
  if (lanes !== undefined && lanes.cost < cost) return prepareLanes(lanes, part, library);
  return prepare(planes, part, library);
}

/** Of an image of a group, in multiply-adds of vectors, about. */
function costOf(
  { image, cells }: ImageProduct,
  { planes, rows }: ImagePart,
  library: WindowLibrary,
): number {
  const [z, y, x] = image.axes;
  const { lanes } = library.element;
  const width = groupCells(library);
  const lines = z.cells * y.cells;
  const vectors = (Math.ceil(x.cells / width) * width) / lanes;
  const count = rows.to - rows.from;
  const copied =
    z.length * y.length * (copyCosts.row + (image.phases > 1 ? 2 * x.length : x.length / lanes));
  const adjacent = x.cells % width === 0 && cells[2] === library.element.bytes;
  const stored = adjacent ? 1 : storeCosts;
  return (
    lines * vectors * count * (planes * tapsOf(image) + stored) +
    (image.copied ? planes * copied : 0) +
    copyCosts.piece
  );
}

/**
 * data = for each class of cells, weights with filters and channels exchanged times windows over
 * the head. Operands: head, weight, data.
 */
export function prepareConvolveData(
  sizes: ConvolutionSizes,
  library: WindowLibrary,
): PreparedKernel {
  const { batch, channels, filters, plane } = sizes;
  const [z, y, x] = plane.axes;
  const part: ImagePart = {
    form: "convolveDataInside",
    sizes,
    images: { from: 0, to: batch },
    planes: filters,
    resultPlanes: channels,
    resultPlane: plane.dataSize * library.element.bytes,
    rows: { from: 0, to: channels },
  };
  const products = residueClasses(z).flatMap((of) =>
    residueClasses(y).flatMap((row) =>
      residueClasses(x).map((column) => classProduct(sizes, [of, row, column], library)),
    ),
  );
  return prepareProducts(products, part, library);
}

/** A product with planes laid out. */
interface ImageProduct extends AxesProduct {
  readonly image: ImageLayout;
}

type Classes = readonly [ResidueClass, ResidueClass, ResidueClass];

/**
 * The data cells of one class along each axis; filters and channels exchanged, kernel positions
 * reversed.
 */
function classProduct(
  { channels, filters, plane }: ConvolutionSizes,
  [z, y, x]: Classes,
  library: WindowLibrary,
): AxesProduct {
  const { bytes } = library.element;
  const head = eachAxis(plane, "result");
  const axis = ({ start, length, count, taps, dilate }: ResidueClass, available: number) => ({
    length,
    start,
    available,
    cells: count,
    stride: 1,
    taps,
    dilate,
  });
  const axes = [axis(z, head[0]), axis(y, head[1]), axis(x, head[2])] as const;
  const [, yKernel, xKernel] = eachAxis(plane, "kernel");
  const last = ({ tapFirst, tapStep, taps }: ResidueClass) => tapFirst + (taps - 1) * tapStep;
  const [depth, height] = [yKernel * xKernel, xKernel];
  const data = eachAxis(plane, "data");
  const unit = planeStrides(data, bytes);
  return {
    axes,
    weights: {
      offset: last(z) * depth + last(y) * height + last(x),
      group: filters * channels * plane.kernelSize,
      row: plane.kernelSize,
      inner: [channels * plane.kernelSize, -z.tapStep * depth, -y.tapStep * height, -x.tapStep],
      plain: false,
    },
    corner: z.first * unit[0] + y.first * unit[1] + x.first * unit[2],
    cells: planeStrides(data, bytes, eachAxis(plane, "stride")),
  };
}

/**
 * In multiply-adds of vectors, about: a vector that is copied, a row that is, a weight that is packed,
 * and a piece for each image.
 */
const copyCosts = { vector: 1, row: 8, weight: 3, piece: 150 };
/** The same of a vector of results whose elements are stored one by one. */
const storeCosts = 4;

/**
 * A product without most of what its windows meet above and below the planes: one product for each
 * piece of the axes z and y.
 */
function trimmed(
  { axes: [z, y, x], weights, corner, cells }: AxesProduct,
  { planes, rows, images }: ImagePart,
  library: WindowLibrary,
): ImageProduct[] {
  const { bytes, lanes } = library.element;
  const vectors = Math.ceil(x.cells / lanes);
  const count = rows.to - rows.from;
  const row = planes * (copyCosts.row + vectors * copyCosts.vector);
  const tap = planes * x.taps * vectors * count;
  // Weights of a piece are packed once for all images.
  const weight = copyCosts.weight / (images.to - images.from);
  const piece = copyCosts.piece + weight * count * planes * x.taps * y.taps * z.taps;
  const of = (axis: ImageAxis, { taps, cells: others }: ImageAxis) =>
    trimAxis(axis, costsOf({ piece, row, tap }, taps, others));
  const group = groupCells(library);
  return of(z, y).flatMap((deep) =>
    of(y, deep.axis).map(
      (high): ImageProduct => ({
        axes: [deep.axis, high.axis, x],
        image: imageLayout([deep.axis, high.axis, x], bytes, group),
        weights: weightsOf(weights, [deep, high, { axis: x, firstCell: 0, firstTap: 0 }]),
        corner: corner + deep.firstCell * cells[0] + high.firstCell * cells[1],
        cells,
      }),
    ),
  );
}

/** Along one of two axes, the other of which has so many taps and cells. */
function costsOf({ piece, row, tap }: PieceCosts, taps: number, cells: number): PieceCosts {
  return { piece, row: row * (cells + taps), tap: tap * cells * taps };
}

/** One product after another; results that none of them computes are zero. */
function prepare(
  products: readonly ImageProduct[],
  part: ImagePart,
  library: WindowLibrary,
): PreparedKernel {
  const { images, rows, sizes } = part;
  const needed = products.filter(({ image }) => tapsOf(image) * part.planes > 0);
  const nothing = rows.to === rows.from || images.to === images.from || sizes.groups === 0;
  const prepared = nothing ? [] : needed.map((product) => productCalls(product, part, library));
  const cleared = !nothing && needed.length < products.length;
  return {
    scratchBytes: Math.max(0, ...prepared.map(({ scratchBytes }) => scratchBytes)),
    calls: [
      ...(cleared ? clearCalls(part, library) : []),
      ...prepared.flatMap(({ calls }) => calls),
      ...(nothing
        ? []
        : insideCalls(
            part.form,
            needed.map(({ axes }) => axes),
            insidePart(part),
            library,
          )),
    ],
    split(count) {
      const enough = images.to - images.from >= count;
      const spans = enough
        ? splitSpan(images.to - images.from, count)
        : splitSpan(rows.to - rows.from, count, library.shape.rows);
      return spans.map((span) => {
        const own = enough ? { images: move(images, span) } : { rows: move(rows, span) };
        return prepare(products, { ...part, ...own }, library);
      });
    },
    rows: (spans) =>
      spans.map((span) => prepare(products, { ...part, images: move(images, span) }, library)),
  };
}

function productCalls(
  { image, weights, corner, cells }: ImageProduct,
  part: ImagePart,
  library: WindowLibrary,
) {
  const { sizes, images, planes, resultPlanes, resultPlane, rows } = part;
  const { groups } = sizes;
  const { functions, element, shape } = library;
  const { bytes } = element;
  const count = rows.to - rows.from;
  const taps = tapsOf(image);
  const steps = planes * taps;
  const layout = new ScratchLayout();
  const cellGroups = groupCount(image, groupCells(library), groupsOfTile(library, count));
  const tables = { groups: layout.reserve(cellGroups.tableBytes), taps: layout.reserve(4 * steps) };
  const depth = Math.min(steps, blocking.depth);
  const panelRows = Math.ceil(count / shape.rows) * shape.rows;
  const panel = layout.reserve(panelRows * depth * bytes + leftPanelSlack);
  const blockPlanes = Math.min(planes, Math.floor((depth + taps - 2) / taps) + 1);
  const packed = weightArguments(weights, image.axes, part, library, layout);
  const call = callOf(functions.convolveImages, {
    images: images.to - images.from,
    groups,
    source: operandAt(0, images.from * groups * planes * image.sourcePlane),
    sourceImage: groups * planes * image.sourcePlane,
    sourceGroup: planes * image.sourcePlane,
    ...packed.place,
    result: operandAt(2, (images.from * groups * resultPlanes + rows.from) * resultPlane + corner),
    resultImage: groups * resultPlanes * resultPlane,
    resultGroup: resultPlanes * resultPlane,
    resultRow: resultPlane,
    cellStep: cells[2],
    rows: count,
    steps,
    taps,
    groupTable: { scratch: tables.groups },
    groupCount: cellGroups.all,
    offsets: { scratch: tables.taps },
    panel: { scratch: panel },
    blockPlanes,
    ...paddingArguments(image, blockPlanes, layout),
  });
  const width = groupCells(library);
  return {
    calls: [
      ...packed.calls,
      ...tapTable(functions, image, planes, tables.taps),
      groupTable(functions, image, singleImage, cells, width, cellGroups.spare, tables.groups),
      call,
    ],
    scratchBytes: layout.end,
  };
}

function clearCalls(
  { sizes: { groups }, images, resultPlanes, rows, resultPlane }: ImagePart,
  { functions }: WindowLibrary,
): readonly LibraryCall[] {
  const first = images.from * groups * resultPlanes + rows.from;
  const call = callOf(functions.clearRows, {
    to: operandAt(2, first * resultPlane),
    count: (images.to - images.from) * groups,
    step: resultPlanes * resultPlane,
    bytes: (rows.to - rows.from) * resultPlane,
  });
  return [call];
}

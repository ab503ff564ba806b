import { type Operand, tensorType, type Value } from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { add, div, mul, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { clipTo } from "../elementwise/clip.js";
import { greaterEqual, lesser, logicalAnd, notEqual } from "../elementwise/compare.js";
import { maximum } from "../elementwise/extremum.js";
import { fill } from "../elementwise/full.js";
import { stopGradient } from "../elementwise/identity.js";
import { ceil, floor, round } from "../elementwise/rounding.js";
import { select } from "../elementwise/where.js";
import { takeAt } from "../index/take.js";
import { takeAlong } from "../index/takeAlong.js";
import { argmaxOp } from "../reduce/argmax.js";
import { reshape } from "../view/reshape.js";
import { transposeAxes } from "../view/transpose.js";
import { eachSlice } from "./eachSlice.js";
import { imageShape } from "./imageArguments.js";
import {
  checkRegions,
  imagesOfRegions,
  isVoid,
  type RegionAttrs,
  type RegionDefaults,
  type RegionOptions,
  readRegionOptions,
  regionColumn,
} from "./regions.js";

/** Where the bins of regions lie along one axis of the images: from `start` to before `end`. */
interface Bins {
  /** (regions, bins), int32 within the image. */
  readonly start: Value;
  readonly end: Value;
}

/**
 * Both ends of a region are pixels that belong to it. A region of n pixels, at least one, falls into
 * bins from `floor(i n / bins)` to `ceil((i + 1) n / bins)`, cut to the image.
 */
function binsAlong(low: Value, high: Value, bins: number, length: number, scale: number): Bins {
  const [regions = 0] = low.type.shape;
  const first = round(mul(low, scale));
  const pixels = maximum(add(sub(round(mul(high, scale)), first), 1), 1);
  const size = reshape(div(pixels, bins), [regions, 1]);
  const offset = reshape(first, [regions, 1]);
  const within = (edge: Value) => castTo(clipTo(add(edge, offset), 0, length), "int32");
  return {
    start: within(floor(mul(size, iota(low, bins)))),
    end: within(ceil(mul(size, iota(low, bins, { start: 1 })))),
  };
}

/** Positions of the largest elements of bins along the last axis, at their first where all are -inf. */
function largest(x: Value, start: Value, end: Value): Value {
  const cells = iota(start, nth("ROIPooling", x.type.shape, x.type.shape.length - 1));
  const inside = logicalAnd(greaterEqual(cells, start), lesser(cells, end));
  const axis = x.type.shape.length - 1;
  const found = applyOne(argmaxOp, [select(inside, x, -Infinity)], {
    axes: [axis],
    keepdims: false,
  });
  const bins = start.type.shape.slice(0, -1);
  return maximum(castTo(found, "int32"), reshape(start, bins));
}

/**
 * Positions of the maxima of one region in the flattened image: first along each row within each
 * column of bins, then among the rows. Of equal ones that is the first, row by row.
 */
function maximaOf(image: Value, rows: Bins, columns: Bins): Value {
  const [channels = 0, height = 0, width = 0] = image.type.shape;
  const [down = 0] = rows.start.type.shape;
  const [across = 0] = columns.start.type.shape;
  const lines = reshape(image, [channels, height, 1, width]);
  const inRow = largest(
    lines,
    reshape(columns.start, [across, 1]),
    reshape(columns.end, [across, 1]),
  );
  const values = takeAlong(image, inRow, 2);
  const stacked = reshape(transposeAxes(values, [0, 2, 1]), [channels, 1, across, height]);
  const row = largest(stacked, reshape(rows.start, [down, 1, 1]), reshape(rows.end, [down, 1, 1]));
  const column = takeAlong(inRow, row, 1);
  return add(mul(row, width), column);
}

/** What the regions' bins hold: the flat positions of maxima in the data, and which bins are empty. */
function pooled(data: Value, rois: Value, attrs: RegionAttrs): Value {
  const { batch, channels, height, width } = imageShape("ROIPooling", data.type.shape);
  const { pooledHeight: down, pooledWidth: across, spatialScale } = attrs;
  const [regions = 0] = rois.type.shape;
  const column = (at: number) => regionColumn(rois, at);
  const columns = binsAlong(column(1), column(3), across, width, spatialScale);
  const rows = binsAlong(column(2), column(4), down, height, spatialScale);
  const { image, exists } = imagesOfRegions(rois, batch);
  const numbers = stopGradient(select(notEqual(data, data), -Infinity, data));
  const sliced = [image, rows.start, rows.end, columns.start, columns.end] as const;
  const positions = eachSlice("ROIPooling", sliced, [numbers], (slices, [all = data]) => {
    const [at, top, bottom, left, right] = [0, 1, 2, 3, 4].map((one) =>
      nth("ROIPooling", slices, one),
    );
    if (!at || !top || !bottom || !left || !right) throw new Error("ROIPooling: no slices");
    return maximaOf(takeAt(all, at, 0), { start: top, end: bottom }, { start: left, end: right });
  });
  const plane = add(
    reshape(mul(image, channels), [regions, 1, 1, 1]),
    reshape(iota(image, channels), [channels, 1, 1]),
  );
  const flat = reshape(data, [batch * channels * height * width]);
  const maxima = takeAt(flat, add(mul(plane, height * width), positions), 0);
  const filled = logicalAnd(
    logicalAnd(
      reshape(lesser(rows.start, rows.end), [regions, 1, down, 1]),
      reshape(lesser(columns.start, columns.end), [regions, 1, 1, across]),
    ),
    reshape(castTo(exists, "int32"), [regions, 1, 1, 1]),
  );
  return select(filled, maxima, 0);
}

export const roiPoolingOp = defineOp<RegionAttrs>({
  name: "ROIPooling",
  arity: 2,
  attrs: { pooledHeight: "int", pooledWidth: "int", spatialScale: "number" },
  infer(ins, { pooledHeight, pooledWidth }) {
    const { images, count } = checkRegions("ROIPooling", ins);
    const { dtype } = nth("ROIPooling", ins, 0);
    return [tensorType(dtype, [count, images.channels, pooledHeight, pooledWidth])];
  },
  compose(ins, attrs) {
    const [data, rois] = [nth("ROIPooling", ins, 0), nth("ROIPooling", ins, 1)];
    const images = imageShape("ROIPooling", data.type.shape);
    const [regions = 0] = rois.type.shape;
    const shape = [regions, images.channels, attrs.pooledHeight, attrs.pooledWidth];
    const empty = isVoid(images, [images.batch, ...shape]);
    return [empty ? fill(data, shape, 0) : pooled(data, rois, attrs)];
  },
  docs:
    "Maxima of `pooledHeight` by `pooledWidth` bins of regions (image, x1, y1, x2, y2), whose " +
    "corners are rounded to pixels; 0 for bins outside of the images. The gradient goes to the " +
    "first of equal pixels.",
});

/**
 * Maxima of bins of regions of images (Girshick 2015).
 *
 * @param data floating point, shape (batch, channels, height, width)
 * @param rois regions, shape (regions, 5), data's dtype: number of the image, x and y of the first
 *   corner, x and y of the last; times `spatialScale` and rounded (halves away from zero) both are
 *   pixels of the region
 * @returns shape (regions, channels, ...pooledSize): a region of n pixels along an axis falls into
 *   bins from `floor(i n / bins)` to `ceil((i + 1) n / bins)`
 * @throws ShapeError if data or rois have other axes; DTypeError if the dtypes differ;
 *   AttributeError without the options, or for a scale that is not 0 to 1
 * @derivative to the data the head gradient where a maximum was found first, row by row; none to
 *   the regions
 * @edges bins outside of the image, and regions of images that do not exist, are 0
 * @edges a region whose last corner comes before the first has one pixel, the first corner
 * @edges NaN counts as less than any number
 * @example
 * ```ts
 * const image = nd.array([[[[1, 2, 3], [4, 5, 6]]]]);
 * nd.ROIPooling(image, nd.array([[0, 0, 0, 1, 1]]), { pooledSize: [1, 1], spatialScale: 1 });
 * // [[[[5.]]]]
 * ```
 */
export function ROIPooling<T extends Operand<T>>(data: T, rois: T, options: RegionOptions): T {
  const read = readOptions<RegionDefaults>("ROIPooling", options, {
    pooledSize: undefined,
    spatialScale: undefined,
  });
  checkOperands("ROIPooling", [data, rois]);
  return applyOne(roiPoolingOp, [data, rois], readRegionOptions("ROIPooling", read));
}

import { formatShape, type Operand, ShapeError, tensorType, type Value } from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, nth } from "../core/define.js";
import { checkInteger, readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { add, div, mul, sub } from "../elementwise/arithmetic.js";
import { clipTo } from "../elementwise/clip.js";
import { greaterEqual, lesser, lesserEqual, logicalAnd } from "../elementwise/compare.js";
import { maximum, minimum } from "../elementwise/extremum.js";
import { fill } from "../elementwise/full.js";
import { stopGradient } from "../elementwise/identity.js";
import { ceil, floor } from "../elementwise/rounding.js";
import { abs } from "../elementwise/sign.js";
import { select } from "../elementwise/where.js";
import { takeAt } from "../index/take.js";
import { sumAxes } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
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

export interface ROIAlignOptions extends RegionOptions {
  /**
   * Samples along each axis of a bin; 0 or less takes as many as the bin measures pixels, rounded
   * up.
   */
  sampleRatio: number;
  /** Each bin reads channels of its own: of C · bins channels, C are left. */
  positionSensitive: boolean;
  /** Whether pixels are read at their centres: coordinates are shifted by half a pixel. */
  aligned: boolean;
}

type ROIAlignAttrs = RegionAttrs & {
  sampleRatio: number;
  positionSensitive: boolean;
  aligned: boolean;
};

/**
 * Samples lie more than half a pixel apart, unless there is only one, and a pixel is reached from
 * less than a pixel away: so these many, from the last before its reach on, are all that count.
 */
const samplesNearPixel = 6;

/** The bins of all regions along one axis. */
interface BinAxis {
  /** Coordinates of the regions' first and last corners: (regions,). */
  readonly low: Value;
  readonly high: Value;
  readonly bins: number;
  /** Pixels of the images. */
  readonly length: number;
}

/**
 * How much each pixel counts in the mean of a bin's samples: (regions, bins, pixels). Sample `k` of
 * `n` stands at `start + (k + 1/2) size / n`, and reads the two pixels beside it; less than a pixel
 * outside of the image it reads the border, farther away it is 0 (He et al. 2017).
 */
function weights({ low, high, bins, length }: BinAxis, attrs: ROIAlignAttrs): Value {
  const { spatialScale, sampleRatio, aligned } = attrs;
  const [regions = 0] = low.type.shape;
  const offset = aligned ? 0.5 : 0;
  const corner = (x: Value) => reshape(sub(mul(x, spatialScale), offset), [regions, 1, 1, 1]);
  const extent = sub(corner(high), corner(low));
  const size = div(aligned ? extent : maximum(extent, 1), bins);
  const count = sampleRatio > 0 ? sampleRatio : maximum(ceil(size), 1);
  const bin = reshape(iota(low, bins), [bins, 1, 1]);
  const start = add(corner(low), mul(size, bin));
  const pixel = reshape(iota(low, length), [length, 1]);
  const at = (sample: Value) => add(start, div(mul(add(sample, 0.5), size), count));
  let sample = iota(low, sampleRatio > 0 ? sampleRatio : samplesNearPixel);
  if (sampleRatio <= 0) {
    // A single sample has no spacing.
    const spacing = maximum(div(size, count), 0.5);
    const before = floor(div(sub(sub(pixel, 1), at(fill(low, [], 0))), spacing));
    sample = add(sample, maximum(minimum(before, sub(count, 1)), 0));
  }
  const position = at(sample);
  const reach = sub(1, abs(sub(clipTo(position, 0, length - 1), pixel)));
  const inside = logicalAnd(greaterEqual(position, -1), lesserEqual(position, length));
  const counts = logicalAnd(inside, lesser(sample, count));
  return div(sumAxes(select(counts, maximum(reach, 0), 0), [3]), reshapeCount(count, regions));
}

function reshapeCount(count: Value | number, regions: number): Value | number {
  return typeof count === "number" ? count : reshape(count, [regions, 1, 1]);
}

/** Sums over an axis; what has no weight does not count, even if it is no number. */
function weightedSum(x: Value, weight: Value, axis: number): Value {
  return sumAxes(select(weight, mul(x, weight), 0), [axis]);
}

function aligned(data: Value, rois: Value, attrs: ROIAlignAttrs): Value {
  const { batch, channels, height, width } = imageShape("ROIAlign", data.type.shape);
  const { pooledHeight: down, pooledWidth: across, positionSensitive } = attrs;
  const [regions = 0] = rois.type.shape;
  const corners = stopGradient(rois);
  const axis = (low: number, bins: number, length: number): BinAxis => {
    return { low: regionColumn(corners, low), high: regionColumn(corners, low + 2), bins, length };
  };
  const rows = weights(axis(2, down, height), attrs);
  const columns = weights(axis(1, across, width), attrs);
  const { image, exists } = imagesOfRegions(corners, batch);
  const own = positionSensitive ? [down, across] : [1, 1];
  const kept = positionSensitive ? channels / (down * across) : channels;
  const means = eachSlice("ROIAlign", [image, rows, columns], [data], (slices, whole) => {
    const pixels = takeAt(nth("ROIAlign", whole, 0), nth("ROIAlign", slices, 0), 0);
    const high = reshape(nth("ROIAlign", slices, 1), [down, 1, height, 1]);
    const wide = nth("ROIAlign", slices, 2);
    const lines = weightedSum(reshape(pixels, [kept, ...own, height, width]), high, 3);
    return weightedSum(lines, wide, 3);
  });
  return select(reshape(exists, [regions, 1, 1, 1]), means, 0);
}

export const roiAlignOp = defineOp<ROIAlignAttrs>({
  name: "ROIAlign",
  arity: 2,
  attrs: {
    pooledHeight: "int",
    pooledWidth: "int",
    spatialScale: "number",
    sampleRatio: "int",
    positionSensitive: "bool",
    aligned: "bool",
  },
  infer(ins, { pooledHeight, pooledWidth, positionSensitive }) {
    const { images, count } = checkRegions("ROIAlign", ins);
    const { dtype, shape } = nth("ROIAlign", ins, 0);
    const channels = positionSensitive
      ? images.channels / (pooledHeight * pooledWidth)
      : images.channels;
    if (Number.isInteger(channels)) {
      return [tensorType(dtype, [count, channels, pooledHeight, pooledWidth])];
    }
    throw new ShapeError({
      op: "ROIAlign",
      problem: "channels do not fall to the bins in equal parts",
      received: formatShape(shape),
      allowed: `a multiple of ${pooledHeight * pooledWidth} channels`,
    });
  },
  compose(ins, attrs) {
    const [data, rois] = [nth("ROIAlign", ins, 0), nth("ROIAlign", ins, 1)];
    const images = imageShape("ROIAlign", data.type.shape);
    const { pooledHeight, pooledWidth, positionSensitive } = attrs;
    const [regions = 0] = rois.type.shape;
    const share = positionSensitive ? pooledHeight * pooledWidth : 1;
    const shape = [regions, images.channels / share, pooledHeight, pooledWidth];
    const empty = isVoid(images, [images.batch, ...shape]);
    return [empty ? fill(data, shape, 0) : aligned(data, rois, attrs)];
  },
  docs:
    "Means of samples in `pooledHeight` by `pooledWidth` bins of regions (image, x1, y1, x2, y2), " +
    "bilinear between pixels.",
});

/**
 * Means of samples in bins of regions of images, bilinear between pixels (He et al. 2017).
 *
 * @param data floating point, shape (batch, channels, height, width)
 * @param rois regions, shape (regions, 5), data's dtype: number of the image, x and y of the first
 *   corner, x and y of the last, not rounded
 * @returns shape (regions, channels, ...pooledSize)
 * @throws ShapeError if data or rois have other axes, or channels do not fall to the bins in equal
 *   parts; DTypeError if the dtypes differ; AttributeError without `pooledSize` and `spatialScale`,
 *   or for options out of range
 * @derivative to the data by the weights of the pixels; none to the regions
 * @edges a sample up to a pixel outside of the image reads the border, farther away it is 0
 * @edges a region measures at least one pixel along each axis, unless `aligned`
 * @edges regions of images that do not exist are 0
 * @example
 * ```ts
 * const image = nd.array([[[[1, 2, 3], [4, 5, 6]]]]);
 * const rois = nd.array([[0, 0, 0, 2, 1]]);
 * nd.contrib.ROIAlign(image, rois, { pooledSize: [1, 2], spatialScale: 1, sampleRatio: 1 });
 * // [[[[3. 4.]]]]
 * ```
 */
export function ROIAlign<T extends Operand<T>>(
  data: T,
  rois: T,
  options: RegionOptions & Partial<ROIAlignOptions>,
): T {
  const read = readOptions<RegionDefaults & Omit<ROIAlignOptions, keyof RegionOptions>>(
    "ROIAlign",
    options,
    {
      pooledSize: undefined,
      spatialScale: undefined,
      sampleRatio: -1,
      positionSensitive: false,
      aligned: false,
    },
  );
  checkOperands("ROIAlign", [data, rois]);
  return applyOne(roiAlignOp, [data, rois], {
    ...readRegionOptions("ROIAlign", read),
    sampleRatio: checkInteger("ROIAlign", "sampleRatio", read.sampleRatio),
    positionSensitive: read.positionSensitive,
    aligned: read.aligned,
  });
}

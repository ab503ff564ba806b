import {
  AttributeError,
  formatShape,
  type Operand,
  ShapeError,
  sizeOf,
  type TensorType,
} from "@adjoint/graph";
import { nth } from "../core/define.js";
import { sameDType } from "../core/shapes.js";
import { castTo } from "../elementwise/cast.js";
import { greaterEqual, lesser, logicalAnd } from "../elementwise/compare.js";
import { trunc } from "../elementwise/rounding.js";
import { checkGiven } from "../nn/layerArguments.js";
import { reshape } from "../view/reshape.js";
import { sliceAlong } from "../view/slice.js";
import { floatImages, heightAndWidth, type ImageShape } from "./imageArguments.js";

/** What operators on regions of images have in common. */
export type RegionAttrs = {
  /** Height and width of a region's result. */
  pooledHeight: number;
  pooledWidth: number;
  /** From the coordinates of regions to pixels of the data. */
  spatialScale: number;
};

/** Options of operators on regions of images. */
export interface RegionOptions {
  /** Height and width of each region's result. */
  pooledSize: readonly number[];
  /** Factor from the regions' coordinates to pixels of the data, 0 to 1. */
  spatialScale: number;
}

export type RegionDefaults = { [K in keyof RegionOptions]: RegionOptions[K] | undefined };

/** The options without defaults, checked. */
export function readRegionOptions(
  op: string,
  { pooledSize, spatialScale }: RegionDefaults,
): RegionAttrs {
  checkGiven(op, "pooledSize", pooledSize);
  checkGiven(op, "spatialScale", spatialScale);
  const [pooledHeight, pooledWidth] = heightAndWidth(op, "pooledSize", pooledSize ?? [], 1);
  if (typeof spatialScale === "number" && spatialScale >= 0 && spatialScale <= 1) {
    return { pooledHeight, pooledWidth, spatialScale };
  }
  throw new AttributeError({
    op,
    problem: "spatialScale is not valid",
    received: String(spatialScale),
    allowed: "a number from 0 to 1",
  });
}

/** The images and the number of regions; refuses arguments that are not images and regions. */
export function checkRegions(
  op: string,
  ins: readonly TensorType[],
): { readonly images: ImageShape; readonly count: number } {
  const [data, rois] = [nth(op, ins, 0), nth(op, ins, 1)];
  sameDType(op, [data, rois]);
  const images = floatImages(op, data);
  const [count, columns, ...rest] = rois.shape;
  if (count !== undefined && columns === 5 && rest.length === 0) return { images, count };
  throw new ShapeError({
    op,
    problem: "rois are not regions",
    received: formatShape(rois.shape),
    allowed: "(regions, 5): image, x and y of the first corner, x and y of the last",
  });
}

/** Column `at` of the regions: (regions,). */
export function regionColumn<T extends Operand<T>>(rois: T, at: number): T {
  return reshape(sliceAlong(rois, 1, at, 1), [nth("regions", rois.type.shape, 0)]);
}

/** Which image each region lies in, and whether it exists: (regions,). */
export function imagesOfRegions<T extends Operand<T>>(
  rois: T,
  batch: number,
): { readonly image: T; readonly exists: T } {
  const number = trunc(regionColumn(rois, 0));
  const exists = logicalAnd(greaterEqual(number, 0), lesser(number, batch));
  return { image: castTo(number, "int32"), exists };
}

/** True where there is nothing to compute: no results, or no pixels to read. */
export function isVoid({ height, width }: ImageShape, result: readonly number[]): boolean {
  return sizeOf(result) === 0 || height * width === 0;
}

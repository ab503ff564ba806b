import { ArgumentError, AttributeError, type Operand, ShapeError } from "@adjoint/graph";
import { readOptions } from "../core/options.js";
import { asNew } from "../elementwise/identity.js";
import { arraysAndOptions } from "../pack/concat.js";
import { sliceAt } from "../view/slice.js";
import { heightAndWidth, type ImageShape, imageShape } from "./imageArguments.js";

export interface CropOptions {
  /** Height and width to be left, where no second array gives them. */
  hW: readonly number[];
  /** First row and column that are left. */
  offset: readonly number[];
  /** Cut as much from either side, or one less before than behind; `offset` doesn't matter. */
  centerCrop: boolean;
  /** How many arrays are given; null does not check. */
  numArgs: number | null;
}

const defaults: CropOptions = { hW: [0, 0], offset: [0, 0], centerCrop: false, numArgs: null };

function checkWithin(data: ImageShape, height: number, width: number): void {
  if (height <= data.height && width <= data.width) return;
  throw new ShapeError({
    op: "Crop",
    problem: "more is to be left than there is",
    received: `${height} x ${width}`,
    allowed: `at most ${data.height} x ${data.width}`,
  });
}

function startOf(
  data: ImageShape,
  height: number,
  width: number,
  { offset, centerCrop }: CropOptions,
): readonly [top: number, left: number] {
  const [high, far] = [data.height - height, data.width - width];
  if (centerCrop) return [Math.floor(high / 2), Math.floor(far / 2)];
  const [top, left] = heightAndWidth("Crop", "offset", offset, 0);
  if (top <= high && left <= far) return [top, left];
  throw new AttributeError({
    op: "Crop",
    problem: "offset leaves too little",
    received: `[${top}, ${left}]`,
    allowed: `at most [${high}, ${far}]`,
  });
}

/**
 * A rectangle of each image.
 *
 * @param args the images, shape (batch, channels, height, width), any dtype; an array of which only
 *   height and width are read, unless `hW` gives them; then the options
 * @returns shape (batch, channels, ...hW)
 * @throws ShapeError if more is to be left than there is; AttributeError for a missing `hW`, or an
 *   offset that leaves too little; ArgumentError for more than two arrays
 * @derivative the head gradient within the rectangle, 0 around it; none to the second array
 * @example
 * ```ts
 * const image = nd.array([[[[1, 2, 3], [4, 5, 6]]]]);
 * nd.Crop(image, { hW: [1, 2], offset: [1, 0] }); // [[[[4. 5.]]]]
 * nd.Crop(image, nd.zeros([1, 1, 2, 1]), { centerCrop: true }); // [[[[2.] [5.]]]]
 * ```
 */
export function Crop<T extends Operand<T>>(...args: readonly (T | Partial<CropOptions>)[]): T {
  const { arrays, options } = arraysAndOptions<T, Partial<CropOptions>>("Crop", args);
  const read = readOptions("Crop", options, defaults);
  const [x, like, ...surplus] = arrays;
  const wanted = read.numArgs ?? arrays.length;
  if (surplus.length > 0 || wanted !== arrays.length) {
    throw new ArgumentError({
      op: "Crop",
      problem: "wrong number of arrays",
      received: String(arrays.length),
      allowed: read.numArgs === null ? "1 or 2" : `${read.numArgs}, as numArgs says`,
    });
  }
  const data = imageShape("Crop", x.type.shape);
  const model =
    like === undefined ? undefined : imageShape("Crop", like.type.shape, "the second array");
  const [height, width] =
    model === undefined ? heightAndWidth("Crop", "hW", read.hW, 1) : [model.height, model.width];
  checkWithin(data, height, width);
  const [top, left] = startOf(data, height, width, read);
  const { batch, channels } = data;
  return asNew(x, sliceAt(x, [0, 0, top, left], [batch, channels, height, width]));
}

import {
  ArgumentError,
  AttributeError,
  type DType,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  tensorType,
} from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, nth } from "../core/define.js";
import { checkChoice, checkInteger } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { add, mul, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { maximum } from "../elementwise/extremum.js";
import { asNew } from "../elementwise/identity.js";
import { floor } from "../elementwise/rounding.js";
import { takeAt } from "../index/take.js";
import { checkFinite, readOptionalArray } from "../nn/layerArguments.js";
import { reshape } from "../view/reshape.js";
import { floatImages, type ImageShape, imageShape } from "./imageArguments.js";

const modes = [
  "size",
  "odd_scale",
  "like",
  "to_even_down",
  "to_even_up",
  "to_odd_down",
  "to_odd_up",
] as const;
export type BilinearResizeMode = (typeof modes)[number];

export interface BilinearResize2DOptions {
  /** size: height of the result, without scales. */
  height: number;
  /** size: width of the result, without scales. */
  width: number;
  /** size, odd_scale: factor of the height; together with `scaleWidth`. */
  scaleHeight: number | null;
  /** size, odd_scale: factor of the width; together with `scaleHeight`. */
  scaleWidth: number | null;
  /**
   * What the size of the result is. `size`: as given, or times the scales. `odd_scale`: times the
   * scales, of an odd length but the last pixel. `like`: that of a second array. `to_even_down` and
   * so on: the nearest even or odd length, up or down.
   */
  mode: BilinearResizeMode;
  /** Whether the centres of the outermost pixels stay where they are, or their outer edges. */
  alignCorners: boolean;
}

const defaults: BilinearResize2DOptions = {
  height: 1,
  width: 1,
  scaleHeight: null,
  scaleWidth: null,
  mode: "size",
  alignCorners: true,
};

/**
 * Where the pixels of the result lie between those of the data: `i (length - 1) / (count - 1)` with
 * aligned corners, else `(i + 1/2) length / count - 1/2`; a single pixel lies on the first one.
 */
function positionsOf<T extends Operand<T>>(
  like: T,
  length: number,
  count: number,
  alignCorners: boolean,
): T {
  // Half precision can't tell the pixels of a large image apart.
  const dtype: DType = like.type.dtype === "float64" ? "float64" : "float32";
  if (count === 1) return iota(like, 1, { dtype });
  if (alignCorners) return iota(like, count, { step: (length - 1) / (count - 1), dtype });
  const scale = length / count;
  return maximum(iota(like, count, { start: scale / 2 - 0.5, step: scale, dtype }), 0);
}

function resizeAlong<T extends Operand<T>>(
  x: T,
  axis: number,
  count: number,
  alignCorners: boolean,
): T {
  const { dtype, shape } = x.type;
  const length = nth("BilinearResize2D", shape, axis);
  if (length === count) return x;
  const positions = positionsOf(x, length, count, alignCorners);
  const before = floor(positions);
  const within = shape.slice(axis + 1).map(() => 1);
  const share = reshape(castTo(sub(positions, before), dtype), [count, ...within]);
  const low = takeAt(x, before, axis);
  const high = takeAt(x, add(before, 1), axis);
  return add(mul(low, sub(1, share)), mul(high, share));
}

type ResizeAttrs = { height: number; width: number; alignCorners: boolean };

export const bilinearResize2DOp = defineOp<ResizeAttrs>({
  name: "BilinearResize2D",
  arity: 1,
  attrs: { height: "int", width: "int", alignCorners: "bool" },
  infer(ins, { height, width }) {
    const x = nth("BilinearResize2D", ins, 0);
    const images = floatImages("BilinearResize2D", x);
    if (images.height > 0 && images.width > 0) {
      return [tensorType(x.dtype, [images.batch, images.channels, height, width])];
    }
    throw new ShapeError({
      op: "BilinearResize2D",
      problem: "images have no pixels",
      received: formatShape(x.shape),
      allowed: "a height and a width of at least 1",
    });
  },
  compose(ins, { height, width, alignCorners }) {
    const x = nth("BilinearResize2D", ins, 0);
    const high = resizeAlong(x, 2, height, alignCorners);
    return [asNew(x, resizeAlong(high, 3, width, alignCorners))];
  },
  docs:
    "Images of another height and width, linear between neighbouring pixels along both axes; " +
    "with `alignCorners` the centres of the outermost pixels stay where they are, else their " +
    "edges.",
});

/** MXNet keeps factors in single precision. */
function scaled(length: number, scale: number): number {
  return Math.trunc(Math.fround(Math.fround(scale) * length));
}

function scalesOf({
  mode,
  scaleHeight,
  scaleWidth,
}: BilinearResize2DOptions): readonly [number, number] | undefined {
  if (scaleHeight === null && scaleWidth === null && mode === "size") return undefined;
  if (scaleHeight !== null && scaleWidth !== null) {
    return [
      checkFinite("BilinearResize2D", "scaleHeight", scaleHeight, true),
      checkFinite("BilinearResize2D", "scaleWidth", scaleWidth, true),
    ];
  }
  throw new AttributeError({
    op: "BilinearResize2D",
    problem: `${scaleHeight === null ? "scaleHeight" : "scaleWidth"} is missing`,
    allowed: mode === "size" ? "both scales, or none" : "both scales",
  });
}

type Sizes = readonly [height: number, width: number];

/** Height and width of the result; `like` is the shape of the second array. */
function sizesOf(
  { height, width }: ImageShape,
  like: Shape | undefined,
  options: BilinearResize2DOptions,
): Sizes {
  const mode = checkChoice("BilinearResize2D", "mode", options.mode, modes);
  const both = (change: (length: number) => number): Sizes => [change(height), change(width)];
  switch (mode) {
    case "size": {
      const scales = scalesOf(options);
      if (scales !== undefined) return [scaled(height, scales[0]), scaled(width, scales[1])];
      return [
        checkInteger("BilinearResize2D", "height", options.height, 1),
        checkInteger("BilinearResize2D", "width", options.width, 1),
      ];
    }
    case "odd_scale": {
      const [high, wide] = scalesOf(options) ?? [1, 1];
      const odd = (length: number, scale: number) =>
        length % 2 === 0 ? scaled(length, scale) : scaled(length - 1, scale) + 1;
      return [odd(height, high), odd(width, wide)];
    }
    case "like": {
      const model = imageShape("BilinearResize2D", like ?? [], "like");
      return [model.height, model.width];
    }
    case "to_even_down":
      return both((length) => length - (length % 2));
    case "to_even_up":
      return both((length) => length + (length % 2));
    case "to_odd_down":
      return both((length) => length - 1 + (length % 2));
    case "to_odd_up":
      return both((length) => length + 1 - (length % 2));
    default:
      throw new Error(mode satisfies never);
  }
}

/**
 * Images of another height and width, linear between neighbouring pixels along both axes.
 *
 * @param data floating point, shape (batch, channels, height, width)
 * @param like mode `like`: an array whose height and width the result gets
 * @returns shape (batch, channels, ...size by the mode), data's dtype
 * @throws ShapeError if the data are not images, or have no pixels; AttributeError for an unknown
 *   mode, or one scale without the other; ArgumentError for `like` without the mode, or the mode
 *   without it
 * @derivative to the data by the weights of the pixels; none to `like`
 * @edges a height or width of 1 takes the first row or column, also without aligned corners
 * @edges with aligned corners, making images smaller leaves pixels out
 * @example
 * ```ts
 * nd.contrib.BilinearResize2D(nd.array([[[[1, 3]]]]), { height: 1, width: 3 }); // [[[[1. 2. 3.]]]]
 * ```
 */
export function BilinearResize2D<T extends Operand<T>>(
  data: T,
  like: T,
  options?: Partial<BilinearResize2DOptions>,
): T;
export function BilinearResize2D<T extends Operand<T>>(
  data: T,
  options?: Partial<BilinearResize2DOptions>,
): T;
export function BilinearResize2D<T extends Operand<T>>(
  data: T,
  second?: T | Partial<BilinearResize2DOptions>,
  third?: Partial<BilinearResize2DOptions>,
): T {
  const read = readOptionalArray("BilinearResize2D", second, third, defaults);
  checkOperands("BilinearResize2D", [data]);
  const { array: like, options } = read;
  if ((like !== undefined) !== (options.mode === "like")) {
    throw new ArgumentError({
      op: "BilinearResize2D",
      problem: like === undefined ? "mode like without an array" : "two arrays without mode like",
      received: `mode ${String(options.mode)}`,
      allowed: "data, like and mode like, or data alone and another mode",
    });
  }
  const images = imageShape("BilinearResize2D", data.type.shape);
  const [height, width] = sizesOf(images, like?.type.shape, options);
  const alignCorners = options.alignCorners;
  return applyOne(bilinearResize2DOp, [data], { height, width, alignCorners });
}

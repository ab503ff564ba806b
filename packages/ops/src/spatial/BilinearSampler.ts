import { formatShape, type Operand, ShapeError, sizeOf, tensorType } from "@adjoint/graph";
import { applyOne, defineOp, nth } from "../core/define.js";
import { refuseOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { iota } from "../elementwise/arange.js";
import { add, mul, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { clipTo } from "../elementwise/clip.js";
import { fill } from "../elementwise/full.js";
import { floor } from "../elementwise/rounding.js";
import { takeAt } from "../index/take.js";
import { stackAlong } from "../pack/stack.js";
import { sumAxes } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { padWith, sliceAlong } from "../view/slice.js";
import { transposeAxes } from "../view/transpose.js";
import { floatImages, imageShape } from "./imageArguments.js";

/** The two pixels beside each point along one spatial axis. */
interface Neighbours<T> {
  /** In an image with a border of one zero on each side: (2, points). */
  readonly positions: T;
  /** How much each of them counts: (2, points). */
  readonly weights: T;
}

/** Coordinate -1 is the first pixel, 1 the last. Beyond the border there are only zeros: any will do. */
function neighbours<T extends Operand<T>>(grid: T, axis: number, length: number): Neighbours<T> {
  const points = sizeOf(grid.type.shape) / 2;
  const coordinate = reshape(sliceAlong(grid, 1, axis, 1), [points]);
  const pixel = mul(add(coordinate, 1), (length - 1) / 2);
  const before = floor(pixel);
  const fraction = sub(pixel, before);
  const inBorder = stackAlong([add(before, 1), add(before, 2)], 0);
  return {
    positions: castTo(clipTo(inBorder, 0, length + 1), "int32"),
    weights: stackAlong([sub(1, fraction), fraction], 0),
  };
}

/**
 * Pixels beside each other lie in memory as (batch, height, width, channels), so that each corner is
 * one row of channels.
 */
function sample<T extends Operand<T>>(data: T, grid: T): T {
  const { batch, channels, height, width } = imageShape("BilinearSampler", data.type.shape);
  const { height: rows, width: columns } = imageShape("BilinearSampler", grid.type.shape);
  const points = batch * rows * columns;
  const bordered = padWith(transposeAxes(data, [0, 2, 3, 1]), {
    low: [0, 1, 1, 0],
    high: [0, 1, 1, 0],
  });
  const pixels = reshape(bordered, [batch * (height + 2) * (width + 2), channels]);
  const x = neighbours(grid, 0, width);
  const y = neighbours(grid, 1, height);
  const step = (height + 2) * (width + 2);
  const image = reshape(iota(grid, batch, { step, dtype: "int32" }), [batch, 1]);
  const line = reshape(mul(y.positions, width + 2), [2, 1, batch, rows * columns]);
  const corner = add(add(line, image), reshape(x.positions, [1, 2, batch, rows * columns]));
  const weight = mul(reshape(y.weights, [2, 1, points, 1]), reshape(x.weights, [1, 2, points, 1]));
  const corners = takeAt(pixels, reshape(corner, [2, 2, points]), 0);
  const sampled = reshape(sumAxes(mul(corners, weight), [0, 1]), [batch, rows, columns, channels]);
  return transposeAxes(sampled, [0, 3, 1, 2]);
}

export const bilinearSamplerOp = defineOp({
  name: "BilinearSampler",
  arity: 2,
  attrs: {},
  infer(ins) {
    const [data, grid] = [nth("BilinearSampler", ins, 0), nth("BilinearSampler", ins, 1)];
    const dtype = sameDType("BilinearSampler", [data, grid]);
    const { batch, channels } = floatImages("BilinearSampler", data);
    const points = imageShape("BilinearSampler", grid.shape, "grid");
    if (points.batch === batch && points.channels === 2) {
      return [tensorType(dtype, [batch, channels, points.height, points.width])];
    }
    throw new ShapeError({
      op: "BilinearSampler",
      problem: "grid does not fit the data",
      received: `${formatShape(grid.shape)} for ${formatShape(data.shape)}`,
      allowed: `(${batch}, 2, height, width)`,
    });
  },
  compose(ins) {
    const [data, grid] = [nth("BilinearSampler", ins, 0), nth("BilinearSampler", ins, 1)];
    const { batch, channels } = imageShape("BilinearSampler", data.type.shape);
    const { height, width } = imageShape("BilinearSampler", grid.type.shape);
    const shape = [batch, channels, height, width];
    return [sizeOf(shape) === 0 ? fill(data, shape, 0) : sample(data, grid)];
  },
  docs:
    "Images at the points of a grid (batch, 2, height, width): x, then y, -1 at the first pixel " +
    "and 1 at the last; bilinear between pixels, 0 outside.",
});

/** An array of images and one of points; options are refused, also where types are not checked. */
export type SamplerFn = <T extends Operand<T>>(data: T, grid: T) => T;

/**
 * Images read at the points of a grid, bilinearly between the four nearest pixels (Jaderberg et al.
 * 2015).
 *
 * @param data floating point, shape (batch, channels, height, width)
 * @param grid shape (batch, 2, rows, columns), data's dtype: x in channel 0, y in channel 1, both -1
 *   at the first pixel and 1 at the last
 * @returns shape (batch, channels, rows, columns)
 * @throws ShapeError if the grid does not fit the data; DTypeError if the dtypes differ
 * @derivative to the data by the weights of the four pixels; to the grid by the differences between
 *   them, at a pixel those to the next one
 * @edges all pixels outside of an image are 0, so that points less than a pixel outside fade
 * @edges a coordinate that is not finite gives NaN
 * @example
 * ```ts
 * const grid = nd.array([[[[-0.5, 0, 3]], [[0, 0, 0]]]]);
 * nd.BilinearSampler(nd.array([[[[10, 20, 30]]]]), grid); // [[[[15. 20.  0.]]]]
 * ```
 */
export const BilinearSampler: SamplerFn = (data, grid, surplus?: unknown) => {
  refuseOptions("BilinearSampler", surplus);
  return applyOne(bilinearSamplerOp, [data, grid]);
};

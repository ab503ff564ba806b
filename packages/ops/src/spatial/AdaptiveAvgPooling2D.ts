import { formatShape, type Operand, ShapeError, tensorType } from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, nth } from "../core/define.js";
import { checkInteger, readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { add, div, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { lesser } from "../elementwise/compare.js";
import { asNew } from "../elementwise/identity.js";
import { select } from "../elementwise/where.js";
import { takeAt } from "../index/take.js";
import { meanAxes } from "../reduce/mean.js";
import { sumAxes } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { floatImages, heightAndWidth } from "./imageArguments.js";

export interface AdaptiveAvgPooling2DOptions {
  /** Height and width of the result, or one number for both; `[]` for 1. */
  outputSize: number | readonly number[];
}

/** Window `i` of `count` reaches from `floor(i length / count)` to `ceil((i + 1) length / count)`. */
function longestWindow(length: number, count: number): number {
  let most = 0;
  for (let i = 0; i < count; i++) {
    const start = Math.floor((i * length) / count);
    most = Math.max(most, Math.ceil(((i + 1) * length) / count) - start);
  }
  return most;
}

/** Windows of equal length lie side by side. */
function poolEqual<T extends Operand<T>>(x: T, axis: number, count: number): T {
  const { shape } = x.type;
  const cells = nth("AdaptiveAvgPooling2D", shape, axis) / count;
  const split = [...shape.slice(0, axis), count, cells, ...shape.slice(axis + 1)];
  return meanAxes(reshape(x, split), [axis + 1]);
}

/** Means of `count` windows along an axis. */
function poolAlong<T extends Operand<T>>(x: T, axis: number, count: number): T {
  const { dtype, shape } = x.type;
  const length = nth("AdaptiveAvgPooling2D", shape, axis);
  if (length === count) return x;
  if (length % count === 0) return poolEqual(x, axis, count);
  const within = (array: T, ...lengths: number[]) =>
    reshape(array, [...lengths, ...shape.slice(axis + 1).map(() => 1)]);
  // Integer division cuts off.
  const multiples = (start: number) => iota(x, count, { start, step: length, dtype: "int32" });
  const starts = div(multiples(0), count);
  const ends = div(multiples(length + count - 1), count);
  const most = longestWindow(length, count);
  const cells = add(reshape(starts, [count, 1]), iota(x, most, { dtype: "int32" }));
  const inside = lesser(cells, reshape(ends, [count, 1]));
  const taken = select(within(inside, count, most), takeAt(x, cells, axis), 0);
  return div(sumAxes(taken, [axis + 1]), within(castTo(sub(ends, starts), dtype), count));
}

export const adaptiveAvgPooling2DOp = defineOp<{ height: number; width: number }>({
  name: "AdaptiveAvgPooling2D",
  arity: 1,
  attrs: { height: "int", width: "int" },
  infer(ins, { height, width }) {
    const x = nth("AdaptiveAvgPooling2D", ins, 0);
    const images = floatImages("AdaptiveAvgPooling2D", x);
    if (images.height > 0 && images.width > 0) {
      return [tensorType(x.dtype, [images.batch, images.channels, height, width])];
    }
    throw new ShapeError({
      op: "AdaptiveAvgPooling2D",
      problem: "images have no pixels",
      received: formatShape(x.shape),
      allowed: "a height and a width of at least 1",
    });
  },
  compose(ins, { height, width }) {
    const x = nth("AdaptiveAvgPooling2D", ins, 0);
    return [asNew(x, poolAlong(poolAlong(x, 2, height), 3, width))];
  },
  docs:
    "Means of `height` by `width` windows that cover the images; window `i` of `n` along an axis " +
    "of length `l` reaches from `floor(i l / n)` to `ceil((i + 1) l / n)`.",
});

function readOutputSize(
  given: AdaptiveAvgPooling2DOptions["outputSize"],
): readonly [height: number, width: number] {
  const list: unknown = typeof given === "number" ? [given] : given;
  if (!Array.isArray(list) || list.length > 1) {
    return heightAndWidth("AdaptiveAvgPooling2D", "outputSize", list, 1);
  }
  const size =
    list.length === 0 ? 1 : checkInteger("AdaptiveAvgPooling2D", "outputSize", list[0], 1);
  return [size, size];
}

/**
 * Means of windows whose number is given, and which cover the images as evenly as they can.
 *
 * @param data floating point, shape (batch, channels, height, width)
 * @returns shape (batch, channels, ...outputSize), data's dtype
 * @throws ShapeError if the data are not images, or have no pixels; AttributeError for another
 *   `outputSize`
 * @derivative the head gradient spread evenly over each window
 * @edges where a length is no multiple of the number of windows, neighbours overlap by one pixel
 * @example
 * ```ts
 * nd.contrib.AdaptiveAvgPooling2D(nd.array([[[[1, 2, 3]]]]), { outputSize: [1, 2] });
 * // [[[[1.5 2.5]]]]
 * ```
 */
export function AdaptiveAvgPooling2D<T extends Operand<T>>(
  data: T,
  options?: Partial<AdaptiveAvgPooling2DOptions>,
): T {
  const { outputSize } = readOptions<AdaptiveAvgPooling2DOptions>("AdaptiveAvgPooling2D", options, {
    outputSize: [],
  });
  checkOperands("AdaptiveAvgPooling2D", [data]);
  const [height, width] = readOutputSize(outputSize);
  return applyOne(adaptiveAvgPooling2DOp, [data], { height, width });
}

import {
  AttributeError,
  formatShape,
  type Operand,
  ShapeError,
  sizeOf,
  type TensorType,
  tensorType,
  type Value,
} from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, nth } from "../core/define.js";
import { checkInteger, readOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { iota } from "../elementwise/arange.js";
import { add, div, mul, sub } from "../elementwise/arithmetic.js";
import { greaterEqual } from "../elementwise/compare.js";
import { fill } from "../elementwise/full.js";
import { select } from "../elementwise/where.js";
import { takeAt } from "../index/take.js";
import { checkShape } from "../nn/layerArguments.js";
import { sumAxes } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { padWith, sliceAt } from "../view/slice.js";
import { transposeAxes } from "../view/transpose.js";
import { poolSum } from "../window/poolSum.js";
import { eachSlice } from "./eachSlice.js";
import { floatImages, imageShape } from "./imageArguments.js";

export interface CorrelationOptions {
  /** Height and width of the patches that are compared; an odd number. */
  kernelSize: number;
  /** By how many pixels patches of the second images are displaced at most. */
  maxDisplacement: number;
  /** Pixels between patches of the first images. */
  stride1: number;
  /** Pixels between displacements. */
  stride2: number;
  /** Zeros around all images. */
  padSize: number;
  /** Multiply pixels; else take the absolute difference. */
  isMultiply: boolean;
}

type CorrelationAttrs = { readonly [K in keyof CorrelationOptions]: CorrelationOptions[K] };

const defaults: CorrelationOptions = {
  kernelSize: 1,
  maxDisplacement: 1,
  stride1: 1,
  stride2: 1,
  padSize: 0,
  isMultiply: true,
};

/** Displacements along one axis: from `-reach` to `reach` strides. */
function reachOf({ maxDisplacement, stride2 }: CorrelationAttrs): number {
  return Math.floor(maxDisplacement / stride2);
}

/** Patches along an axis that stay within the padded images wherever they are displaced to. */
function patchCount(length: number, attrs: CorrelationAttrs): number {
  const border = attrs.maxDisplacement + (attrs.kernelSize - 1) / 2;
  return Math.ceil((length + 2 * attrs.padSize - 2 * border) / attrs.stride1);
}

function inferCorrelation(ins: readonly TensorType[], attrs: CorrelationAttrs): TensorType {
  const [data1, data2] = [nth("Correlation", ins, 0), nth("Correlation", ins, 1)];
  const dtype = sameDType("Correlation", [data1, data2]);
  const { batch, height, width } = floatImages("Correlation", data1);
  checkShape("Correlation", "the second array", data2.shape, data1.shape);
  const [rows, columns] = [patchCount(height, attrs), patchCount(width, attrs)];
  if (rows > 0 && columns > 0) {
    return tensorType(dtype, [batch, (2 * reachOf(attrs) + 1) ** 2, rows, columns]);
  }
  throw new ShapeError({
    op: "Correlation",
    problem: "images have no room for a displaced patch",
    received: `${formatShape(data1.shape)} padded by ${attrs.padSize}`,
    allowed: `height and width above ${2 * attrs.maxDisplacement + attrs.kernelSize - 1}`,
  });
}

/** `a b`, or `|a - b|` with derivative 1 by a where they are equal, as MXNet has it. */
function compare(a: Value, b: Value, isMultiply: boolean): Value {
  if (isMultiply) return mul(a, b);
  return select(greaterEqual(a, b), sub(a, b), sub(b, a));
}

/** One result plane per displacement, unscaled: (displacements, batch, 1, rows, columns). */
function planes(ins: readonly Value[], attrs: CorrelationAttrs, rows: number, columns: number) {
  const { kernelSize, maxDisplacement, stride1, stride2, padSize, isMultiply } = attrs;
  const border = [0, 0, padSize, padSize];
  const [first, second] = [0, 1].map((at) =>
    padWith(nth("Correlation", ins, at), { low: border, high: border }),
  );
  if (first === undefined || second === undefined) throw new Error("Correlation: no arguments");
  const { batch, channels } = imageShape("Correlation", first.type.shape);
  const height = (rows - 1) * stride1 + kernelSize;
  const width = (columns - 1) * stride1 + kernelSize;
  const start = [0, 0, maxDisplacement, maxDisplacement];
  const still = sliceAt(first, start, [batch, channels, height, width]);
  const reach = reachOf(attrs);
  const across = 2 * reach + 1;
  const int32 = (length: number, from = 0) => iota(first, length, { start: from, dtype: "int32" });
  const numbers = int32(across ** 2);
  // Numbered row by row: as integers are divided, the fraction is cut off.
  const down = div(numbers, across);
  const shift = (steps: Value) => mul(sub(steps, reach), stride2);
  const offsets = [shift(down), shift(sub(numbers, mul(down, across)))] as const;
  return eachSlice("Correlation", offsets, [still, second], (slices, whole) => {
    const [a, b] = [nth("Correlation", whole, 0), nth("Correlation", whole, 1)];
    const [y, x] = [nth("Correlation", slices, 0), nth("Correlation", slices, 1)];
    const along = (length: number, offset: Value) =>
      add(iota(a, length, { start: maxDisplacement, dtype: "int32" }), offset);
    const moved = takeAt(takeAt(b, along(height, y), 2), along(width, x), 3);
    const pixels = sumAxes(compare(a, moved, isMultiply), [1], true);
    if (kernelSize === 1 && stride1 === 1) return pixels;
    const window = { kernel: [kernelSize, kernelSize], stride: [stride1, stride1] };
    return poolSum(pixels, { ...window, padLow: [0, 0], padHigh: [0, 0] });
  });
}

export const correlationOp = defineOp<CorrelationAttrs>({
  name: "Correlation",
  arity: 2,
  attrs: {
    kernelSize: "int",
    maxDisplacement: "int",
    stride1: "int",
    stride2: "int",
    padSize: "int",
    isMultiply: "bool",
  },
  infer: (ins, attrs) => [inferCorrelation(ins, attrs)],
  compose(ins, attrs) {
    const types = ins.map(({ type }) => type);
    const { shape } = inferCorrelation(types, attrs);
    const x = nth("Correlation", ins, 0);
    if (sizeOf(shape) === 0) return [fill(x, shape, 0)];
    const { batch, channels, height: rows, width: columns } = imageShape("Correlation", shape);
    const found = reshape(planes(ins, attrs, rows, columns), [channels, batch, rows, columns]);
    const terms = attrs.kernelSize ** 2 * nth("Correlation", x.type.shape, 1);
    return [div(transposeAxes(found, [1, 0, 2, 3]), terms)];
  },
  docs:
    "Mean over a patch and all channels of the products of two images' pixels, or of the absolute " +
    "differences, for each displacement of the second image; displacements are the channels, row " +
    "by row.",
});

/**
 * Compares patches of two images at all displacements up to a limit (Dosovitskiy et al. 2015): the
 * mean, over a patch and all channels, of `a b`, or of `|a - b|`.
 *
 * @param data1 floating point, shape (batch, channels, height, width)
 * @param data2 like data1; its patches are displaced
 * @returns shape (batch, D², rows, columns), D = 2 floor(maxDisplacement / stride2) + 1 displacements
 *   along each axis, row by row, and patches every `stride1` pixels
 * @throws ShapeError if the shapes differ, or images have no room for a displaced patch; DTypeError
 *   if the dtypes differ; AttributeError for options out of range
 * @derivative that of the products; of `|a - b|` 1 by a and -1 by b where they are equal
 * @example
 * ```ts
 * const [a, b] = [nd.array([[[[1, 2, 3]]]]), nd.array([[[[4, 5, 6]]]])];
 * nd.Correlation(a, b, { maxDisplacement: 0 }); // [[[[ 4. 10. 18.]]]]
 * ```
 */
export function Correlation<T extends Operand<T>>(
  data1: T,
  data2: T,
  options?: Partial<CorrelationOptions>,
): T {
  const read = readOptions("Correlation", options, defaults);
  checkOperands("Correlation", [data1, data2]);
  const kernelSize = checkInteger("Correlation", "kernelSize", read.kernelSize, 1);
  if (kernelSize % 2 === 0) {
    throw new AttributeError({
      op: "Correlation",
      problem: "kernelSize is not valid",
      received: String(kernelSize),
      allowed: "odd numbers",
    });
  }
  return applyOne(correlationOp, [data1, data2], {
    kernelSize,
    maxDisplacement: checkInteger("Correlation", "maxDisplacement", read.maxDisplacement, 0),
    stride1: checkInteger("Correlation", "stride1", read.stride1, 1),
    stride2: checkInteger("Correlation", "stride2", read.stride2, 1),
    padSize: checkInteger("Correlation", "padSize", read.padSize, 0),
    isMultiply: read.isMultiply,
  });
}

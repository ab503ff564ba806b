import { formatShape, type Operand, type Shape, ShapeError, sizeOf } from "@adjoint/graph";
import { applyOne, checkOperands, nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { add, mul } from "../elementwise/arithmetic.js";
import { takeAdjointOp, takeAt } from "../index/take.js";
import { reshape } from "../view/reshape.js";
import { padWith, sliceAlong } from "../view/slice.js";
import { spatialShape, windowCounts } from "../window/geometry.js";
import { checkGiven, checkShape, spatialIntegers } from "./layerArguments.js";

export interface Im2colOptions {
  /** Lengths of the window. */
  kernel: readonly number[];
  /** Steps between windows; `[]` for 1. */
  stride: readonly number[];
  /** Distance between neighbouring cells of a window; `[]` for 1. */
  dilate: readonly number[];
  /** Zeros on both sides; `[]` for 0. */
  pad: readonly number[];
}

export interface Col2imOptions extends Im2colOptions {
  /** Lengths of the spatial axes of the result. */
  outputSize: readonly number[];
}

/** Where the cells of all windows lie, in padded data whose spatial axes are one. */
interface Columns<T> {
  /** Positions of shape (cells of a window, windows). */
  readonly positions: T;
  readonly cells: number;
  readonly windows: number;
  readonly padded: Shape;
  readonly pad: readonly number[];
}

type WindowOptions = Omit<Im2colOptions, "kernel"> & { kernel: readonly number[] | undefined };

const defaults: WindowOptions = { kernel: undefined, stride: [], dilate: [], pad: [] };

function columnsOf<T extends Operand<T>>(
  op: string,
  like: T,
  spatial: Shape,
  options: WindowOptions,
): Columns<T> {
  checkGiven(op, "kernel", options.kernel);
  const rank = spatial.length;
  const kernel = spatialIntegers(op, "kernel", options.kernel ?? [], rank, 1);
  const stride = spatialIntegers(op, "stride", options.stride, rank, 1);
  const dilate = spatialIntegers(op, "dilate", options.dilate, rank, 1);
  const pad = spatialIntegers(op, "pad", options.pad, rank, 0);
  const counts = windowCounts(op, spatial, kernel, { stride, dilate, padLow: pad, padHigh: pad });
  const padded = spatial.map((length, axis) => length + 2 * nth(op, pad, axis));
  // Axes of the positions: along the kernel, then along the windows; each adds its own steps.
  const lengths = [...kernel, ...counts];
  const steps = [...dilate, ...stride].map(
    (step, axis) => step * sizeOf(padded.slice((axis % rank) + 1)),
  );
  const positions = lengths
    .map((length, axis) => {
      const along = lengths.map((_, other) => (other === axis ? length : 1));
      return reshape(mul(iota(like, length, { dtype: "int32" }), nth(op, steps, axis)), along);
    })
    .reduce((sum, part) => add(sum, part));
  const [cells, windows] = [sizeOf(kernel), sizeOf(counts)];
  return { positions: reshape(positions, [cells, windows]), cells, windows, padded, pad };
}

/**
 * The windows of a convolution as the columns of a matrix.
 *
 * @param x shape (batch, channels, ...spatial), 1 to 3 spatial axes, any dtype
 * @returns shape (batch, channels · cells of a window, windows)
 * @throws ShapeError if a window is larger than the padded data; AttributeError without `kernel`,
 *   or for options out of range
 * @derivative `col2im` of the head gradient
 * @example
 * ```ts
 * nd.im2col(nd.array([[[1, 2, 3]]]), { kernel: [2] }); // [[[1. 2.] [2. 3.]]]
 * ```
 */
export function im2col<T extends Operand<T>>(
  x: T,
  options: Pick<Im2colOptions, "kernel"> & Partial<Im2colOptions>,
): T {
  const read = readOptions<WindowOptions>("im2col", options, defaults);
  checkOperands("im2col", [x]);
  const { shape } = x.type;
  const [batch = 0, channels = 0] = shape;
  const columns = columnsOf("im2col", x, spatialShape("im2col", shape), read);
  const border = [0, 0, ...columns.pad];
  const data = columns.pad.some((width) => width > 0)
    ? padWith(x, { low: border, high: border, value: 0 })
    : x;
  const flat = reshape(data, [batch, channels, sizeOf(columns.padded)]);
  const taken = takeAt(flat, columns.positions, 2);
  return reshape(taken, [batch, channels * columns.cells, columns.windows]);
}

/**
 * Adds the columns of `im2col` up where they came from: its adjoint, not its inverse.
 *
 * @param x shape (batch, channels · cells of a window, windows), any dtype
 * @returns shape (batch, channels, ...outputSize)
 * @throws ShapeError if the columns do not fit the windows; AttributeError without `kernel` or
 *   `outputSize`, or for options out of range
 * @derivative `im2col` of the head gradient
 * @example
 * ```ts
 * nd.col2im(nd.array([[[1, 2], [2, 3]]]), { kernel: [2], outputSize: [3] }); // [[[1. 4. 3.]]]
 * ```
 */
export function col2im<T extends Operand<T>>(
  x: T,
  options: Pick<Col2imOptions, "kernel" | "outputSize"> & Partial<Col2imOptions>,
): T {
  const { outputSize, ...read } = readOptions<
    WindowOptions & { outputSize: readonly number[] | undefined }
  >("col2im", options, { ...defaults, outputSize: undefined });
  checkOperands("col2im", [x]);
  checkGiven("col2im", "outputSize", outputSize);
  const given = outputSize ?? [];
  const spatial = spatialIntegers("col2im", "outputSize", given, given.length, 1);
  spatialShape("col2im", [1, 1, ...spatial]);
  const { positions, cells, windows, padded, pad } = columnsOf("col2im", x, spatial, read);
  const [batch = 0, rows = 0] = x.type.shape;
  if (rows % cells !== 0) {
    throw new ShapeError({
      op: "col2im",
      problem: "columns do not fall into channels",
      received: formatShape(x.type.shape),
      allowed: `a multiple of ${cells} cells along axis 1`,
    });
  }
  const channels = rows / cells;
  checkShape("col2im", "columns", x.type.shape, [batch, rows, windows]);
  const attrs = { axis: 2, mode: "clip", length: sizeOf(padded) };
  const columns = reshape(x, [batch, channels, cells, windows]);
  const summed = applyOne(takeAdjointOp, [columns, positions], attrs);
  return spatial.reduce(
    (cut, length, axis) => sliceAlong(cut, axis + 2, nth("col2im", pad, axis), length),
    reshape(summed, [batch, channels, ...padded]),
  );
}

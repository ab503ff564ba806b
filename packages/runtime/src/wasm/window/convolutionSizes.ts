import type { TensorType, WindowKernel } from "@adjoint/graph";
import { type WindowPlane, windowPlane } from "../../kernels/windowTaps.js";
import type { ImageAxis, Triple } from "./imageLayout.js";

/** Sizes of a grouped convolution: data (batch, channels, ...), result (batch, filters, ...). */
export interface ConvolutionSizes {
  readonly batch: number;
  readonly groups: number;
  /** Of one group, as `filters`. */
  readonly channels: number;
  readonly filters: number;
  readonly plane: WindowPlane;
}

export function convolutionSizes(
  { geometry, groups }: WindowKernel,
  data: TensorType,
  result: TensorType,
): ConvolutionSizes {
  const [batch = 0, channels = 0, ...space] = data.shape;
  const [, filters = 0, ...resultSpace] = result.shape;
  const plane = flattened(windowPlane(geometry, space, resultSpace));
  return { batch, groups, channels: channels / groups, filters: filters / groups, plane };
}

/** Where windows are single elements, each with its own, a plane is one row. */
function flattened(plane: WindowPlane): WindowPlane {
  const trivial = plane.axes.every(
    ({ kernel, stride, padLow, data, result }) =>
      kernel === 1 && stride === 1 && padLow === 0 && data === result,
  );
  if (!trivial) return plane;
  const axis = { kernel: 1, stride: 1, dilate: 1, padLow: 0, data: 1, result: 1 };
  const row = { ...axis, data: plane.dataSize, result: plane.resultSize };
  return { ...plane, axes: [axis, axis, row] };
}

/** Data with its padding, as far as windows reach. */
export function dataAxes({ axes }: WindowPlane): readonly [ImageAxis, ImageAxis, ImageAxis] {
  const padded = (axis: WindowPlane["axes"][0]): ImageAxis => {
    const { data, result, kernel, stride, dilate, padLow } = axis;
    const length = Math.max(0, (result - 1) * stride + (kernel - 1) * dilate + 1);
    const windows = { cells: result, stride, taps: kernel, dilate };
    return { length, start: padLow, available: data, ...windows };
  };
  const [z, y, x] = axes;
  return [padded(z), padded(y), padded(x)];
}

/** Bytes between neighbours along each axis of contiguous planes, each with a factor. */
export function planeStrides([, y, x]: Triple, bytes: number, factors: Triple = [1, 1, 1]): Triple {
  return [factors[0] * y * x * bytes, factors[1] * x * bytes, factors[2] * bytes];
}

type AxisField = keyof WindowPlane["axes"][0];

/** One number for each axis. */
export function eachAxis({ axes: [z, y, x] }: WindowPlane, field: AxisField): Triple {
  return [z[field], y[field], x[field]];
}

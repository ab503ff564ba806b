import type { TensorType, WindowKernel } from "@adjoint/graph";
import { type WindowPlane, windowPlane } from "../../kernels/windowTaps.js";

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
  const plane = windowPlane(geometry, space, resultSpace);
  return { batch, groups, channels: channels / groups, filters: filters / groups, plane };
}

type Triple = readonly [z: number, y: number, x: number];
type AxisField = keyof WindowPlane["axes"][0];

/** One number for each axis. */
export function eachAxis({ axes: [z, y, x] }: WindowPlane, field: AxisField): Triple {
  return [z[field], y[field], x[field]];
}

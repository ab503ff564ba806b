import { formatShape, type Shape, ShapeError, type WindowGeometry } from "@adjoint/graph";
import { nth } from "../core/define.js";

/** Where windows lie, but for their size. One entry per spatial axis. */
export type WindowPlacement = {
  stride: readonly number[];
  dilate: readonly number[];
  padLow: readonly number[];
  padHigh: readonly number[];
};

/**
 * Windows of `kernel` cells that fit along each of the spatial axes: `floor((padded - extent) /
 * stride) + 1`.
 */
export function windowCounts(
  op: string,
  spatial: Shape,
  kernel: readonly number[],
  { stride, dilate, padLow, padHigh }: WindowPlacement,
): number[] {
  return spatial.map((length, axis) => {
    const padded = length + nth(op, padLow, axis) + nth(op, padHigh, axis);
    const extent = (nth(op, kernel, axis) - 1) * nth(op, dilate, axis) + 1;
    if (extent <= padded) return Math.floor((padded - extent) / nth(op, stride, axis)) + 1;
    throw new ShapeError({
      op,
      problem: "window is larger than the padded data",
      received: `${extent} cells over ${padded} along spatial axis ${axis}`,
      allowed: `kernel ${formatShape(kernel)} within the padded axis`,
    });
  });
}

/** The spatial axes of data in (batch, channel, ...spatial) order; there are 1 to 3. */
export function spatialShape(op: string, data: Shape): Shape {
  if (data.length >= 3 && data.length <= 5) return data.slice(2);
  throw new ShapeError({
    op,
    problem: "data must have 1 to 3 spatial axes",
    received: formatShape(data),
    allowed: "(batch, channel, width), (…, height, width) or (…, depth, height, width)",
  });
}

export function geometryOf(kernel: readonly number[], placement: WindowPlacement): WindowGeometry {
  const { stride, dilate, padLow, padHigh } = placement;
  return { kernel, stride, dilate, padLow, padHigh };
}

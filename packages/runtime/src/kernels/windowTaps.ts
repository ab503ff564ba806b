import type { WindowGeometry } from "@adjoint/graph";
import { at } from "./prepare.js";

/** One spatial axis of a window geometry, with the sizes of the data and of the result along it. */
interface TapAxis {
  readonly data: number;
  readonly result: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilate: number;
  readonly padLow: number;
}

/** Windows over one image plane, as three spatial axes; fewer are led by axes of length 1. */
export interface WindowPlane {
  readonly axes: readonly [TapAxis, TapAxis, TapAxis];
  readonly dataSize: number;
  readonly resultSize: number;
  readonly kernelSize: number;
}

const single: TapAxis = { data: 1, result: 1, kernel: 1, stride: 1, dilate: 1, padLow: 0 };

/** `data` and `result` are the spatial sizes alone: at most three. */
export function windowPlane(
  geometry: WindowGeometry,
  data: readonly number[],
  result: readonly number[],
): WindowPlane {
  const own = data.map((length, axis) => ({
    data: length,
    result: at(result, axis),
    kernel: at(geometry.kernel, axis),
    stride: at(geometry.stride, axis),
    dilate: at(geometry.dilate, axis),
    padLow: at(geometry.padLow, axis),
  }));
  const [z = single, y = single, x = single] = [single, single, single, ...own].slice(-3);
  return {
    axes: [z, y, x],
    dataSize: z.data * y.data * x.data,
    resultSize: z.result * y.result * x.result,
    kernelSize: z.kernel * y.kernel * x.kernel,
  };
}

/**
 * What is done with a row of pairs of one kernel position: result elements `result ... result +
 * count - 1` meet data elements from `data` on, `step` apart.
 */
export type TapRow = (
  tap: number,
  result: number,
  data: number,
  step: number,
  count: number,
) => void;

/**
 * Visits every pair (result element, data element within the plane) of one plane, kernel position
 * by kernel position.
 */
export function forEachTapRow(plane: WindowPlane, visit: TapRow): void {
  const [z, y, x] = plane.axes;
  let tap = 0;
  for (let kz = 0; kz < z.kernel; kz++) {
    for (let ky = 0; ky < y.kernel; ky++) {
      for (let kx = 0; kx < x.kernel; kx++) {
        visitRows(plane, kz, ky, kx, tap, visit);
        tap++;
      }
    }
  }
}

/** The rows of one kernel position. */
function visitRows(
  { axes: [z, y, x] }: WindowPlane,
  kz: number,
  ky: number,
  kx: number,
  tap: number,
  visit: TapRow,
): void {
  const [zFrom, zTo] = [firstInside(z, kz), pastInside(z, kz)];
  const [yFrom, yTo] = [firstInside(y, ky), pastInside(y, ky)];
  const from = firstInside(x, kx);
  const count = pastInside(x, kx) - from;
  if (count <= 0) return;
  const column = from * x.stride + kx * x.dilate - x.padLow;
  for (let oz = zFrom; oz < zTo; oz++) {
    const plane = oz * z.stride + kz * z.dilate - z.padLow;
    for (let oy = yFrom; oy < yTo; oy++) {
      const row = plane * y.data + oy * y.stride + ky * y.dilate - y.padLow;
      visit(tap, (oz * y.result + oy) * x.result + from, row * x.data + column, x.stride, count);
    }
  }
}

/** The first result position whose data position for kernel position `k` is not below 0. */
function firstInside({ padLow, dilate, stride }: TapAxis, k: number): number {
  return Math.max(0, Math.ceil((padLow - k * dilate) / stride));
}

/** The first result position past the end of the data or of the result. */
function pastInside({ padLow, dilate, stride, data, result }: TapAxis, k: number): number {
  return Math.min(result, Math.floor((data - 1 + padLow - k * dilate) / stride) + 1);
}

import { sizeOf, type TensorType, type WindowKernel } from "@adjoint/graph";
import { load, requireDTypes, store } from "../storage.js";
import { at, type Execute, type Signature } from "./prepare.js";
import { lowest } from "./reducers.js";
import { forEachTapRow, type WindowPlane, windowPlane } from "./windowTaps.js";

function planeOf({ geometry }: WindowKernel, data: TensorType, result: TensorType): WindowPlane {
  return windowPlane(geometry, data.shape.slice(2), result.shape.slice(2));
}

/** Planes of a (batch, channel, ...) array. */
const planesOf = ({ shape }: TensorType) => sizeOf(shape.slice(0, 2));

/** The sum of each window; cells outside the data count nothing. */
export function poolSum(kernel: WindowKernel, signature: Signature): Execute {
  const [data, result] = [at(signature.ins, 0), at(signature.outs, 0)];
  requireDTypes(signature, [data.dtype]);
  const plane = planeOf(kernel, data, result);
  return (ins, outs) => {
    const x = new Float64Array(plane.dataSize);
    const y = new Float64Array(plane.resultSize);
    for (let p = 0; p < planesOf(data); p++) {
      load(at(ins, 0), data.dtype, p * x.length, 1, x, 0, x.length);
      y.fill(0);
      forEachTapRow(plane, (_tap, o, i, step, count) => {
        for (let k = 0; k < count; k++) y[o + k] = (y[o + k] ?? 0) + (x[i + k * step] ?? 0);
      });
      store(at(outs, 0).subarray(p * y.length), result.dtype, 0, y, y.length);
    }
  };
}

/** Each head element added to every data element of its window. */
export function poolSumAdjoint(kernel: WindowKernel, signature: Signature): Execute {
  const [head, data] = [at(signature.ins, 0), at(signature.outs, 0)];
  requireDTypes(signature, [head.dtype]);
  const plane = planeOf(kernel, data, head);
  return (ins, outs) => {
    const x = new Float64Array(plane.dataSize);
    const y = new Float64Array(plane.resultSize);
    for (let p = 0; p < planesOf(data); p++) {
      load(at(ins, 0), head.dtype, p * y.length, 1, y, 0, y.length);
      x.fill(0);
      forEachTapRow(plane, (_tap, o, i, step, count) => {
        for (let k = 0; k < count; k++) {
          x[i + k * step] = (x[i + k * step] ?? 0) + (y[o + k] ?? 0);
        }
      });
      store(at(outs, 0).subarray(p * x.length), data.dtype, 0, x, x.length);
    }
  };
}

/**
 * The first maximum of each window and where it is. NaN is a maximum, the first one wins. A window
 * without any cell of the data gives the lowest value of the dtype at position -1.
 */
export function poolMax(kernel: WindowKernel, signature: Signature): Execute {
  const [data, result, where] = [
    at(signature.ins, 0),
    at(signature.outs, 0),
    at(signature.outs, 1),
  ];
  requireDTypes(signature, [data.dtype]);
  const plane = planeOf(kernel, data, result);
  return (ins, outs) => {
    const x = new Float64Array(plane.dataSize);
    const best = new Float64Array(plane.resultSize);
    const position = new Float64Array(plane.resultSize);
    for (let p = 0; p < planesOf(data); p++) {
      load(at(ins, 0), data.dtype, p * x.length, 1, x, 0, x.length);
      maximaOf(plane, x, best.fill(lowest[data.dtype]), position.fill(-1));
      store(at(outs, 0).subarray(p * best.length), result.dtype, 0, best, best.length);
      store(at(outs, 1).subarray(p * best.length), where.dtype, 0, position, best.length);
    }
  };
}

/**
 * Taps are visited in ascending order of data positions, so a strict comparison keeps the first
 * maximum.
 */
function maximaOf(
  plane: WindowPlane,
  x: Float64Array,
  best: Float64Array,
  position: Float64Array,
): void {
  forEachTapRow(plane, (_tap, o, i, step, count) => {
    for (let k = 0; k < count; k++) {
      const value = x[i + k * step] ?? 0;
      const known = best[o + k] ?? 0;
      const better = value > known || (Number.isNaN(value) && !Number.isNaN(known));
      if (!better && (position[o + k] ?? 0) >= 0) continue;
      best[o + k] = value;
      position[o + k] = i + k * step;
    }
  });
}

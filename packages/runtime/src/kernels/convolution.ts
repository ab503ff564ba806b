import type { TensorType, TypedArray, WindowKernel } from "@adjoint/graph";
import { load, requireDTypes, store, toDoubles } from "../storage.js";
import { at, type Execute, type Signature } from "./prepare.js";
import { forEachTapRow, type TapRow, type WindowPlane, windowPlane } from "./windowTaps.js";

/** Sizes of a grouped convolution: data (batch, channels, ...), result (batch, filters, ...). */
interface Convolution {
  readonly batch: number;
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  readonly plane: WindowPlane;
}

function sizesOf(
  { geometry, groups }: WindowKernel,
  data: TensorType,
  result: TensorType,
): Convolution {
  const [batch = 0, channels = 0, ...space] = data.shape;
  const [, filters = 0, ...resultSpace] = result.shape;
  return { batch, channels, filters, groups, plane: windowPlane(geometry, space, resultSpace) };
}

/** Planes that meet: data channel, filter, and where the weights of the pair begin. */
type PairVisit = (channel: number, filter: number, weight: number) => void;

/** Visits every pair of a filter and a channel of its group. */
function forEachPair({ channels, filters, groups, plane }: Convolution, visit: PairVisit): void {
  const channelsPer = channels / groups;
  const filtersPer = filters / groups;
  for (let filter = 0; filter < filters; filter++) {
    const first = Math.floor(filter / filtersPer) * channelsPer;
    for (let c = 0; c < channelsPer; c++) {
      visit(first + c, filter, (filter * channelsPer + c) * plane.kernelSize);
    }
  }
}

/** The images of one side of a convolution, one batch item at a time as doubles. */
class Images {
  readonly item: Float64Array;

  constructor(
    private readonly array: TypedArray,
    private readonly type: TensorType,
    size: number,
  ) {
    this.item = new Float64Array(size);
  }

  read(index: number): void {
    const { item } = this;
    load(this.array, this.type.dtype, index * item.length, 1, item, 0, item.length);
  }

  write(index: number): void {
    const start = index * this.item.length;
    const part = this.array.subarray(start, start + this.item.length);
    store(part, this.type.dtype, 0, this.item, this.item.length);
  }
}

/** result[o] += weight[tap] * data[i] over all pairs (o, i) of a tap. */
export function convolution(kernel: WindowKernel, signature: Signature): Execute {
  const [data, weight, result] = [
    at(signature.ins, 0),
    at(signature.ins, 1),
    at(signature.outs, 0),
  ];
  requireDTypes(signature, [data.dtype, weight.dtype]);
  const sizes = sizesOf(kernel, data, result);
  const { plane, batch } = sizes;
  const row = arithmeticOf(data);
  return (ins, outs) => {
    const images = new Images(at(ins, 0), data, sizes.channels * plane.dataSize);
    const results = new Images(at(outs, 0), result, sizes.filters * plane.resultSize);
    const weights = toDoubles(at(ins, 1), weight.dtype);
    const [x, y] = [images.item, results.item];
    for (let n = 0; n < batch; n++) {
      images.read(n);
      y.fill(0);
      forEachPair(sizes, (channel, filter, first) => {
        const [from, to] = [channel * plane.dataSize, filter * plane.resultSize];
        forEachTapRow(plane, (tap, o, i, step, count) => {
          const w = weights[first + tap] ?? 0;
          row.addScaled(y, to + o, 1, w, x, from + i, step, count);
        });
      });
      results.write(n);
    }
  };
}

/** data[i] += weight[tap] * head[o] over all pairs (o, i) of a tap. */
export function convolutionData(kernel: WindowKernel, signature: Signature): Execute {
  const [head, weight, data] = [at(signature.ins, 0), at(signature.ins, 1), at(signature.outs, 0)];
  requireDTypes(signature, [head.dtype, weight.dtype]);
  const sizes = sizesOf(kernel, data, head);
  const { plane, batch } = sizes;
  const row = arithmeticOf(data);
  return (ins, outs) => {
    const heads = new Images(at(ins, 0), head, sizes.filters * plane.resultSize);
    const images = new Images(at(outs, 0), data, sizes.channels * plane.dataSize);
    const weights = toDoubles(at(ins, 1), weight.dtype);
    const [x, y] = [images.item, heads.item];
    for (let n = 0; n < batch; n++) {
      heads.read(n);
      x.fill(0);
      forEachPair(sizes, (channel, filter, first) => {
        const [to, from] = [channel * plane.dataSize, filter * plane.resultSize];
        forEachTapRow(plane, (tap, o, i, step, count) => {
          const w = weights[first + tap] ?? 0;
          row.addScaled(x, to + i, step, w, y, from + o, 1, count);
        });
      });
      images.write(n);
    }
  };
}

/** weight[tap] += data[i] * head[o] over all pairs (o, i) of a tap and all batch items. */
export function convolutionWeight(kernel: WindowKernel, signature: Signature): Execute {
  const [data, head, weight] = [at(signature.ins, 0), at(signature.ins, 1), at(signature.outs, 0)];
  requireDTypes(signature, [data.dtype, head.dtype]);
  const sizes = sizesOf(kernel, data, head);
  const { plane, batch } = sizes;
  const row = arithmeticOf(data);
  return (ins, outs) => {
    const images = new Images(at(ins, 0), data, sizes.channels * plane.dataSize);
    const heads = new Images(at(ins, 1), head, sizes.filters * plane.resultSize);
    const target = at(outs, 0);
    const weights = new Float64Array(target.length);
    const [x, y] = [images.item, heads.item];
    for (let n = 0; n < batch; n++) {
      images.read(n);
      heads.read(n);
      forEachPair(sizes, (channel, filter, first) => {
        const [left, right] = [channel * plane.dataSize, filter * plane.resultSize];
        const addRow: TapRow = (tap, o, i, step, count) => {
          const sum = row.dot(x, left + i, step, y, right + o, count);
          weights[first + tap] = (weights[first + tap] ?? 0) + sum;
        };
        forEachTapRow(plane, addRow);
      });
    }
    store(target, weight.dtype, 0, weights, weights.length);
  };
}

/** Sums along rows; apart from the visitors, so that their variables are locals. */
interface RowArithmetic {
  /** to[k] += factor * from[k] along two rows. */
  addScaled(
    to: Float64Array,
    write: number,
    writeStep: number,
    factor: number,
    from: Float64Array,
    read: number,
    readStep: number,
    count: number,
  ): void;
  /** The sum of products along two rows. */
  dot(
    a: Float64Array,
    aStart: number,
    aStep: number,
    b: Float64Array,
    bStart: number,
    count: number,
  ): number;
}

const doubles: RowArithmetic = {
  addScaled(to, write, writeStep, factor, from, read, readStep, count) {
    let [w, r] = [write, read];
    for (let k = 0; k < count; k++, w += writeStep, r += readStep) {
      to[w] = (to[w] ?? 0) + factor * (from[r] ?? 0);
    }
  },
  dot(a, aStart, aStep, b, bStart, count) {
    let sum = 0;
    let r = aStart;
    for (let k = 0; k < count; k++, r += aStep) sum += (a[r] ?? 0) * (b[bStart + k] ?? 0);
    return sum;
  },
};

/** Modulo 2^32: doubles do not hold every product of two integers. */
const integers: RowArithmetic = {
  addScaled(to, write, writeStep, factor, from, read, readStep, count) {
    let [w, r] = [write, read];
    for (let k = 0; k < count; k++, w += writeStep, r += readStep) {
      to[w] = ((to[w] ?? 0) + Math.imul(factor, from[r] ?? 0)) | 0;
    }
  },
  dot(a, aStart, aStep, b, bStart, count) {
    let sum = 0;
    let r = aStart;
    for (let k = 0; k < count; k++, r += aStep) {
      sum = (sum + Math.imul(a[r] ?? 0, b[bStart + k] ?? 0)) | 0;
    }
    return sum;
  },
};

function arithmeticOf({ dtype }: TensorType): RowArithmetic {
  return dtype === "int32" ? integers : doubles;
}

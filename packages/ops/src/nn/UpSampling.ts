import {
  ArgumentError,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  tensorType,
} from "@adjoint/graph";
import { applyOne, defineOp, nth } from "../core/define.js";
import { checkChoice, checkInteger, readOptions } from "../core/options.js";
import { add } from "../elementwise/arithmetic.js";
import { arraysAndOptions, concatAlong } from "../pack/concat.js";
import { broadcastTo } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { Deconvolution } from "./Deconvolution.js";

function checkImages(shape: Shape): void {
  if (shape.length === 4) return;
  throw new ShapeError({
    op: "UpSampling",
    problem: "data must have 2 spatial axes",
    received: formatShape(shape),
    allowed: "(batch, channels, height, width)",
  });
}

export const upSamplingOp = defineOp<{ scale: number }>({
  name: "UpSampling",
  arity: 1,
  attrs: { scale: "int" },
  infer(ins, { scale }) {
    const { dtype, shape } = nth("UpSampling", ins, 0);
    checkImages(shape);
    const [batch = 0, channels = 0, height = 0, width = 0] = shape;
    return [tensorType(dtype, [batch, channels, height * scale, width * scale])];
  },
  compose(ins, { scale }) {
    const x = nth("UpSampling", ins, 0);
    const [batch = 0, channels = 0, height = 0, width = 0] = x.type.shape;
    const cells = reshape(x, [batch, channels, height, 1, width, 1]);
    const repeated = broadcastTo(cells, [batch, channels, height, scale, width, scale]);
    return [reshape(repeated, [batch, channels, height * scale, width * scale])];
  },
  docs: "Repeats each cell of the two spatial axes `scale` times along both.",
});

export interface UpSamplingOptions {
  /** Factor between the first array's spatial axes and the result's. */
  scale: number;
  /**
   * `nearest` repeats cells; `bilinear` takes data and a weight (channels, 1, k, k), k = 2 scale -
   * scale % 2.
   */
  sampleType: "nearest" | "bilinear";
  /** How several arrays are joined: side by side along the channels, or added. */
  multiInputMode: "concat" | "sum";
  /** bilinear: channels of the data; null takes them from it. */
  numFilter: number | null;
  /** How many arrays are given; null does not check. */
  numArgs: number | null;
}

const defaults: UpSamplingOptions = {
  scale: 1,
  sampleType: "nearest",
  multiInputMode: "concat",
  numFilter: null,
  numArgs: null,
};

/** The whole factor that brings `shape` to `target`, both (batch, channels, height, width). */
function factorTo(shape: Shape, target: Shape): number {
  checkImages(shape);
  const factor = (target[2] ?? 0) / (shape[2] ?? 0);
  if (Number.isInteger(factor) && factor * (shape[3] ?? 0) === target[3]) return factor;
  throw new ShapeError({
    op: "UpSampling",
    problem: "arrays do not come to one size",
    received: formatShape(shape),
    allowed: `height and width whole fractions of ${target[2]} and ${target[3]}`,
  });
}

function bilinear<T extends Operand<T>>(
  arrays: readonly T[],
  { scale, numFilter }: UpSamplingOptions,
): T {
  const [x, weight] = arrays;
  if (x === undefined || weight === undefined || arrays.length !== 2) {
    throw new ArgumentError({
      op: "UpSampling",
      problem: "bilinear takes two arrays",
      received: `${arrays.length}`,
      allowed: "data and weight",
    });
  }
  checkImages(x.type.shape);
  const channels = numFilter ?? nth("UpSampling", x.type.shape, 1);
  const size = 2 * scale - (scale % 2);
  const pad = Math.ceil((scale - 1) / 2);
  return Deconvolution(x, weight, {
    kernel: [size, size],
    stride: [scale, scale],
    pad: [pad, pad],
    numFilter: channels,
    numGroup: channels,
  });
}

/**
 * Enlarges images by a whole factor.
 *
 * @param args arrays (batch, channels, height, width), all brought to `scale` times the first one's
 *   size, then the options; with `bilinear` data, a weight (channels, 1, k, k) with k = 2 scale -
 *   scale % 2, and the options
 * @returns shape (batch, channels, scale height, scale width), the channels of several arrays one
 *   after the other
 * @throws ShapeError unless whole factors bring all arrays to one size
 * @derivative `nearest`: the head gradient summed over the copies of each cell; `bilinear`: that of
 *   `Deconvolution`
 * @example
 * ```ts
 * nd.UpSampling(nd.array([[[[1, 2]]]]), { scale: 2 }); // [[[[1. 1. 2. 2.] [1. 1. 2. 2.]]]]
 * ```
 */
export function UpSampling<T extends Operand<T>>(
  ...args: readonly (T | Partial<UpSamplingOptions>)[]
): T {
  const { arrays, options } = arraysAndOptions<T, Partial<UpSamplingOptions>>("UpSampling", args);
  const read = readOptions("UpSampling", options, defaults);
  const scale = checkInteger("UpSampling", "scale", read.scale, 1);
  const mode = checkChoice("UpSampling", "multiInputMode", read.multiInputMode, ["concat", "sum"]);
  const type = checkChoice("UpSampling", "sampleType", read.sampleType, ["nearest", "bilinear"]);
  if (read.numFilter !== null) checkInteger("UpSampling", "numFilter", read.numFilter, 1);
  if (read.numArgs !== null && read.numArgs !== arrays.length) {
    throw new ArgumentError({
      op: "UpSampling",
      problem: "numArgs is not the number of arrays",
      received: String(read.numArgs),
      allowed: String(arrays.length),
    });
  }
  if (type === "bilinear") return bilinear(arrays, read);
  const [head, ...rest] = arrays;
  checkImages(head.type.shape);
  const target = head.type.shape.map((length, axis) => (axis < 2 ? length : length * scale));
  const enlarge = (x: T) => applyOne(upSamplingOp, [x], { scale: factorTo(x.type.shape, target) });
  if (mode === "concat") return concatAlong([enlarge(head), ...rest.map(enlarge)], 1);
  return rest.map(enlarge).reduce((sum, one) => add(sum, one), enlarge(head));
}

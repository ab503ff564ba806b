import { AttributeError, type Operand, type Shape } from "@adjoint/graph";
import { apply, checkOperands, nth } from "../core/define.js";
import { checkChoice, readOptions } from "../core/options.js";
import { spatialShape } from "../window/geometry.js";
import type { PoolAttrs } from "../window/poolSum.js";
import {
  channelsToEnd,
  channelsToFront,
  isChannelsLast,
  spatialIntegers,
} from "./layerArguments.js";
import { type PoolType, poolingOp, poolTypes } from "./poolingOp.js";

const conventions = ["valid", "full", "same"] as const;
export type PoolingConvention = (typeof conventions)[number];

export interface PoolingOptions {
  /** Lengths of the window; needed unless `globalPool`. */
  kernel: readonly number[];
  /** max, avg, sum, or lp: `(sum x**pValue) ** (1 / pValue)`. */
  poolType: PoolType;
  /** One window over everything; kernel, stride and pad don't matter. */
  globalPool: boolean;
  /**
   * Number of windows. `valid`: those that fit. `full`: one more where cells remain, hanging over
   * the end. `same`: one per stride that begins within the data, without padding.
   */
  poolingConvention: PoolingConvention;
  /** Steps between windows; `[]` for 1. */
  stride: readonly number[];
  /** Cells added on both sides, less than the kernel; `[]` for 0. */
  pad: readonly number[];
  /** The p of lp: 1, 2 or 3. */
  pValue: number;
  /** Averages count padded cells as well, but never those that a window of `full` hangs over. */
  countIncludePad: boolean;
  /**
   * Order of the axes: NCW, NCHW, NCDHW, or the channels at the end: NWC, NHWC, NDHWC; null for the
   * one that fits with channels in front.
   */
  layout: string | null;
}

const defaults: PoolingOptions = {
  kernel: [],
  poolType: "max",
  globalPool: false,
  poolingConvention: "valid",
  stride: [],
  pad: [],
  pValue: 2,
  countIncludePad: true,
  layout: null,
};

/** Cells to add at the far end, so that exactly the convention's windows fit. */
function paddingBehind(
  convention: PoolingConvention,
  length: number,
  [kernel, stride, pad]: readonly [number, number, number],
): number {
  switch (convention) {
    case "valid":
      return pad;
    case "full": {
      const steps = Math.max(Math.ceil((length + 2 * pad - kernel) / stride), 0);
      return steps * stride + kernel - length - pad;
    }
    case "same":
      return Math.max((Math.ceil(length / stride) - 1) * stride + kernel - length, 0);
    default:
      throw new Error(convention satisfies never);
  }
}

function windowsOf(spatial: Shape, options: PoolingOptions): PoolAttrs {
  if (options.globalPool) {
    const [ones, zeros] = [spatial.map(() => 1), spatial.map(() => 0)];
    return { kernel: spatial, stride: ones, padLow: zeros, padHigh: zeros };
  }
  const convention = checkChoice(
    "Pooling",
    "poolingConvention",
    options.poolingConvention,
    conventions,
  );
  if (options.kernel.length === 0) {
    throw new AttributeError({
      op: "Pooling",
      problem: "kernel is missing",
      allowed: "kernel, or globalPool: true",
    });
  }
  const { length: count } = spatial;
  const kernel = spatialIntegers("Pooling", "kernel", options.kernel, count, 1);
  const stride = spatialIntegers("Pooling", "stride", options.stride, count, 1);
  const padLow = spatialIntegers("Pooling", "pad", options.pad, count, 0);
  if (convention === "same" && padLow.some((cells) => cells !== 0)) {
    throw new AttributeError({
      op: "Pooling",
      problem: "same goes without padding",
      received: `pad [${padLow.join(", ")}]`,
    });
  }
  const padHigh = spatial.map((length, axis) =>
    paddingBehind(convention, length, [
      nth("Pooling", kernel, axis),
      nth("Pooling", stride, axis),
      nth("Pooling", padLow, axis),
    ]),
  );
  return { kernel, stride, padLow, padHigh };
}

/**
 * Pools windows over 1 to 3 spatial axes.
 *
 * @param x shape (batch, channels, ...spatial), 1 to 3 spatial axes, or as `layout` says
 * @returns shape (batch, channels, ...windows) in x's layout; lengths of 1 with `globalPool`
 * @throws ShapeError if a window is larger than the padded data, or one of `max` lies wholly outside
 *   the data; AttributeError for options out of range
 * @derivative `max`: to the first of equal cells alone; `avg` and `sum`: evenly over the window;
 *   `lp`: `(x / y)**(p-1)`, NaN where a window is all 0
 * @edges padding never wins a maximum; a window with NaN gives NaN
 * @edges a window wholly outside the data, which `full` can leave at the end, is 0
 * @example
 * ```ts
 * nd.Pooling(nd.array([[[1, 5, 2, 3]]]), { kernel: [2], stride: [2] }); // [[[5. 3.]]]
 * ```
 */
export function Pooling<T extends Operand<T>>(x: T, options?: Partial<PoolingOptions>): T {
  const read = readOptions("Pooling", options, defaults);
  checkOperands("Pooling", [x]);
  const atEnd = isChannelsLast("Pooling", read.layout, x.type.shape.length);
  const data = atEnd ? channelsToFront(x) : x;
  const spatial = spatialShape("Pooling", data.type.shape);
  const poolType = checkChoice("Pooling", "poolType", read.poolType, poolTypes);
  if (![1, 2, 3].includes(read.pValue)) {
    throw new AttributeError({
      op: "Pooling",
      problem: "pValue is not valid",
      received: String(read.pValue),
      allowed: "1, 2, 3",
    });
  }
  const results = apply(poolingOp, [data], {
    ...windowsOf(spatial, read),
    poolType,
    pValue: read.pValue,
    countIncludePad: read.countIncludePad,
  });
  const pooled = nth("Pooling", results, 0);
  return atEnd ? channelsToEnd(pooled) : pooled;
}

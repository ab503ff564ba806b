import { type Operand, tensorType } from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, nth } from "../core/define.js";
import { checkInteger } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { add } from "../elementwise/arithmetic.js";
import { reshape } from "../view/reshape.js";
import { type ConvAttrs, conv, convShape } from "../window/conv.js";
import { spatialShape } from "../window/geometry.js";
import {
  channelsToEnd,
  channelsToFront,
  checkShape,
  isChannelsLast,
  readBias,
  spatialIntegers,
} from "./layerArguments.js";

/** Attributes of convolutions in the IR; lists have one entry per spatial axis. */
export type ConvolutionAttrs = {
  stride: readonly number[];
  dilate: readonly number[];
  pad: readonly number[];
  groups: number;
};

export interface ConvolutionOptions {
  /** Lengths of the window; `[]` takes the weight's. */
  kernel: readonly number[];
  /** Steps between windows; `[]` for 1. */
  stride: readonly number[];
  /** Distance between neighbouring cells of a window; `[]` for 1. */
  dilate: readonly number[];
  /** Zeros on both sides; `[]` for 0. */
  pad: readonly number[];
  /** Channels of the result; null takes the weight's. */
  numFilter: number | null;
  /** Channels fall into this many groups that do not see each other. */
  numGroup: number;
  /** There is no bias argument. */
  noBias: boolean;
  /**
   * Order of the axes: NCW, NCHW, NCDHW, or the channels at the end: NWC, NHWC, NDHWC; null for the
   * one that fits with channels in front.
   */
  layout: string | null;
}

export const convolutionDefaults: ConvolutionOptions = {
  kernel: [],
  stride: [],
  dilate: [],
  pad: [],
  numFilter: null,
  numGroup: 1,
  noBias: false,
  layout: null,
};

export const convolutionAttrKinds = {
  stride: "ints",
  dilate: "ints",
  pad: "ints",
  groups: "int",
} as const;

/** As the primitive convolutions have them: padding per side. */
export function sidedPadding({ stride, dilate, pad, groups }: ConvolutionAttrs): ConvAttrs {
  return { stride, dilate, padLow: pad, padHigh: pad, groups };
}

/** Adds one number per channel to data (batch, channels, ...spatial). */
export function addPerChannel<T extends Operand<T>>(x: T, bias: T | undefined): T {
  if (bias === undefined) return x;
  return add(x, reshape(bias, [...bias.type.shape, ...x.type.shape.slice(2).map(() => 1)]));
}

export const convolutionOp = defineOp<ConvolutionAttrs>({
  name: "Convolution",
  arity: { min: 2, max: 3 },
  attrs: convolutionAttrKinds,
  infer(ins, attrs) {
    const [data, weight, bias] = [nth("Convolution", ins, 0), nth("Convolution", ins, 1), ins[2]];
    const shape = convShape("Convolution", data.shape, weight.shape, sidedPadding(attrs));
    if (bias !== undefined) checkShape("Convolution", "bias", bias.shape, [shape[1] ?? 0]);
    return [tensorType(sameDType("Convolution", ins), shape)];
  },
  compose(ins, attrs) {
    const [data, weight] = [nth("Convolution", ins, 0), nth("Convolution", ins, 1)];
    return [addPerChannel(conv(data, weight, sidedPadding(attrs)), ins[2])];
  },
  docs:
    "Cross-correlation of data (batch, channels, ...spatial), 1 to 3 spatial axes, with a weight " +
    "(filters, channels / groups, ...kernel), plus a bias (filters,) if given.",
});

/** The IR's attributes from the options, each with one entry per spatial axis of the data. */
export function convolutionAttrs(
  op: string,
  rank: number,
  { stride, dilate, pad, numGroup }: Omit<ConvolutionOptions, "kernel">,
): ConvolutionAttrs {
  return {
    stride: spatialIntegers(op, "stride", stride, rank - 2, 1),
    dilate: spatialIntegers(op, "dilate", dilate, rank - 2, 1),
    pad: spatialIntegers(op, "pad", pad, rank - 2, 0),
    groups: checkInteger(op, "numGroup", numGroup, 1),
  };
}

/** Data and weight with the channels in front, and whether they had them at the end. */
export function inFrontLayout<T extends Operand<T>>(
  op: string,
  x: T,
  weight: T,
  layout: string | null,
): { data: T; filters: T; atEnd: boolean } {
  checkOperands(op, [x, weight]);
  if (!isChannelsLast(op, layout, x.type.shape.length))
    return { data: x, filters: weight, atEnd: false };
  return { data: channelsToFront(x), filters: channelsToFront(weight), atEnd: true };
}

/**
 * Convolution (cross-correlation, as in all deep-learning libraries) over 1 to 3 spatial axes.
 *
 * @param x shape (batch, channels, ...spatial), or as `layout` says
 * @param weight shape (numFilter, channels / numGroup, ...kernel); with the channels at the end
 *   (numFilter, ...kernel, channels / numGroup)
 * @param bias shape (numFilter,); left out with `noBias`
 * @returns shape (batch, numFilter, ...windows) in x's layout, along each axis `floor((length + 2
 *   pad - dilate (kernel - 1) - 1) / stride) + 1` windows
 * @throws ShapeError if weight or bias does not fit; AttributeError for options that do not
 * @derivative to x the transposed convolution of the head gradient, to the weight the correlation
 *   of x with it, to the bias its sum over all but the channels
 * @edges cells of the padding are 0, so that NaN and infinities spread only over the windows that
 *   hold them
 * @example
 * ```ts
 * nd.Convolution(nd.array([[[1, 2, 3]]]), nd.array([[[1, 10]]]), nd.array([0.5]));
 * // [[[21.5 32.5]]]
 * nd.Convolution(nd.ones([1, 3, 8, 8]), nd.ones([4, 3, 3, 3]), { noBias: true }).shape;
 * // [1, 4, 6, 6]
 * ```
 */
export function Convolution<T extends Operand<T>>(
  x: T,
  weight: T,
  bias?: T | Partial<ConvolutionOptions>,
  options?: Partial<ConvolutionOptions>,
): T {
  const read = readBias("Convolution", bias, options, convolutionDefaults);
  const { kernel, numFilter, layout } = read.options;
  const { data, filters, atEnd } = inFrontLayout("Convolution", x, weight, layout);
  const spatial = spatialShape("Convolution", data.type.shape);
  const attrs = convolutionAttrs("Convolution", data.type.shape.length, read.options);
  const [count = 0, perGroup = 0, ...window] = filters.type.shape;
  const expected =
    kernel.length === 0
      ? window
      : spatialIntegers("Convolution", "kernel", kernel, spatial.length, 1);
  checkShape("Convolution", "weight", filters.type.shape, [
    numFilter ?? count,
    perGroup,
    ...expected,
  ]);
  const ins: [T, ...T[]] = [data, filters, ...(read.bias === undefined ? [] : [read.bias])];
  const y = applyOne(convolutionOp, ins, attrs);
  return atEnd ? channelsToEnd(y) : y;
}

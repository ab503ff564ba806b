import {
  AttributeError,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  tensorType,
} from "@adjoint/graph";
import { applyOne, defineOp, nth } from "../core/define.js";
import { sameDType } from "../core/shapes.js";
import { convData, convShape } from "../window/conv.js";
import { spatialShape } from "../window/geometry.js";
import {
  addPerChannel,
  type ConvolutionAttrs,
  type ConvolutionOptions,
  convolutionAttrKinds,
  convolutionAttrs,
  convolutionDefaults,
  inFrontLayout,
  sidedPadding,
} from "./Convolution.js";
import { channelsToEnd, checkShape, readBias, spatialIntegers } from "./layerArguments.js";

/** `adj`: cells added at the far ends of the result. */
export type DeconvolutionAttrs = ConvolutionAttrs & { adj: readonly number[] };

export interface DeconvolutionOptions extends ConvolutionOptions {
  /** Cells added at the far end of each axis, fewer than `stride`; `[]` for 0. */
  adj: readonly number[];
  /** The result's spatial axes; then `pad` and `adj` follow from it. `[]`: they are as given. */
  targetShape: readonly number[];
}

const defaults: DeconvolutionOptions = {
  ...convolutionDefaults,
  noBias: true,
  adj: [],
  targetShape: [],
};

/** Lengths that a convolution with these attributes brings to `spatial`. */
function resultSpatial(
  op: string,
  spatial: Shape,
  kernel: Shape,
  { stride, dilate, pad, adj }: DeconvolutionAttrs,
): number[] {
  return spatial.map((length, axis) => {
    const extent = (nth(op, kernel, axis) - 1) * nth(op, dilate, axis) + 1;
    const span = nth(op, stride, axis) * (length - 1) + extent;
    return span - 2 * nth(op, pad, axis) + nth(op, adj, axis);
  });
}

function resultShape(data: Shape, weight: Shape, attrs: DeconvolutionAttrs): Shape {
  const spatial = spatialShape("Deconvolution", data);
  if (weight.length !== data.length || weight[0] !== data[1]) {
    throw new ShapeError({
      op: "Deconvolution",
      problem: "weight does not fit the data",
      received: `weight ${formatShape(weight)} for data ${formatShape(data)}`,
      allowed: `(${data[1]}, filters / groups, ${spatial.map(() => "kernel").join(", ")})`,
    });
  }
  const lengths = resultSpatial("Deconvolution", spatial, weight.slice(2), attrs);
  const result = [data[0] ?? 0, (weight[1] ?? 0) * attrs.groups, ...lengths];
  convShape("Deconvolution", result, weight, sidedPadding(attrs));
  return result;
}

export const deconvolutionOp = defineOp<DeconvolutionAttrs>({
  name: "Deconvolution",
  arity: { min: 2, max: 3 },
  attrs: { ...convolutionAttrKinds, adj: "ints" },
  infer(ins, attrs) {
    const [data, weight, bias] = [
      nth("Deconvolution", ins, 0),
      nth("Deconvolution", ins, 1),
      ins[2],
    ];
    const shape = resultShape(data.shape, weight.shape, attrs);
    if (bias !== undefined) checkShape("Deconvolution", "bias", bias.shape, [shape[1] ?? 0]);
    return [tensorType(sameDType("Deconvolution", ins), shape)];
  },
  compose(ins, attrs) {
    const [data, weight] = [nth("Deconvolution", ins, 0), nth("Deconvolution", ins, 1)];
    const [, , ...spatial] = resultShape(data.type.shape, weight.type.shape, attrs);
    const y = convData(data, weight, { ...sidedPadding(attrs), spatial });
    return [addPerChannel(y, ins[2])];
  },
  docs:
    "Transposed convolution: the adjoint in its data of the convolution with the same " +
    "attributes. Data (batch, channels, ...spatial), weight (channels, filters / groups, " +
    "...kernel), bias (filters,) if given.",
});

/** Padding and additional cells that give the lengths asked for, as MXNet chooses them. */
function towardsTarget(
  spatial: Shape,
  kernel: Shape,
  attrs: DeconvolutionAttrs,
  target: readonly number[],
): DeconvolutionAttrs {
  const none = target.map(() => 0);
  const widest = resultSpatial("Deconvolution", spatial, kernel, {
    ...attrs,
    pad: none,
    adj: none,
  });
  const surplus = widest.map((length, axis) => length - nth("Deconvolution", target, axis));
  if (surplus.some((cells) => cells < 0)) {
    throw new AttributeError({
      op: "Deconvolution",
      problem: "targetShape is too large",
      received: formatShape(target),
      allowed: `at most ${formatShape(widest)}`,
    });
  }
  return {
    ...attrs,
    pad: surplus.map((cells) => Math.ceil(cells / 2)),
    adj: surplus.map((cells) => cells % 2),
  };
}

function checkAdj(attrs: DeconvolutionAttrs): void {
  if (attrs.adj.every((cells, axis) => cells < nth("Deconvolution", attrs.stride, axis))) return;
  throw new AttributeError({
    op: "Deconvolution",
    problem: "adj is not valid",
    received: `[${attrs.adj.join(", ")}]`,
    allowed: `less than the stride [${attrs.stride.join(", ")}]`,
  });
}

/**
 * Transposed convolution: spreads each cell over a window.
 *
 * @param x shape (batch, channels, ...spatial), or as `layout` says
 * @param weight shape (channels, numFilter / numGroup, ...kernel); with the channels at the end
 *   (channels, ...kernel, numFilter / numGroup)
 * @param bias shape (numFilter,), with `noBias: false`; by default there is none
 * @returns shape (batch, numFilter, ...lengths) in x's layout, along each axis `stride (length - 1)
 *   + dilate (kernel - 1) + 1 - 2 pad + adj`
 * @throws ShapeError if weight or bias does not fit; AttributeError for options that do not
 * @derivative to x the convolution of the head gradient, to the weight the correlation of it with
 *   x, to the bias its sum over all but the channels
 * @edges cells that no window reaches are 0 (the bias, if there is one)
 * @example
 * ```ts
 * nd.Deconvolution(nd.array([[[1, 2]]]), nd.array([[[1, 10]]]), { stride: [2], numFilter: 1 });
 * // [[[ 1. 10.  2. 20.]]]
 * nd.Deconvolution(nd.ones([1, 2, 3, 3]), nd.ones([2, 4, 2, 2]), { stride: [2, 2] }).shape;
 * // [1, 4, 6, 6]
 * ```
 */
export function Deconvolution<T extends Operand<T>>(
  x: T,
  weight: T,
  bias?: T | Partial<DeconvolutionOptions>,
  options?: Partial<DeconvolutionOptions>,
): T {
  const read = readBias("Deconvolution", bias, options, defaults);
  const { kernel, numFilter, adj, targetShape, layout } = read.options;
  const { data, filters, atEnd } = inFrontLayout("Deconvolution", x, weight, layout);
  const spatial = spatialShape("Deconvolution", data.type.shape);
  const { length: count } = spatial;
  const [channels = 0, perGroup = 0, ...window] = filters.type.shape;
  const base = convolutionAttrs("Deconvolution", data.type.shape.length, read.options);
  const expected = [
    channels,
    numFilter === null ? perGroup : numFilter / base.groups,
    ...(kernel.length === 0
      ? window
      : spatialIntegers("Deconvolution", "kernel", kernel, count, 1)),
  ];
  checkShape("Deconvolution", "weight", filters.type.shape, expected);
  const given = { ...base, adj: spatialIntegers("Deconvolution", "adj", adj, count, 0) };
  const target = spatialIntegers("Deconvolution", "targetShape", targetShape, count, 0);
  const attrs = target.every((length) => length === 0)
    ? given
    : towardsTarget(spatial, expected.slice(2), given, target);
  checkAdj(attrs);
  const ins: [T, ...T[]] = [data, filters, ...(read.bias === undefined ? [] : [read.bias])];
  const y = applyOne(deconvolutionOp, ins, attrs);
  return atEnd ? channelsToEnd(y) : y;
}

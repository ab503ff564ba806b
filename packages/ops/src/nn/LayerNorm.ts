import { formatShape, type Operand, type Shape, ShapeError } from "@adjoint/graph";
import { apply, checkOperands, nth } from "../core/define.js";
import { checkInteger, normalizeAxis, readOptions } from "../core/options.js";
import { reshape } from "../view/reshape.js";
import { checkFinite } from "./layerArguments.js";
import { normalizationOp } from "./normalization.js";

export type LayerNormAttrs = { axis: number; eps: number };

export const layerNormOp = normalizationOp<LayerNormAttrs>(
  "LayerNorm",
  { axis: "int", eps: "number" },
  (shape, { axis }) => ({
    view: shape,
    axes: [axis],
    parameter: shape.map((length, other) => (other === axis ? length : 1)),
  }),
  "`gamma (x - mean) / sqrt(variance + eps) + beta` along one axis; results y, mean and " +
    "sqrt(variance + eps).",
);

/** Refuses data without spatial axes. */
function checkRank(op: string, shape: Shape): void {
  if (shape.length >= 3) return;
  throw new ShapeError({
    op,
    problem: "data has no spatial axes",
    received: formatShape(shape),
    allowed: "(batch, channels, ...spatial)",
  });
}

export const instanceNormOp = normalizationOp<{ eps: number }>(
  "InstanceNorm",
  { eps: "number" },
  (shape) => {
    checkRank("InstanceNorm", shape);
    const spatial = shape.slice(2);
    return {
      view: shape,
      axes: spatial.map((_, axis) => axis + 2),
      parameter: [shape[1] ?? 0, ...spatial.map(() => 1)],
    };
  },
  "`gamma (x - mean) / sqrt(variance + eps) + beta` over the spatial axes of each channel of " +
    "each sample; results y, mean and sqrt(variance + eps).",
);

export type GroupNormAttrs = { groups: number; eps: number };

export const groupNormOp = normalizationOp<GroupNormAttrs>(
  "GroupNorm",
  { groups: "int", eps: "number" },
  (shape, { groups }) => {
    checkRank("GroupNorm", shape);
    const [batch = 0, channels = 0, ...spatial] = shape;
    if (channels % groups !== 0) {
      throw new ShapeError({
        op: "GroupNorm",
        problem: "channels do not fall into groups of equal size",
        received: `${channels} channels in ${groups} groups`,
        allowed: `a multiple of ${groups} channels`,
      });
    }
    const size = spatial.reduce((product, length) => product * length, channels / groups);
    return { view: [batch, groups, size], axes: [2], parameter: [groups, 1] };
  },
  "`gamma (x - mean) / sqrt(variance + eps) + beta` over each group of channels of each sample, " +
    "gamma and beta per group; results y, mean and sqrt(variance + eps).",
);

export interface LayerNormOptions {
  /** The axis to normalize, counted from either end. */
  axis: number;
  /** Added to the variance. */
  eps: number;
  /** Give mean and `sqrt(variance + eps)` as well. */
  outputMeanVar: boolean;
}

/**
 * Normalizes along one axis: `gamma (x - mean) / sqrt(variance + eps) + beta`.
 *
 * @param x floating point, any shape
 * @param gamma shape (length of the axis,)
 * @param beta shape (length of the axis,)
 * @returns x's shape; with `outputMeanVar` a list of it, the mean and `sqrt(variance + eps)`, their
 *   axis of length 1
 * @throws ShapeError if gamma or beta does not fit; BoundsError for an axis out of range
 * @derivative through mean and variance; to gamma and beta the sums of `dY x̂` and dY
 * @edges equal elements give beta, and gradient 0 to x
 * @example
 * ```ts
 * nd.LayerNorm(nd.array([[1, 3]]), nd.ones([2]), nd.zeros([2])); // [[-0.999995  0.999995]]
 * ```
 */
export function LayerNorm<T extends Operand<T>>(
  x: T,
  gamma: T,
  beta: T,
  options: Partial<LayerNormOptions> & { outputMeanVar: true },
): readonly T[];
export function LayerNorm<T extends Operand<T>>(
  x: T,
  gamma: T,
  beta: T,
  options?: Partial<LayerNormOptions>,
): T;
export function LayerNorm<T extends Operand<T>>(
  x: T,
  gamma: T,
  beta: T,
  options?: Partial<LayerNormOptions>,
): T | readonly T[] {
  const defaults: LayerNormOptions = { axis: -1, eps: 1e-5, outputMeanVar: false };
  const { axis, eps, outputMeanVar } = readOptions("LayerNorm", options, defaults);
  checkOperands("LayerNorm", [x, gamma, beta]);
  const results = apply(layerNormOp, [x, gamma, beta], {
    axis: normalizeAxis("LayerNorm", axis, x.type.shape.length),
    eps: checkFinite("LayerNorm", "eps", eps),
  });
  return outputMeanVar ? results : nth("LayerNorm", results, 0);
}

/**
 * Normalizes each channel of each sample over its spatial axes.
 *
 * @param x floating point, shape (batch, channels, ...spatial)
 * @param gamma shape (channels,)
 * @param beta shape (channels,)
 * @param options.eps added to the variance
 * @returns x's shape
 * @throws ShapeError if x has no spatial axes, or gamma or beta does not fit
 * @derivative through mean and variance; to gamma and beta the sums of `dY x̂` and dY
 * @edges a channel of equal elements gives beta, and gradient 0 to x
 * @example
 * ```ts
 * nd.InstanceNorm(nd.array([[[1, 3]]]), nd.ones([1]), nd.zeros([1]));
 * // [[[-0.9995004  0.9995004]]]
 * ```
 */
export function InstanceNorm<T extends Operand<T>>(
  x: T,
  gamma: T,
  beta: T,
  options?: Partial<{ eps: number }>,
): T {
  const { eps } = readOptions("InstanceNorm", options, { eps: 1e-3 });
  const attrs = { eps: checkFinite("InstanceNorm", "eps", eps) };
  return nth("InstanceNorm", apply(instanceNormOp, [x, gamma, beta], attrs), 0);
}

export interface GroupNormOptions {
  /** Groups of neighbouring channels. */
  numGroups: number;
  /** Added to the variance. */
  eps: number;
  /** Give mean and `sqrt(variance + eps)` as well. */
  outputMeanVar: boolean;
}

/**
 * Normalizes each group of channels of each sample. As in MXNet, gamma and beta have one entry per
 * group.
 *
 * @param x floating point, shape (batch, channels, ...spatial)
 * @param gamma shape (numGroups,)
 * @param beta shape (numGroups,)
 * @returns x's shape; with `outputMeanVar` a list of it, the mean and `sqrt(variance + eps)`, both
 *   of shape (batch, numGroups)
 * @throws ShapeError if the channels are not a multiple of `numGroups`, or gamma or beta does not
 *   fit
 * @derivative through mean and variance; to gamma and beta the sums of `dY x̂` and dY
 * @edges a group of equal elements gives beta, and gradient 0 to x
 * @example
 * ```ts
 * const x = nd.array([[[1], [3], [5], [5]]]);
 * nd.GroupNorm(x, nd.ones([2]), nd.zeros([2]), { numGroups: 2 });
 * // [[[-0.999995] [ 0.999995] [ 0.      ] [ 0.      ]]]
 * ```
 */
export function GroupNorm<T extends Operand<T>>(
  x: T,
  gamma: T,
  beta: T,
  options: Partial<GroupNormOptions> & { outputMeanVar: true },
): readonly T[];
export function GroupNorm<T extends Operand<T>>(
  x: T,
  gamma: T,
  beta: T,
  options?: Partial<GroupNormOptions>,
): T;
export function GroupNorm<T extends Operand<T>>(
  x: T,
  gamma: T,
  beta: T,
  options?: Partial<GroupNormOptions>,
): T | readonly T[] {
  const defaults: GroupNormOptions = { numGroups: 1, eps: 1e-5, outputMeanVar: false };
  const { numGroups, eps, outputMeanVar } = readOptions("GroupNorm", options, defaults);
  checkOperands("GroupNorm", [x, gamma, beta]);
  const attrs = {
    groups: checkInteger("GroupNorm", "numGroups", numGroups, 1),
    eps: checkFinite("GroupNorm", "eps", eps),
  };
  const results = apply(groupNormOp, [x, gamma, beta], attrs);
  const y = nth("GroupNorm", results, 0);
  if (!outputMeanVar) return y;
  const groups = [x.type.shape[0] ?? 0, attrs.groups];
  return [y, ...results.slice(1).map((statistic) => reshape(statistic, groups))];
}

import { type Operand, type Shape, tensorType, type Value } from "@adjoint/graph";
import { apply, checkOperands, defineOp, nth } from "../core/define.js";
import { normalizeAxis, readOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { add, div, mul, sub } from "../elementwise/arithmetic.js";
import { zerosOf } from "../elementwise/full.js";
import { identity } from "../elementwise/identity.js";
import { sqrt } from "../elementwise/powers.js";
import { reducedCount } from "../reduce/mean.js";
import { broadcastTo, sumTo } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { checkFinite, checkFloat, checkShape } from "./layerArguments.js";
import { meanAndVariance, standardizedGradient } from "./normalization.js";

export type BatchNormAttrs = {
  /** The channel axis, counted from the front. */
  axis: number;
  eps: number;
  /** Gamma counts as 1. */
  fixGamma: boolean;
  /** Normalize by the batch's own statistics, not by the moving ones. */
  training: boolean;
};

const parameters = ["data", "gamma", "beta", "moving mean", "moving variance"] as const;

/** The axes that the statistics run over, and the shape of a per-channel array beside the data. */
function layout(shape: Shape, axis: number): { axes: readonly number[]; channels: Shape } {
  return {
    axes: shape.flatMap((_, other) => (other === axis ? [] : [other])),
    channels: shape.map((length, other) => (other === axis ? length : 1)),
  };
}

/**
 * Gradients in data, gamma and beta. With `training`, mean and variance are results that depend on
 * the data; their own head gradients, which come with higher derivatives of y, flow back as
 * `dmean / n` and `2 dvariance (x - mean) / n`.
 */
function gradients(
  [x, gamma]: readonly [Value, Value],
  [mean, variance]: readonly [Value, Value],
  heads: readonly (Value | undefined)[],
  { axis, eps, fixGamma, training }: BatchNormAttrs,
): readonly (Value | undefined)[] {
  const { axes, channels } = layout(x.type.shape, axis);
  const std = reshape(sqrt(add(variance, eps)), channels);
  const centred = sub(x, reshape(mean, channels));
  const standardized = div(centred, std);
  const [head, headMean, headVariance] = heads;
  const parts: Value[] = [];
  if (head !== undefined) {
    const scaled = fixGamma ? head : mul(head, reshape(gamma, channels));
    parts.push(training ? standardizedGradient(scaled, standardized, std, axes) : div(scaled, std));
  }
  const count = reducedCount(x.type.shape, axes);
  const perElement = (one: Value) => reshape(div(one, count), channels);
  if (training && headMean !== undefined) {
    parts.push(broadcastTo(perElement(headMean), x.type.shape));
  }
  if (training && headVariance !== undefined) {
    parts.push(mul(mul(perElement(headVariance), 2), centred));
  }
  const total = parts.length === 0 ? undefined : parts.reduce((sum, part) => add(sum, part));
  const perChannel = (one: Value) => reshape(sumTo(one, channels), gamma.type.shape);
  return [
    total,
    fixGamma ? zerosOf(gamma) : head && perChannel(mul(head, standardized)),
    head && perChannel(head),
  ];
}

export const batchNormOp = defineOp<BatchNormAttrs>({
  name: "BatchNorm",
  arity: 5,
  attrs: { axis: "int", eps: "number", fixGamma: "bool", training: "bool" },
  infer(ins, { axis }) {
    const x = nth("BatchNorm", ins, 0);
    checkFloat("BatchNorm", x);
    const channels = [nth("BatchNorm", x.shape, axis)];
    ins.slice(1).forEach(({ shape }, position) => {
      checkShape("BatchNorm", nth("BatchNorm", parameters, position + 1), shape, channels);
    });
    const statistic = tensorType(sameDType("BatchNorm", ins), channels);
    return [x, statistic, statistic];
  },
  vjp: {
    rule({ ins, outs, heads, attrs }) {
      const [x, gamma] = [nth("BatchNorm", ins, 0), nth("BatchNorm", ins, 1)];
      const statistics = attrs.training ? outs.slice(1) : ins.slice(3);
      const [mean, variance] = [nth("BatchNorm", statistics, 0), nth("BatchNorm", statistics, 1)];
      return gradients([x, gamma], [mean, variance], heads, attrs);
    },
  },
  compose(ins, { axis, eps, fixGamma, training }) {
    const [x, gamma, beta] = [
      nth("BatchNorm", ins, 0),
      nth("BatchNorm", ins, 1),
      nth("BatchNorm", ins, 2),
    ];
    const { axes, channels } = layout(x.type.shape, axis);
    const [mean, variance] = training
      ? meanAndVariance(x, axes)
      : [reshape(nth("BatchNorm", ins, 3), channels), reshape(nth("BatchNorm", ins, 4), channels)];
    const std = sqrt(add(variance, eps));
    const scaled = fixGamma
      ? div(sub(x, mean), std)
      : mul(sub(x, mean), div(reshape(gamma, channels), std));
    const y = add(scaled, reshape(beta, channels));
    const { shape } = gamma.type;
    if (!training)
      return [y, identity(nth("BatchNorm", ins, 3)), identity(nth("BatchNorm", ins, 4))];
    return [y, reshape(mean, shape), reshape(variance, shape)];
  },
  docs:
    "`gamma (x - mean) / sqrt(variance + eps) + beta` per channel (Ioffe & Szegedy 2015). " +
    "Results y, mean, variance: with `training` the batch's own, population variance; else the " +
    "moving ones, which count as constants. No effects: whoever runs the graph updates the " +
    "moving statistics from the results.",
});

export interface BatchNormOptions {
  /** The channel axis, counted from either end. */
  axis: number;
  /** Added to the variance. */
  eps: number;
  /** Gamma counts as 1 and gets gradient 0. */
  fixGamma: boolean;
  /** Normalize by the batch's own statistics, not by the moving ones. */
  training: boolean;
}

const defaults: BatchNormOptions = { axis: 1, eps: 1e-3, fixGamma: true, training: false };

/**
 * Batch normalization without effects: the moving statistics are read, not changed.
 *
 * @param x shape (batch, channels, ...), channels along `axis`
 * @param gamma, beta, mean, variance shape (channels,)
 * @returns y of x's shape, then mean and population variance (channels,): the batch's with
 *   `training`, else the given ones
 * @throws ShapeError if an argument does not have one entry per channel; BoundsError for an axis
 *   out of range
 * @example
 * ```ts
 * const [y, mean, variance] = batchNorm(x, gamma, beta, oldMean, oldVariance, { training: true });
 * ```
 */
export function batchNorm<T extends Operand<T>>(
  x: T,
  gamma: T,
  beta: T,
  mean: T,
  variance: T,
  options?: Partial<BatchNormOptions>,
): readonly T[] {
  const { axis, eps, fixGamma, training } = readOptions("BatchNorm", options, defaults);
  checkOperands("BatchNorm", [x, gamma, beta, mean, variance]);
  return apply(batchNormOp, [x, gamma, beta, mean, variance], {
    axis: normalizeAxis("BatchNorm", axis, x.type.shape.length),
    eps: checkFinite("BatchNorm", "eps", eps),
    fixGamma,
    training,
  });
}

import { AttributeError, sizeOf } from "@adjoint/graph";
import { describe, fill, fronts } from "@adjoint/ops";
import { NDArray } from "../array/ndarray.js";
import {
  average,
  checkArrays,
  clipped,
  decayedBeforeClip,
  type Given,
  readSettings,
  type UpdateOptions,
  update,
  updateDefaults,
} from "./update.js";

export interface AdamOptions extends UpdateOptions {
  /** Share of the old mean in the new one. */
  beta1: number;
  /** Share of the old variance in the new one. */
  beta2: number;
  /** Added to the root of the variance. */
  epsilon: number;
}

const adamDefaults: AdamOptions = { ...updateDefaults, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/**
 * Weights after a step of Adam without bias correction, which callers put into `lr`:
 * `weight - lr mean / (sqrt(variance) + epsilon)` (D. Kingma, J. Ba, arXiv:1412.6980, 2014).
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype; rescaled, decayed and then cut
 * @param mean running mean of the gradient, weight's shape and dtype; written to
 * @param variance running mean of its square, weight's shape and dtype; written to
 * @returns the new weights: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const [mean, variance] = [nd.zeros([1]), nd.zeros([1])];
 * nd.adamUpdate(nd.array([1]), nd.array([2]), mean, variance, { lr: 0.1 }); // [0.68377227]
 * mean; // [0.2]
 * ```
 */
export function adamUpdate(
  weight: NDArray,
  grad: NDArray,
  mean: NDArray,
  variance: NDArray,
  options: Given<AdamOptions, "lr">,
): NDArray {
  const op = "adamUpdate";
  const settings = readSettings(op, options, adamDefaults);
  checkArrays(op, { weight, grad, mean, variance });
  return update(op, settings.out, weight, [mean, variance], () => {
    const { lr, beta1, beta2, epsilon } = settings;
    const g = decayedBeforeClip(weight, grad, settings);
    const [first, second] = [average(mean, g, beta1), average(variance, g.square(), beta2)];
    const step = first.mul(lr).div(second.sqrt().add(epsilon));
    const states = [[mean, first] as const, [variance, second] as const];
    return { result: weight.sub(step), states };
  });
}

export interface AdamwOptions extends Omit<AdamOptions, "rescaleGrad"> {
  /** Multiplies the whole step, decay included. */
  eta: number;
}

const adamwDefaults: AdamwOptions = {
  lr: Number.NaN,
  eta: Number.NaN,
  wd: 0,
  clipGradient: -1,
  out: null,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

/**
 * Weights after a step of Adam with decay of its own:
 * `weight - eta (lr mean / (sqrt(variance) + epsilon) + wd weight)` (I. Loshchilov, F. Hutter,
 * arXiv:1711.05101, 2017).
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype; rescaled and then cut
 * @param mean running mean of the gradient, weight's shape and dtype; written to
 * @param variance running mean of its square, weight's shape and dtype; written to
 * @param rescaleGrad what the gradient is multiplied by: a number, or an array of one element
 * @returns the new weights: `out`, or a new array
 * @throws AttributeError without `lr` and `eta`; ShapeError or DTypeError for arrays that do not
 *   fit; InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @edges where `rescaleGrad` is 0, NaN or infinite nothing changes, states neither
 * @example
 * ```ts
 * const [mean, variance] = [nd.zeros([1]), nd.zeros([1])];
 * const [weight, grad] = [nd.array([1]), nd.array([2])];
 * nd.contrib.adamwUpdate(weight, grad, mean, variance, 1, { lr: 0.1, eta: 1 }); // [0.68377227]
 * ```
 */
export function adamwUpdate(
  weight: NDArray,
  grad: NDArray,
  mean: NDArray,
  variance: NDArray,
  rescaleGrad: NDArray | number,
  options: Given<AdamwOptions, "lr" | "eta">,
): NDArray {
  const op = "contrib.adamwUpdate";
  const settings = readSettings(op, options, adamwDefaults);
  checkArrays(op, { weight, grad, mean, variance });
  return update(op, settings.out, weight, [mean, variance], () => {
    const factor = factorLike(op, weight, rescaleGrad);
    const { lr, wd, eta, beta1, beta2, epsilon, clipGradient } = settings;
    const g = clipped(grad.mul(factor), clipGradient);
    const [first, second] = [average(mean, g, beta1), average(variance, g.square(), beta2)];
    const step = first.mul(lr).div(second.sqrt().add(epsilon)).add(weight.mul(wd));
    const usable = factor.notEqual(0).logicalAnd(factor.abs().lesser(Infinity));
    const next = (after: NDArray, before: NDArray) => fronts.where(usable, after, before);
    const states = [
      [mean, next(first, mean)],
      [variance, next(second, variance)],
    ] as const;
    return { result: next(weight.sub(step.mul(eta)), weight), states };
  });
}

/** The factor for every element of `like`. */
function factorLike(op: string, like: NDArray, given: unknown): NDArray {
  if (typeof given === "number") return fill(like, like.shape, given);
  if (given instanceof NDArray && sizeOf(given.shape) === 1) {
    const ones = like.shape.map(() => 1);
    return given.reshape(ones).astype(like.dtype).broadcastTo(like.shape);
  }
  throw new AttributeError({
    op,
    problem: "rescaleGrad is not valid",
    received: describe(given),
    allowed: "a number, or an array of one element",
  });
}

export interface FtmlOptions extends Omit<AdamOptions, "clipGradient"> {
  /** Which update this is, from 1. */
  t: number;
  /** Gradients are cut to this size; a negative number leaves them. */
  clipGrad: number;
}

const ftmlDefaults: FtmlOptions = {
  lr: Number.NaN,
  t: Number.NaN,
  wd: 0,
  rescaleGrad: 1,
  clipGrad: -1,
  out: null,
  beta1: 0.6,
  beta2: 0.999,
  epsilon: 1e-8,
};

/**
 * Weights after a step of FTML, follow the moving leader (S. Zheng, J. Kwok, 2017).
 *
 * - `v = beta2 v + (1 - beta2) g**2`
 * - `d' = (1 - beta1**t) / lr (sqrt(v / (1 - beta2**t)) + epsilon)`
 * - `z = beta1 z + (1 - beta1) g - (d' - beta1 d) weight`, and the result `-z / d'`
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype; rescaled, decayed and then cut to g
 * @param d weight's shape and dtype; written to
 * @param v weight's shape and dtype; written to
 * @param z weight's shape and dtype; written to
 * @returns the new weights: `out`, or a new array
 * @throws AttributeError without `lr` and `t`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const [d, v, z] = [nd.zeros([1]), nd.zeros([1]), nd.zeros([1])];
 * nd.ftmlUpdate(nd.array([1]), nd.array([2]), d, v, z, { lr: 0.5, t: 1 }); // [0.5]
 * ```
 */
export function ftmlUpdate(
  weight: NDArray,
  grad: NDArray,
  d: NDArray,
  v: NDArray,
  z: NDArray,
  options: Given<FtmlOptions, "lr" | "t">,
): NDArray {
  const op = "ftmlUpdate";
  const settings = readSettings(op, options, ftmlDefaults);
  checkArrays(op, { weight, grad, d, v, z });
  return update(op, settings.out, weight, [d, v, z], () => {
    const { lr, beta1, beta2, epsilon, t, clipGrad: clipGradient } = settings;
    const g = decayedBeforeClip(weight, grad, { ...settings, clipGradient });
    const square = average(v, g.square(), beta2);
    const root = square.div(1 - beta2 ** t).sqrt();
    const scale = root.add(epsilon).mul((1 - beta1 ** t) / lr);
    const leader = average(z, g, beta1).sub(scale.sub(d.mul(beta1)).mul(weight));
    const states = [[d, scale] as const, [v, square] as const, [z, leader] as const];
    return { result: leader.div(scale).neg(), states };
  });
}

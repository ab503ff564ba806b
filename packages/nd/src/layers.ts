import {
  batchNorm,
  checkChoice,
  checkNumber,
  dropout,
  dropoutAttrs,
  fronts,
  readOptions,
} from "@adjoint/ops";
import { createTensor } from "@adjoint/runtime";
import type { NDArray } from "./array/ndarray.js";
import { pause } from "./autograd.js";
import { Trace } from "./recording/trace.js";
import { session } from "./session.js";

export interface DropoutSettings {
  /** Probability of a zero. */
  p: number;
  /** `training`: only in training mode; `always`. */
  mode: "training" | "always";
  /** Axes along which one mask is shared. */
  axes: readonly number[];
}

/**
 * Sets elements to 0 with probability `p` and divides the others by `1 - p`, in training mode; else
 * gives x.
 *
 * @param x floating point, any shape
 * @returns x's shape and dtype; outside of training mode a new array with x's numbers
 * @throws AttributeError unless 0 <= p <= 1; BoundsError for an axis out of range; DTypeError for
 *   integers
 * @derivative the head gradient times the same mask
 * @edges with `p` 1 everything is NaN, as `0 / 0`; with `p` 0 nothing is drawn
 * @example
 * ```ts
 * autograd.trainMode(() => nd.Dropout(nd.ones([4]), { p: 0.4 }));
 * // [1.6666666 1.6666666 0.        0.       ]
 * nd.Dropout(nd.ones([4]), { p: 0.4 }); // [1. 1. 1. 1.]
 * ```
 */
export function Dropout(x: NDArray, options?: Partial<DropoutSettings>): NDArray {
  const settings = readOptions<DropoutSettings>("Dropout", options, {
    p: 0.5,
    mode: "training",
    axes: [],
  });
  const mode = checkChoice("Dropout", "mode", settings.mode, ["training", "always"]);
  const { p, axes } = settings;
  dropoutAttrs(x, { p, axes });
  if (mode === "training" && !session.recorder.training) return fronts.identity(x);
  const [y, next] = dropout(x, session.randomState, { p, axes });
  session.randomState = next.tracked ? next.detach() : next;
  return y;
}

export interface BatchNormSettings {
  /** Added to the variance. */
  eps: number;
  /** Share of the old moving statistics in the new ones. */
  momentum: number;
  /** Gamma counts as 1, is set to 1, and gets gradient 0. */
  fixGamma: boolean;
  /** Normalize by the moving statistics also in training mode. */
  useGlobalStats: boolean;
  /** Also give the mean and 1 / sqrt(variance + eps). */
  outputMeanVar: boolean;
  /** The channel axis. */
  axis: number;
}

const batchNormDefaults: BatchNormSettings = {
  eps: 1e-3,
  momentum: 0.9,
  fixGamma: true,
  useGlobalStats: false,
  outputMeanVar: false,
  axis: 1,
};

/**
 * Batch normalization. In training mode by the batch's own mean and population variance, and
 * `backward` moves the running statistics towards them; else by the running statistics.
 *
 * @param x floating point, shape (batch, channels, ...)
 * @param gamma shape (channels,); set to 1 with `fixGamma`
 * @param beta shape (channels,)
 * @param movingMean shape (channels,); changed by `backward` in training mode
 * @param movingVariance shape (channels,); changed by `backward` in training mode
 * @returns x's shape and dtype; with `outputMeanVar` also the mean and `1 / sqrt(variance + eps)`
 *   that were used, shape (channels,)
 * @throws ShapeError if a parameter does not have one entry per channel; BoundsError for an axis
 *   out of range; DTypeError for integers
 * @derivative in training mode through mean and variance, else `dY gamma / sqrt(variance + eps)`;
 *   to gamma (0 with `fixGamma`) and beta the sums of `dY x̂` and dY; none to the moving statistics
 * @edges a channel of equal elements gives beta, and gradient 0 to x
 * @example
 * ```ts
 * const [mean, variance] = [nd.array([1]), nd.array([4])];
 * nd.BatchNorm(nd.array([[1], [3]]), nd.ones([1]), nd.zeros([1]), mean, variance, { eps: 0 });
 * // [[0.] [1.]]
 * ```
 */
export function BatchNorm(
  x: NDArray,
  gamma: NDArray,
  beta: NDArray,
  movingMean: NDArray,
  movingVariance: NDArray,
  options: Partial<BatchNormSettings> & { outputMeanVar: true },
): readonly [NDArray, NDArray, NDArray];
export function BatchNorm(
  x: NDArray,
  gamma: NDArray,
  beta: NDArray,
  movingMean: NDArray,
  movingVariance: NDArray,
  options?: Partial<BatchNormSettings>,
): NDArray;
export function BatchNorm(
  x: NDArray,
  gamma: NDArray,
  beta: NDArray,
  movingMean: NDArray,
  movingVariance: NDArray,
  options?: Partial<BatchNormSettings>,
): NDArray | readonly [NDArray, NDArray, NDArray] {
  const settings = readOptions("BatchNorm", options, batchNormDefaults);
  const { eps, fixGamma, axis } = settings;
  const momentum = checkNumber("BatchNorm", "momentum", settings.momentum);
  const training = session.recorder.training && !settings.useGlobalStats;
  const [y, mean, variance] = batchNorm(x, gamma, beta, movingMean, movingVariance, {
    axis,
    eps,
    fixGamma,
    training,
  });
  if (y === undefined || mean === undefined || variance === undefined) {
    throw new Error("BatchNorm: results are missing");
  }
  if (fixGamma) setToOne(gamma);
  if (training) {
    onBackward(y, () => {
      moveTowards(movingMean, mean, momentum);
      moveTowards(movingVariance, variance, momentum);
    });
  }
  if (!settings.outputMeanVar) return y;
  return [y, mean, pause(() => variance.add(eps).rsqrt())];
}

/** Gamma that counts as 1 is made to be 1, as MXNet does, even where it is a variable of the recorded program. */
function setToOne(gamma: NDArray): void {
  const { tracing } = session;
  if (tracing !== undefined) {
    tracing.overwrite(gamma, fronts.onesLike(gamma));
    return;
  }
  if (gamma.toFlat().every((value) => value === 1)) return;
  gamma.overwrite(createTensor(gamma.type, gamma.toFlat().fill(1)));
}

function moveTowards(moving: NDArray, batch: NDArray, momentum: number): void {
  pause(() => moving.assign(moving.mul(momentum).add(batch.mul(1 - momentum))));
}

/** Runs `effect` each time when `backward` passes the step that made `y`. */
function onBackward(y: NDArray, effect: () => void): void {
  session.tracing?.onBackward(y, effect);
  if (y.tracked && y.trace instanceof Trace) y.trace.effects.push({ index: y.index, run: effect });
}

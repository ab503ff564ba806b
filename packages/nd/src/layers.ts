import { batchNorm, checkChoice, dropout, dropoutAttrs, readOptions } from "@adjoint/ops";
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
 * Sets elements to 0 with probability `p` and divides the others by `1 - p`, in training mode; else gives x.
 *
 * @throws AttributeError unless 0 <= p <= 1
 * @example
 * ```ts
 * autograd.record(() => nd.Dropout(x, { p: 0.2 }));
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
  if (mode === "training" && !session.recorder.training) return x;
  const [y, next] = dropout(x, session.randomState, { p, axes });
  session.randomState = next.tracked ? next.detach() : next;
  return y;
}

export interface BatchNormSettings {
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
 * Batch normalization. In training mode by the batch's own mean and population variance, and `backward` moves the
 * running statistics towards them; else by the running statistics.
 *
 * @param x (batch, channels, ...)
 * @param gamma, beta, movingMean, movingVariance (channels,); the last two are changed by `backward`
 * @throws ShapeError if a parameter does not have one entry per channel
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
  const { eps, fixGamma, axis, momentum } = settings;
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
  if (gamma.toFlat().every((value) => value === 1)) return;
  gamma.overwrite(createTensor(gamma.type, gamma.toFlat().fill(1)).data);
}

function moveTowards(moving: NDArray, batch: NDArray, momentum: number): void {
  pause(() => moving.assign(moving.mul(momentum).add(batch.mul(1 - momentum))));
}

/** Runs `effect` each time when `backward` passes the step that made `y`. */
function onBackward(y: NDArray, effect: () => void): void {
  if (y.tracked && y.trace instanceof Trace) y.trace.effects.push({ index: y.index, run: effect });
}

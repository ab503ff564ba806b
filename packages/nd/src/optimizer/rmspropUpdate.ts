import type { NDArray } from "../array/ndarray.js";
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

export interface RmspropOptions extends UpdateOptions {
  /** Share of the old mean square in the new one. */
  gamma1: number;
  /** Added to the mean square. */
  epsilon: number;
  /** New weights are cut to this size; a negative number leaves them. */
  clipWeights: number;
}

const defaults: RmspropOptions = {
  ...updateDefaults,
  gamma1: 0.95,
  epsilon: 1e-8,
  clipWeights: -1,
};

/**
 * Weights after a step of RMSProp: `n = gamma1 n + (1 - gamma1) g**2`, and
 * `weight - lr g / sqrt(n + epsilon)` (T. Tieleman, G. Hinton, 2012).
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype; rescaled, decayed and then cut to g
 * @param n running mean square, weight's shape and dtype; written to
 * @returns the new weights: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const n = nd.zeros([1]);
 * nd.rmspropUpdate(nd.array([1]), nd.array([2]), n, { lr: 0.1, gamma1: 0.75 }); // [0.8]
 * n; // [1.]
 * ```
 */
export function rmspropUpdate(
  weight: NDArray,
  grad: NDArray,
  n: NDArray,
  options: Given<RmspropOptions, "lr">,
): NDArray {
  const op = "rmspropUpdate";
  const settings = readSettings(op, options, defaults);
  checkArrays(op, { weight, grad, n });
  return update(op, settings.out, weight, [n], () => {
    const { lr, gamma1, epsilon, clipWeights } = settings;
    const g = decayedBeforeClip(weight, grad, settings);
    const square = average(n, g.square(), gamma1);
    const next = weight.sub(g.mul(lr).div(square.add(epsilon).sqrt()));
    return { result: clipped(next, clipWeights), states: [[n, square]] };
  });
}

export interface RmspropalexOptions extends RmspropOptions {
  /** Share of the last step in the next one. */
  gamma2: number;
}

/**
 * Weights after a step of centered RMSProp with momentum: with running means n of `g**2` and m of
 * g, `delta = gamma2 delta - lr g / sqrt(n - m**2 + epsilon)`, and `weight + delta` (A. Graves,
 * arXiv:1308.0850, 2013, equations 38 to 45).
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype; rescaled, decayed and then cut to g
 * @param n running mean square, weight's shape and dtype; written to
 * @param g running mean, weight's shape and dtype; written to
 * @param delta the last step, weight's shape and dtype; written to
 * @returns the new weights: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const [n, g, delta] = [nd.zeros([1]), nd.zeros([1]), nd.zeros([1])];
 * nd.rmspropalexUpdate(nd.array([1]), nd.array([2]), n, g, delta, { lr: 0.1, gamma1: 0.5 }); // [0.8]
 * ```
 */
export function rmspropalexUpdate(
  weight: NDArray,
  grad: NDArray,
  n: NDArray,
  g: NDArray,
  delta: NDArray,
  options: Given<RmspropalexOptions, "lr">,
): NDArray {
  const op = "rmspropalexUpdate";
  const settings = readSettings(op, options, { ...defaults, gamma2: 0.9 });
  checkArrays(op, { weight, grad, n, g, delta });
  return update(op, settings.out, weight, [n, g, delta], () => {
    const { lr, gamma1, gamma2, epsilon, clipWeights } = settings;
    const slope = decayedBeforeClip(weight, grad, settings);
    const [square, mean] = [average(n, slope.square(), gamma1), average(g, slope, gamma1)];
    const deviation = square.sub(mean.square()).add(epsilon).sqrt();
    const step = delta.mul(gamma2).sub(slope.mul(lr).div(deviation));
    const states = [[n, square] as const, [g, mean] as const, [delta, step] as const];
    return { result: clipped(weight.add(step), clipWeights), states };
  });
}

import type { NDArray } from "../array/ndarray.js";
import {
  checkArrays,
  clipped,
  type Given,
  readSettings,
  type UpdateOptions,
  update,
  updateDefaults,
} from "./update.js";

export interface FtrlOptions extends UpdateOptions {
  /** Regularization by the absolute weights, which makes small ones 0. */
  lamda1: number;
  /** Added to the root of the summed squares. */
  beta: number;
}

/**
 * Weights after a step of FTRL-proximal (H. McMahan et al., Ad click prediction, 2013, algorithm 1).
 *
 * - `z = z + g - (sqrt(n + g**2) - sqrt(n)) / lr weight`, then `n = n + g**2`
 * - 0 where `|z| <= lamda1`, else `(sign(z) lamda1 - z) / ((beta + sqrt(n)) / lr + wd)`
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype; rescaled and cut to g
 * @param z weight's shape and dtype; written to
 * @param n summed squares, weight's shape and dtype; written to
 * @returns the new weights: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const [z, n] = [nd.zeros([1]), nd.zeros([1])];
 * nd.ftrlUpdate(nd.array([0]), nd.array([3]), z, n, { lr: 0.5, lamda1: 1 }); // [-0.25]
 * ```
 */
export function ftrlUpdate(
  weight: NDArray,
  grad: NDArray,
  z: NDArray,
  n: NDArray,
  options: Given<FtrlOptions, "lr">,
): NDArray {
  const op = "ftrlUpdate";
  const settings = readSettings(op, options, { ...updateDefaults, lamda1: 0.01, beta: 1 });
  checkArrays(op, { weight, grad, z, n });
  return update(op, settings.out, weight, [z, n], () => {
    const { lr, wd, lamda1, beta, rescaleGrad, clipGradient } = settings;
    const g = clipped(grad.mul(rescaleGrad), clipGradient);
    const sum = n.add(g.square());
    const growth = sum.sqrt().sub(n.sqrt());
    const next = z.add(g).sub(growth.mul(weight).div(lr));
    const pull = next.sign().mul(lamda1).sub(next);
    const moved = pull.div(sum.sqrt().add(beta).div(lr).add(wd));
    const states = [[z, next] as const, [n, sum] as const];
    return { result: moved.mul(next.abs().greater(lamda1)), states };
  });
}

import type { NDArray } from "../array/ndarray.js";
import { type MomentumOptions, momentumDefaults } from "./sgdUpdate.js";
import {
  average,
  checkArrays,
  decayedAfterClip,
  type Given,
  readSettings,
  type UpdateOptions,
  update,
  updateDefaults,
} from "./update.js";

/**
 * Weights after a step against the sign of the gradient: `(1 - lr wd) weight - lr sign(rescaleGrad grad)`.
 * Cutting to `clipGradient` does not change a sign.
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype
 * @returns the new weights: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @edges weights stay where the gradient is 0, apart from their decay
 * @example
 * ```ts
 * nd.signsgdUpdate(nd.array([1, -2]), nd.array([0.5, -1]), { lr: 0.25 }); // [ 0.75 -1.75]
 * ```
 */
export function signsgdUpdate(
  weight: NDArray,
  grad: NDArray,
  options: Given<UpdateOptions, "lr">,
): NDArray {
  const op = "signsgdUpdate";
  const { lr, wd, rescaleGrad, out } = readSettings(op, options, updateDefaults);
  checkArrays(op, { weight, grad });
  return update(op, out, weight, [], () => ({
    result: weight.mul(1 - lr * wd).sub(grad.mul(rescaleGrad).sign().mul(lr)),
    states: [],
  }));
}

export interface SignumOptions extends MomentumOptions {
  /** Weight decay that bypasses the momentum: how much of the weights each step takes away. */
  wdLh: number;
}

/**
 * Weights after a step along the sign of a momentum:
 * `mom = momentum mom - (1 - momentum) (clip(rescaleGrad grad) + wd weight)`, and
 * `(1 - lr wdLh) weight + lr sign(mom)`.
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype
 * @param mom weight's shape and dtype; written to
 * @returns the new weights: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const [weight, mom] = [nd.array([1]), nd.array([0])];
 * nd.signumUpdate(weight, nd.array([2]), mom, { lr: 0.25, momentum: 0.5 }); // [0.75]
 * mom; // [-1.]
 * ```
 */
export function signumUpdate(
  weight: NDArray,
  grad: NDArray,
  mom: NDArray,
  options: Given<SignumOptions, "lr">,
): NDArray {
  const op = "signumUpdate";
  const settings = readSettings(op, options, { ...momentumDefaults, wdLh: 0 });
  checkArrays(op, { weight, grad, mom });
  return update(op, settings.out, weight, [mom], () => {
    const { lr, momentum, wdLh } = settings;
    const next = average(mom, decayedAfterClip(weight, grad, settings).neg(), momentum);
    const result = weight.mul(1 - lr * wdLh).add(next.sign().mul(lr));
    return { result, states: [[mom, next]] };
  });
}

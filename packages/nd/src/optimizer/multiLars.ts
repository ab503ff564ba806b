import { fronts } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { pause } from "../autograd.js";
import { checkArrays, type Given, readSettings } from "./update.js";

export interface MultiLarsOptions {
  /** How far a weight moves, in parts of its norm. */
  eta: number;
  /** Added to the divisor. */
  eps: number;
  /** What the gradients will be multiplied by. */
  rescaleGrad: number;
}

const defaults: MultiLarsOptions = { eta: Number.NaN, eps: Number.NaN, rescaleGrad: 1 };

/**
 * Learning rates scaled layer by layer: `lr eta |w| / (rescaleGrad |g| + wd |w| + eps)` (Y. You,
 * I. Gitman, B. Ginsburg, arXiv:1708.03888, 2017).
 *
 * @param lrs learning rates, floating point, one per weight
 * @param weightsSumSq sums of squares of the weights, of the shape and dtype of `lrs`
 * @param gradsSumSq sums of squares of the gradients, likewise
 * @param wds weight decays, likewise
 * @returns shape and dtype of `lrs`
 * @throws AttributeError without `eta` and `eps`; ShapeError or DTypeError for arrays that do not
 *   fit
 * @derivative 0 everywhere: updates are not recorded
 * @edges where the weights or the gradient are 0 the learning rate stays
 * @example
 * ```ts
 * const [lrs, wds] = [nd.array([1, 2]), nd.zeros([2])];
 * const [weights, grads] = [nd.array([4, 4]), nd.array([16, 0])];
 * nd.multiLars(lrs, weights, grads, wds, { eta: 0.5, eps: 0 }); // [0.25 2.  ]
 * ```
 */
export function multiLars(
  lrs: NDArray,
  weightsSumSq: NDArray,
  gradsSumSq: NDArray,
  wds: NDArray,
  options: Given<MultiLarsOptions, "eta" | "eps">,
): NDArray {
  const op = "multiLars";
  const { eta, eps, rescaleGrad } = readSettings(op, options, defaults);
  checkArrays(op, { lrs, weightsSumSq, gradsSumSq, wds });
  return pause(() => {
    const [weight, grad] = [weightsSumSq.sqrt(), gradsSumSq.sqrt()];
    const divisor = grad.mul(rescaleGrad).add(weight.mul(wds)).add(eps);
    const scaled = lrs.mul(weight.mul(eta)).div(divisor);
    const moves = weight.greater(0).logicalAnd(grad.greater(0));
    return fronts.where(moves, scaled, lrs);
  });
}

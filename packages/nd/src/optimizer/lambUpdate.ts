import { fronts } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import {
  average,
  checkArrays,
  checkLike,
  clipped,
  type Given,
  readSettings,
  type UpdateOptions,
  update,
} from "./update.js";

export interface LambPhase1Options extends Omit<UpdateOptions, "lr"> {
  /** Share of the old mean in the new one. */
  beta1: number;
  /** Share of the old variance in the new one. */
  beta2: number;
  /** Added to the root of the variance. */
  epsilon: number;
  /** Which update this is, from 1. */
  t: number;
  /** Whether means are divided by what they lack for having started from 0. */
  biasCorrection: boolean;
}

const phase1Defaults: LambPhase1Options = {
  wd: Number.NaN,
  rescaleGrad: 1,
  clipGradient: -1,
  out: null,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-6,
  t: Number.NaN,
  biasCorrection: true,
};

/** The gradient, rescaled in its own dtype and cut; halves are multiplied and cut as float32. */
function prepared(grad: NDArray, { rescaleGrad, clipGradient }: LambPhase1Options): NDArray {
  const wide = grad.dtype === "float16" ? "float32" : grad.dtype;
  const rescaled = grad.astype(wide).mul(rescaleGrad).astype(grad.dtype);
  return clipped(rescaled.astype(wide), clipGradient);
}

/** From the gradient, rescaled and cut. */
function direction(
  weight: NDArray,
  g: NDArray,
  mean: NDArray,
  variance: NDArray,
  o: LambPhase1Options,
) {
  const [first, second] = [average(mean, g, o.beta1), average(variance, g.square(), o.beta2)];
  const [m, v] = o.biasCorrection
    ? [first.div(1 - o.beta1 ** o.t), second.div(1 - o.beta2 ** o.t)]
    : [first, second];
  const result = m.div(v.sqrt().add(o.epsilon)).add(weight.mul(o.wd));
  return { result, states: [[mean, first] as const, [variance, second] as const] };
}

/**
 * The direction of a step of LAMB: `mean / (sqrt(variance) + epsilon) + wd weight` (Y. You et al.,
 * arXiv:1904.00962, 2019). Its length is set by `lambUpdatePhase2`.
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype; rescaled and then cut
 * @param mean running mean of the gradient, weight's shape and dtype; written to
 * @param variance running mean of its square, weight's shape and dtype; written to
 * @returns the direction: `out`, or a new array
 * @throws AttributeError without `t` and `wd`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const [mean, variance] = [nd.zeros([1]), nd.zeros([1])];
 * nd.lambUpdatePhase1(nd.array([1]), nd.array([2]), mean, variance, { t: 1, wd: 0.5 }); // [1.4999995]
 * ```
 */
export function lambUpdatePhase1(
  weight: NDArray,
  grad: NDArray,
  mean: NDArray,
  variance: NDArray,
  options: Given<LambPhase1Options, "t" | "wd">,
): NDArray {
  const op = "lambUpdatePhase1";
  const settings = readSettings(op, options, phase1Defaults);
  checkArrays(op, { weight, grad, mean, variance });
  return update(op, settings.out, weight, [mean, variance], () =>
    direction(weight, prepared(grad, settings).astype(grad.dtype), mean, variance, settings),
  );
}

/**
 * `lambUpdatePhase1` for weights of a narrow dtype, computed with a float32 copy of them.
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype; rescaled and then cut, in this dtype
 * @param mean running mean of the gradient in float32; written to
 * @param variance running mean of its square in float32; written to
 * @param weight32 the weights in float32
 * @returns the direction in float32: `out`, or a new array
 * @throws AttributeError without `t` and `wd`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const weight = nd.array([1], { dtype: "float16" });
 * const [mean, variance, weight32] = [nd.zeros([1]), nd.zeros([1]), nd.array([1])];
 * const options = { t: 1, wd: 0.5 };
 * nd.mpLambUpdatePhase1(weight, weight, mean, variance, weight32, options); // [1.499999]
 * ```
 */
export function mpLambUpdatePhase1(
  weight: NDArray,
  grad: NDArray,
  mean: NDArray,
  variance: NDArray,
  weight32: NDArray,
  options: Given<LambPhase1Options, "t" | "wd">,
): NDArray {
  const op = "mpLambUpdatePhase1";
  const settings = readSettings(op, options, phase1Defaults);
  checkArrays(op, { weight, grad });
  for (const [name, state] of Object.entries({ mean, variance, weight32 })) {
    checkLike(op, name, state, weight.shape, "float32");
  }
  return update(op, settings.out, weight32, [mean, variance], () =>
    direction(weight32, prepared(grad, settings).astype("float32"), mean, variance, settings),
  );
}

export interface LambPhase2Options extends Pick<UpdateOptions, "lr" | "out"> {
  /** The least norm of the weights that counts; a negative number for none. */
  lowerBound: number;
  /** The greatest norm of the weights that counts; a negative number for none. */
  upperBound: number;
}

const phase2Defaults: LambPhase2Options = {
  lr: Number.NaN,
  out: null,
  lowerBound: -1,
  upperBound: -1,
};

/** `lr r1 / r2`, with r1 kept within the bounds; lr where one of them is 0. */
function rate(r1: NDArray, r2: NDArray, o: LambPhase2Options): NDArray {
  const raised = o.lowerBound >= 0 ? r1.maximum(o.lowerBound) : r1;
  const bounded = o.upperBound >= 0 ? raised.minimum(o.upperBound) : raised;
  const isZero = bounded.equal(0).logicalOr(r2.equal(0));
  return fronts.where(isZero, r1.onesLike(), bounded.div(r2)).mul(o.lr);
}

/**
 * Weights after a step of LAMB: `weight - lr r1 / r2 g`.
 *
 * @param weight floating point, any shape
 * @param g what `lambUpdatePhase1` gave, weight's shape and dtype
 * @param r1 norm of the weights, shape (1,), weight's dtype
 * @param r2 norm of g, shape (1,), weight's dtype
 * @returns the new weights: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @edges where a norm is 0 the step is `lr g`
 * @example
 * ```ts
 * const [weight, g] = [nd.array([3, 4]), nd.array([0, 2])];
 * nd.lambUpdatePhase2(weight, g, nd.norm(weight), nd.norm(g), { lr: 0.5 }); // [3.  1.5]
 * ```
 */
export function lambUpdatePhase2(
  weight: NDArray,
  g: NDArray,
  r1: NDArray,
  r2: NDArray,
  options: Given<LambPhase2Options, "lr">,
): NDArray {
  const op = "lambUpdatePhase2";
  const settings = readSettings(op, options, phase2Defaults);
  checkArrays(op, { weight, g });
  checkLike(op, "r1", r1, [1], weight.dtype);
  checkLike(op, "r2", r2, [1], weight.dtype);
  return update(op, settings.out, weight, [], () => ({
    result: weight.sub(g.mul(rate(r1, r2, settings))),
    states: [],
  }));
}

/**
 * `lambUpdatePhase2` for weights of a narrow dtype, computed with a float32 copy of them.
 *
 * @param weight floating point, any shape
 * @param g what `mpLambUpdatePhase1` gave, float32
 * @param r1 norm of the weights, float32 of shape (1,)
 * @param r2 norm of g, float32 of shape (1,)
 * @param weight32 the weights in float32; written to
 * @returns the new weights in weight's dtype: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @edges where a norm is 0 the step is `lr g`
 * @edges the float32 copy moves with the weights; MXNet 1.9.1 leaves it as it was
 * @example
 * ```ts
 * const weight = nd.array([3, 4], { dtype: "float16" });
 * const [g, weight32] = [nd.array([0, 2]), nd.array([3, 4])];
 * const [r1, r2] = [nd.norm(weight32), nd.norm(g)];
 * nd.mpLambUpdatePhase2(weight, g, r1, r2, weight32, { lr: 0.5 }); // [3.  1.5]
 * ```
 */
export function mpLambUpdatePhase2(
  weight: NDArray,
  g: NDArray,
  r1: NDArray,
  r2: NDArray,
  weight32: NDArray,
  options: Given<LambPhase2Options, "lr">,
): NDArray {
  const op = "mpLambUpdatePhase2";
  const settings = readSettings(op, options, phase2Defaults);
  checkArrays(op, { weight });
  for (const [name, one] of Object.entries({ g, weight32 })) {
    checkLike(op, name, one, weight.shape, "float32");
  }
  for (const [name, one] of Object.entries({ r1, r2 })) checkLike(op, name, one, [1], "float32");
  return update(op, settings.out, weight, [weight32], () => {
    const next = weight32.sub(g.mul(rate(r1, r2, settings)));
    return { result: next.astype(weight.dtype), states: [[weight32, next]] };
  });
}

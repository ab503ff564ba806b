import type { NDArray } from "../array/ndarray.js";
import {
  checkArrays,
  checkLike,
  decayedAfterClip,
  type Given,
  readSettings,
  type UpdateOptions,
  update,
  updateDefaults,
} from "./update.js";

export interface MomentumOptions extends UpdateOptions {
  /** Share of the last step in the next one. */
  momentum: number;
}

export const momentumDefaults: MomentumOptions = { ...updateDefaults, momentum: 0 };

/** Weights in half precision are updated through a float32 copy of them. */
function checkMixed(op: string, weight: NDArray, grad: NDArray, copies: readonly NDArray[]): void {
  checkArrays(op, { weight, grad });
  for (const copy of copies) checkLike(op, "float32 state", copy, weight.shape, "float32");
}

function descended(weight: NDArray, grad: NDArray, settings: UpdateOptions): NDArray {
  return weight.sub(decayedAfterClip(weight, grad, settings).mul(settings.lr));
}

/** The next step of heavy-ball momentum (B. Polyak, 1964). */
function heavyStep(weight: NDArray, grad: NDArray, mom: NDArray, o: MomentumOptions): NDArray {
  return mom.mul(o.momentum).sub(decayedAfterClip(weight, grad, o).mul(o.lr));
}

/**
 * Weights after a step down the gradient: `weight - lr (clip(rescaleGrad grad) + wd weight)`.
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype
 * @returns the new weights: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const weight = nd.array([1, -2]);
 * nd.sgdUpdate(weight, nd.array([0.5, -1]), { lr: 0.1, out: weight });
 * weight; // [ 0.95 -1.9 ]
 * ```
 */
export function sgdUpdate(
  weight: NDArray,
  grad: NDArray,
  options: Given<UpdateOptions, "lr">,
): NDArray {
  const op = "sgdUpdate";
  const settings = readSettings(op, options, updateDefaults);
  checkArrays(op, { weight, grad });
  return update(op, settings.out, weight, [], () => ({
    result: descended(weight, grad, settings),
    states: [],
  }));
}

/**
 * Weights after a step with momentum: `mom = momentum mom - lr g`, and `weight + mom`, where g is
 * the gradient as in `sgdUpdate`.
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype
 * @param mom the last step, weight's shape and dtype; written to
 * @returns the new weights: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const [weight, mom] = [nd.array([1]), nd.array([0.5])];
 * nd.sgdMomUpdate(weight, nd.array([2]), mom, { lr: 0.1, momentum: 0.5 }); // [1.05]
 * mom; // [0.05]
 * ```
 */
export function sgdMomUpdate(
  weight: NDArray,
  grad: NDArray,
  mom: NDArray,
  options: Given<MomentumOptions, "lr">,
): NDArray {
  const op = "sgdMomUpdate";
  const settings = readSettings(op, options, momentumDefaults);
  checkArrays(op, { weight, grad, mom });
  return update(op, settings.out, weight, [mom], () => {
    const step = heavyStep(weight, grad, mom, settings);
    return { result: weight.add(step), states: [[mom, step]] };
  });
}

/**
 * `sgdUpdate` for weights of a narrow dtype, computed with a float32 copy of them.
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype
 * @param weight32 the weights in float32; written to
 * @returns the new weights in weight's dtype: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const weight = nd.array([1], { dtype: "float16" });
 * const weight32 = nd.array([1]);
 * nd.mpSgdUpdate(weight, nd.onesLike(weight), weight32, { lr: 0.25 }); // [0.75]
 * ```
 */
export function mpSgdUpdate(
  weight: NDArray,
  grad: NDArray,
  weight32: NDArray,
  options: Given<UpdateOptions, "lr">,
): NDArray {
  const op = "mpSgdUpdate";
  const settings = readSettings(op, options, updateDefaults);
  checkMixed(op, weight, grad, [weight32]);
  return update(op, settings.out, weight, [weight32], () => {
    const next = descended(weight32, grad.astype("float32"), settings);
    return { result: next.astype(weight.dtype), states: [[weight32, next]] };
  });
}

/**
 * `sgdMomUpdate` for weights of a narrow dtype, computed with a float32 copy of them.
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype
 * @param mom the last step in float32; written to
 * @param weight32 the weights in float32; written to
 * @returns the new weights in weight's dtype: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const weight = nd.array([1], { dtype: "float16" });
 * const [mom, weight32] = [nd.array([0.5]), nd.array([1])];
 * const options = { lr: 0.25, momentum: 0.5 };
 * nd.mpSgdMomUpdate(weight, nd.onesLike(weight), mom, weight32, options); // [1.]
 * ```
 */
export function mpSgdMomUpdate(
  weight: NDArray,
  grad: NDArray,
  mom: NDArray,
  weight32: NDArray,
  options: Given<MomentumOptions, "lr">,
): NDArray {
  const op = "mpSgdMomUpdate";
  const settings = readSettings(op, options, momentumDefaults);
  checkMixed(op, weight, grad, [mom, weight32]);
  return update(op, settings.out, weight, [mom, weight32], () => {
    const step = heavyStep(weight32, grad.astype("float32"), mom, settings);
    const next = weight32.add(step);
    const states = [[mom, step] as const, [weight32, next] as const];
    return { result: next.astype(weight.dtype), states };
  });
}

/**
 * Weights after a step with Nesterov's momentum: `mom = momentum mom - lr g`, and
 * `weight + momentum mom - lr g`, where g is the gradient as in `sgdUpdate`.
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype
 * @param mom the last step, weight's shape and dtype; written to
 * @returns the new weights: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @edges decay goes by the weights from before the step; with `out` the weights themselves, MXNet's
 *   `mom` has that of the new ones
 * @example
 * ```ts
 * const [weight, mom] = [nd.array([1]), nd.array([0])];
 * nd.nagMomUpdate(weight, nd.array([2]), mom, { lr: 0.25, momentum: 0.5 }); // [0.25]
 * mom; // [-0.5]
 * ```
 */
export function nagMomUpdate(
  weight: NDArray,
  grad: NDArray,
  mom: NDArray,
  options: Given<MomentumOptions, "lr">,
): NDArray {
  const op = "nagMomUpdate";
  const settings = readSettings(op, options, momentumDefaults);
  checkArrays(op, { weight, grad, mom });
  return update(op, settings.out, weight, [mom], () => {
    const { step, next } = nesterov(weight, grad, mom, settings);
    return { result: next, states: [[mom, step]] };
  });
}

/**
 * `nagMomUpdate` for weights of a narrow dtype, computed with a float32 copy of them.
 *
 * @param weight floating point, any shape
 * @param grad weight's shape and dtype
 * @param mom the last step in float32; written to
 * @param weight32 the weights in float32; written to
 * @returns the new weights in weight's dtype: `out`, or a new array
 * @throws AttributeError without `lr`; ShapeError or DTypeError for arrays that do not fit;
 *   InPlaceError for writes to a variable while recording
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const weight = nd.array([1], { dtype: "float16" });
 * const [mom, weight32] = [nd.array([0]), nd.array([1])];
 * const options = { lr: 0.25, momentum: 0.5 };
 * nd.mpNagMomUpdate(weight, nd.onesLike(weight), mom, weight32, options); // [0.625]
 * ```
 */
export function mpNagMomUpdate(
  weight: NDArray,
  grad: NDArray,
  mom: NDArray,
  weight32: NDArray,
  options: Given<MomentumOptions, "lr">,
): NDArray {
  const op = "mpNagMomUpdate";
  const settings = readSettings(op, options, momentumDefaults);
  checkMixed(op, weight, grad, [mom, weight32]);
  return update(op, settings.out, weight, [mom, weight32], () => {
    const { step, next } = nesterov(weight32, grad.astype("float32"), mom, settings);
    const states = [[mom, step] as const, [weight32, next] as const];
    return { result: next.astype(weight.dtype), states };
  });
}

/** Y. Nesterov, 1983, in the form of I. Sutskever et al., 2013. */
function nesterov(weight: NDArray, grad: NDArray, mom: NDArray, settings: MomentumOptions) {
  const descent = decayedAfterClip(weight, grad, settings).mul(settings.lr);
  const step = mom.mul(settings.momentum).sub(descent);
  return { step, next: weight.add(step.mul(settings.momentum)).sub(descent) };
}

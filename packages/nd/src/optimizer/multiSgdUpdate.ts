import { ArgumentError, AttributeError } from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { session } from "../session.js";
import { mpSgdMomUpdate, mpSgdUpdate, sgdMomUpdate, sgdUpdate } from "./sgdUpdate.js";
import { checkArrays, checkLike, type Given, readSettings } from "./update.js";

export interface MultiSgdOptions {
  /** Learning rates, one per weight. */
  lrs: readonly number[];
  /** Weight decays, one per weight. */
  wds: readonly number[];
  /** What the gradients are multiplied by first. */
  rescaleGrad: number;
  /** Gradients are cut to this size; a negative number leaves them. */
  clipGradient: number;
  /** Where the new weights are written, one array per weight; null for new arrays. */
  out: readonly NDArray[] | null;
}

export interface MultiSgdMomOptions extends MultiSgdOptions {
  /** Share of the last step in the next one. */
  momentum: number;
}

const defaults: MultiSgdOptions = {
  lrs: [],
  wds: [],
  rescaleGrad: 1,
  clipGradient: -1,
  out: null,
};

const momentumDefaults: MultiSgdMomOptions = { ...defaults, momentum: 0 };

/** What stands behind weight and gradient in each group of arrays. */
interface Layout {
  readonly momentum: boolean;
  readonly mixed: boolean;
}

/** A weight with its gradient, states, and place in the lists of options. */
interface Group {
  readonly weight: NDArray;
  readonly grad: NDArray;
  readonly states: readonly NDArray[];
  readonly lr: number;
  readonly wd: number;
  readonly out: NDArray | null;
}

/** The arrays by weight, all checked before anything is written. */
function groupsOf(
  op: string,
  arrays: readonly NDArray[],
  { lrs, wds, out }: MultiSgdOptions,
  { momentum, mixed }: Layout,
): readonly Group[] {
  const size = 2 + Number(momentum) + Number(mixed);
  const count = Array.isArray(arrays) ? arrays.length / size : 0;
  if (count < 1 || !Number.isInteger(count)) {
    const allowed = `a list of ${size} arrays per weight`;
    throw new ArgumentError({
      op,
      problem: "arrays do not fit",
      received: describe(arrays),
      allowed,
    });
  }
  for (const [name, list] of Object.entries({ lrs, wds, ...(out === null ? {} : { out }) })) {
    if (Array.isArray(list) && list.length === count) continue;
    const allowed = `a list of ${count}, one per weight`;
    throw new AttributeError({
      op,
      problem: `${name} do not fit the weights`,
      received: describe(list),
      allowed,
    });
  }
  const groups: Group[] = [];
  for (let at = 0; at < count; at++) {
    const [weight, grad, ...states] = arrays.slice(at * size, (at + 1) * size);
    const [lr, wd] = [lrs[at], wds[at]];
    if (weight === undefined || grad === undefined || lr === undefined || wd === undefined) {
      throw new Error(`${op}: group ${at} is incomplete`);
    }
    checkArrays(op, { weight, grad });
    const dtype = mixed ? "float32" : weight.dtype;
    for (const state of states) checkLike(op, "state", state, weight.shape, dtype);
    const target = out?.[at] ?? null;
    if (target !== null) checkLike(op, "out", target, weight.shape, weight.dtype);
    for (const one of target === null ? states : [...states, target]) session.checkWrite(op, one);
    groups.push({ weight, grad, states, lr, wd, out: target });
  }
  return groups;
}

function stateOf({ states }: Group, at: number): NDArray {
  const state = states[at];
  if (state === undefined) throw new Error(`multi update: no state ${at}`);
  return state;
}

/**
 * `sgdUpdate` of several weights, each with its own learning rate and decay.
 *
 * @param arrays weight and gradient of one weight after the other
 * @returns the new weights, one per weight: `out`, or new arrays
 * @throws ArgumentError for a list that makes no pairs; AttributeError for lists of options of
 *   another length; ShapeError or DTypeError for arrays that do not fit; InPlaceError for writes to
 *   a variable while recording; all before anything has changed
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const [w1, w2, grad] = [nd.array([1]), nd.array([2]), nd.array([1])];
 * nd.multiSgdUpdate([w1, grad, w2, grad], { lrs: [0.5, 1], wds: [0, 0] }); // [0.5], [1.]
 * ```
 */
export function multiSgdUpdate(
  arrays: readonly NDArray[],
  options: Given<MultiSgdOptions, "lrs" | "wds">,
): readonly NDArray[] {
  const op = "multiSgdUpdate";
  const given = readSettings(op, options, defaults);
  const { rescaleGrad, clipGradient } = given;
  const groups = groupsOf(op, arrays, given, { momentum: false, mixed: false });
  return groups.map(({ weight, grad, lr, wd, out }) =>
    sgdUpdate(weight, grad, { lr, wd, out, rescaleGrad, clipGradient }),
  );
}

/**
 * `sgdMomUpdate` of several weights, each with its own learning rate and decay.
 *
 * @param arrays weight, gradient and last step of one weight after the other; steps are written to
 * @returns the new weights, one per weight: `out`, or new arrays
 * @throws as `multiSgdUpdate`, all before anything has changed
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const [weight, grad, mom] = [nd.array([1]), nd.array([1]), nd.array([0.5])];
 * nd.multiSgdMomUpdate([weight, grad, mom], { lrs: [0.25], wds: [0], momentum: 0.5 }); // [1.]
 * mom; // [0.]
 * ```
 */
export function multiSgdMomUpdate(
  arrays: readonly NDArray[],
  options: Given<MultiSgdMomOptions, "lrs" | "wds">,
): readonly NDArray[] {
  const op = "multiSgdMomUpdate";
  const given = readSettings(op, options, momentumDefaults);
  const { rescaleGrad, clipGradient, momentum } = given;
  const groups = groupsOf(op, arrays, given, { momentum: true, mixed: false });
  return groups.map((group) => {
    const { weight, grad, lr, wd, out } = group;
    const settings = { lr, wd, out, rescaleGrad, clipGradient, momentum };
    return sgdMomUpdate(weight, grad, stateOf(group, 0), settings);
  });
}

/**
 * `mpSgdUpdate` of several weights, each with its own learning rate and decay.
 *
 * @param arrays weight, gradient and float32 copy of one weight after the other; copies are written
 *   to
 * @returns the new weights, one per weight: `out`, or new arrays
 * @throws as `multiSgdUpdate`, all before anything has changed
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const weight = nd.array([1], { dtype: "float16" });
 * const copy = nd.array([1]);
 * nd.multiMpSgdUpdate([weight, weight, copy], { lrs: [0.25], wds: [0] }); // [0.75]
 * ```
 */
export function multiMpSgdUpdate(
  arrays: readonly NDArray[],
  options: Given<MultiSgdOptions, "lrs" | "wds">,
): readonly NDArray[] {
  const op = "multiMpSgdUpdate";
  const given = readSettings(op, options, defaults);
  const { rescaleGrad, clipGradient } = given;
  const groups = groupsOf(op, arrays, given, { momentum: false, mixed: true });
  return groups.map((group) => {
    const { weight, grad, lr, wd, out } = group;
    const settings = { lr, wd, out, rescaleGrad, clipGradient };
    return mpSgdUpdate(weight, grad, stateOf(group, 0), settings);
  });
}

/**
 * `mpSgdMomUpdate` of several weights, each with its own learning rate and decay.
 *
 * @param arrays weight, gradient, last step in float32 and float32 copy of one weight after the
 *   other; steps and copies are written to
 * @returns the new weights, one per weight: `out`, or new arrays
 * @throws as `multiSgdUpdate`, all before anything has changed
 * @derivative 0 everywhere: updates are not recorded
 * @example
 * ```ts
 * const weight = nd.array([1], { dtype: "float16" });
 * const [mom, copy] = [nd.array([0.5]), nd.array([1])];
 * const options = { lrs: [0.25], wds: [0], momentum: 0.5 };
 * nd.multiMpSgdMomUpdate([weight, weight, mom, copy], options); // [1.]
 * ```
 */
export function multiMpSgdMomUpdate(
  arrays: readonly NDArray[],
  options: Given<MultiSgdMomOptions, "lrs" | "wds">,
): readonly NDArray[] {
  const op = "multiMpSgdMomUpdate";
  const given = readSettings(op, options, momentumDefaults);
  const { rescaleGrad, clipGradient, momentum } = given;
  const groups = groupsOf(op, arrays, given, { momentum: true, mixed: true });
  return groups.map((group) => {
    const { weight, grad, lr, wd, out } = group;
    const settings = { lr, wd, out, rescaleGrad, clipGradient, momentum };
    return mpSgdMomUpdate(weight, grad, stateOf(group, 0), stateOf(group, 1), settings);
  });
}

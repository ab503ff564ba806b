import {
  ArgumentError,
  AttributeError,
  type DType,
  DTypeError,
  equalShapes,
  formatType,
  isFloat,
  type Shape,
  ShapeError,
} from "@adjoint/graph";
import { describe, readOptions } from "@adjoint/ops";
import { NDArray } from "../array/ndarray.js";
import { pause } from "../autograd.js";
import { session } from "../session.js";

/** What every update is told. */
export interface UpdateOptions {
  /** Learning rate. */
  lr: number;
  /** Weight decay: how much of the weights is added to the gradient. */
  wd: number;
  /** What the gradient is multiplied by first. */
  rescaleGrad: number;
  /** Gradients are cut to this size; a negative number leaves them. */
  clipGradient: number;
  /** Where the new weights are written, often the weights themselves; null for a new array. */
  out: NDArray | null;
}

/** Options as callers give them: `N` names those that must be given. */
export type Given<O, N extends keyof O> = Partial<O> & Pick<O, N>;

/** Defaults of what most updates share. NaN stands for what must be given. */
export const updateDefaults: UpdateOptions = {
  lr: Number.NaN,
  wd: 0,
  rescaleGrad: 1,
  clipGradient: -1,
  out: null,
};

/** Completes options with defaults, of which NaN must be given; each keeps the kind of its default. */
export function readSettings<O extends object>(
  op: string,
  options: Partial<O> | undefined,
  defaults: O,
): O {
  const settings = readOptions(op, options, defaults);
  for (const name in settings) {
    const value = settings[name];
    const kind = typeof defaults[name];
    const isMissing = typeof value === "number" && Number.isNaN(value);
    if (name === "out" || (typeof value === kind && !isMissing)) continue;
    throw new AttributeError({
      op,
      problem: isMissing ? `${name} is missing` : `${name} is not valid`,
      received: isMissing ? undefined : describe(value),
      allowed: `a ${kind}`,
    });
  }
  return settings;
}

/** New numbers for an array. */
export type Write = readonly [target: NDArray, value: NDArray];

/** What an update computes: its result, and what its states become. */
export interface Updated {
  readonly result: NDArray;
  readonly states: readonly Write[];
}

/**
 * Computes an update, which is not recorded, writes the states and the result; nothing has changed
 * when it throws.
 */
export function update(
  op: string,
  out: NDArray | null,
  like: NDArray,
  states: readonly NDArray[],
  compute: () => Updated,
): NDArray {
  if (out !== null) checkLike(op, "out", out, like.shape, like.dtype);
  for (const target of out === null ? states : [...states, out]) session.checkWrite(op, target);
  const { result, states: writes } = session.recorder.withTemporaries(
    () => pause(compute),
    (updated) => [updated.result, ...updated.states.map(([, value]) => value)],
  );
  for (const [target, value] of writes) {
    if (value === result) target.assign(value);
    else target.assignResult(value);
  }
  if (out === null) return result;
  return writes.some(([, value]) => value === result)
    ? out.assign(result)
    : out.assignResult(result);
}

/** Refuses weights that are not floating point, and arrays that are not of their shape and dtype. */
export function checkArrays(op: string, arrays: Readonly<Record<string, NDArray>>): void {
  let weight: NDArray | undefined;
  for (const name in arrays) {
    const array = arrays[name];
    if (!(array instanceof NDArray)) throw notAnArray(op, name, array);
    if (weight === undefined) weight = floating(op, name, array);
    else checkLike(op, name, array, weight.shape, weight.dtype);
  }
}

function floating(op: string, name: string, array: NDArray): NDArray {
  if (isFloat(array.dtype)) return array;
  throw new DTypeError({
    op,
    problem: `${name} is not a floating-point array`,
    received: formatType(array.type),
    allowed: "float32, float64, float16",
  });
}

/** Refuses an array of another shape or dtype. */
export function checkLike(
  op: string,
  name: string,
  array: NDArray,
  shape: Shape,
  dtype: DType,
): void {
  if (!(array instanceof NDArray)) throw notAnArray(op, name, array);
  const hasShape = equalShapes(array.shape, shape);
  if (hasShape && array.dtype === dtype) return;
  const received = formatType(array.type);
  const allowed = formatType({ dtype, shape });
  if (!hasShape) {
    throw new ShapeError({ op, problem: `${name} has another shape`, received, allowed });
  }
  throw new DTypeError({ op, problem: `${name} has another dtype`, received, allowed });
}

function notAnArray(op: string, name: string, received: unknown): ArgumentError {
  return new ArgumentError({
    op,
    problem: `${name} is not an array`,
    received: describe(received),
    allowed: "NDArray",
  });
}

/** Elements cut to a size; a negative one leaves them. */
export function clipped(x: NDArray, size: number): NDArray {
  return size < 0 ? x : x.clip({ aMin: -size, aMax: size });
}

type GradientSettings = Pick<UpdateOptions, "wd" | "rescaleGrad" | "clipGradient">;

/** The gradient, rescaled and cut; then the decay is added. */
export function decayedAfterClip(
  weight: NDArray,
  grad: NDArray,
  { wd, rescaleGrad, clipGradient }: GradientSettings,
): NDArray {
  return clipped(grad.mul(rescaleGrad), clipGradient).add(weight.mul(wd));
}

/** The gradient, rescaled, with the decay; then both are cut. */
export function decayedBeforeClip(
  weight: NDArray,
  grad: NDArray,
  { wd, rescaleGrad, clipGradient }: GradientSettings,
): NDArray {
  return clipped(grad.mul(rescaleGrad).add(weight.mul(wd)), clipGradient);
}

/** `share old + (1 - share) latest`. */
export function average(old: NDArray, latest: NDArray, share: number): NDArray {
  return old.mul(share).add(latest.mul(1 - share));
}

import {
  ArgumentError,
  AttributeError,
  type DType,
  DTypeError,
  equalShapes,
  formatShape,
  isFloat,
  type Shape,
  ShapeError,
} from "@adjoint/graph";
import { describe, fill, fronts } from "@adjoint/ops";
import { NDArray } from "../array/ndarray.js";
import { keepRandomState } from "../control/tracedBody.js";

import { session } from "../session.js";
import { shapeArgument } from "../creation/shapeArgument.js";

/** What every sampler is told of its result. */
export interface SampleOptions {
  /**
   * Shape of the result; `(1,)` unless given. With arrays of parameters: what is drawn for each of
   * their elements, by default one number, without an axis.
   */
  shape: number | readonly number[];
  /** Element type of the result. */
  dtype: DType;
}

/** A parameter: a number, or an array of which each element has samples of its own. */
export type Parameter = number | NDArray;

/** Options as they are read: no shape is another one for numbers than for arrays. */
export interface SampleSettings {
  shape: number | readonly number[] | null;
  dtype: DType;
}

export const sampleDefaults: SampleSettings = { shape: null, dtype: "float32" };

const floats: readonly DType[] = ["float32", "float64", "float16"];

/** What is drawn: the shape that was asked for, and the dtype, checked. */
export function sampleType(
  op: string,
  { shape, dtype }: SampleSettings,
  whenMissing: Shape = [1],
  allowed: readonly DType[] = floats,
): { readonly shape: Shape; readonly dtype: DType } {
  if (allowed.includes(dtype)) return { shape: shapeArgument(op, shape ?? whenMissing), dtype };
  throw new DTypeError({
    op,
    problem: "dtype is not one of this distribution",
    received: String(dtype),
    allowed: allowed.join(", "),
  });
}

/** Gives a sample, and keeps the state for the next one. */
export function keep([sample, next]: readonly [NDArray, NDArray]): NDArray {
  keepRandomState(next);
  return sample;
}

/** Refuses a number that is not what a parameter has to be; arrays are let through. */
export function checkParameter(
  op: string,
  name: string,
  value: Parameter,
  holds: (value: number) => boolean,
  allowed: string,
): void {
  if (value instanceof NDArray) return;
  if (typeof value === "number" && holds(value)) return;
  throw new AttributeError({
    op,
    problem: `${name} is not valid`,
    received: describe(value),
    allowed,
  });
}

export const isPositive = (value: number): boolean => value > 0 && Number.isFinite(value);
export const positive = { holds: isPositive, allowed: "a number above 0" } as const;
export const isNotNegative = (value: number): boolean => value >= 0 && Number.isFinite(value);
export const notNegative = { holds: isNotNegative, allowed: "a number of at least 0" } as const;

/**
 * Parameters as arrays of one type, where one of them is an array; a number stands for an array of
 * it. Undefined where all are numbers.
 */
export function parameterArrays(
  op: string,
  first: Parameter,
  second: Parameter = 0,
): readonly [NDArray, NDArray] | undefined {
  if (typeof first === "number" && typeof second === "number") return undefined;
  const arrays = [first, second].flatMap((one) => (one instanceof NDArray ? [one] : []));
  const [like] = arrays;
  if (like === undefined) throw noParameter(op, first, second);
  const other = arrays.find(({ shape }) => !equalShapes(shape, like.shape));
  if (other !== undefined) {
    throw new ShapeError({
      op,
      problem: "parameters differ in shape",
      received: `${formatShape(like.shape)} and ${formatShape(other.shape)}`,
      allowed: "arrays of one shape",
    });
  }
  const dtype = arrays.every((one) => one.dtype === like.dtype) ? floatOf(like) : "float64";
  const full = (value: Parameter): NDArray =>
    typeof value === "number"
      ? fill(fronts.cast(like, { dtype }), like.shape, value)
      : fronts.cast(value, { dtype });
  return [full(first), full(second)];
}

/**
 * Parameters as arrays in any case: numbers become arrays without axes. `drawn` is the shape that is
 * drawn for each element where none was asked for.
 */
export function arraysInAnyCase(
  op: string,
  first: Parameter,
  second: Parameter = 0,
): { readonly first: NDArray; readonly second: NDArray; readonly drawn: Shape } {
  const arrays = parameterArrays(op, first, second);
  if (arrays !== undefined) return { first: arrays[0], second: arrays[1], drawn: [] };
  const number = (value: Parameter) => fill(session.randomState, [], Number(value));
  return { first: number(first), second: number(second), drawn: [1] };
}

/** A parameter with its name and what it has to be. */
export interface CheckedParameter {
  readonly name: string;
  readonly value: Parameter;
  readonly holds: (value: number) => boolean;
  readonly allowed: string;
}

/** Draws with two parameters, once they are checked; the sampler takes arrays. */
export function drawWithTwo(
  op: string,
  settings: SampleSettings,
  parameters: readonly [CheckedParameter, CheckedParameter],
  sample: (
    state: NDArray,
    first: NDArray,
    second: NDArray,
    type: ReturnType<typeof sampleType>,
  ) => readonly [NDArray, NDArray],
): NDArray {
  for (const { name, value, holds, allowed } of parameters) {
    checkParameter(op, name, value, holds, allowed);
  }
  const { first, second, drawn } = arraysInAnyCase(op, parameters[0].value, parameters[1].value);
  const type = sampleType(op, settings, drawn);
  return keep(sample(session.randomState, first, second, type));
}

function floatOf({ dtype }: NDArray): DType {
  return isFloat(dtype) ? dtype : "float64";
}

function noParameter(op: string, ...given: readonly unknown[]): ArgumentError {
  return new ArgumentError({
    op,
    problem: "parameters are neither numbers nor arrays",
    received: given.map(describe).join(", "),
    allowed: "numbers, NDArrays",
  });
}

/** Options of the samplers named `...Like`: shape and dtype are the array's. */
export function likeOptions(op: string, x: NDArray): SampleOptions {
  if (x instanceof NDArray) {
    const { shape, dtype } = x;
    return sampleType(op, { shape, dtype });
  }
  throw new ArgumentError({
    op,
    problem: "argument is not an array",
    received: describe(x),
    allowed: "NDArray",
  });
}

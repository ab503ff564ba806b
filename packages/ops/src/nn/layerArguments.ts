import {
  ArgumentError,
  AttributeError,
  DTypeError,
  equalShapes,
  formatShape,
  formatType,
  isFloat,
  type Operand,
  type Shape,
  ShapeError,
  type TensorType,
} from "@adjoint/graph";
import { isOperand } from "../core/define.js";
import { checkInteger, readOptions } from "../core/options.js";
import { transposeAxes } from "../view/transpose.js";

function isArray<T extends Operand<T>>(value: T | object | undefined): value is T {
  return isOperand(value);
}

/** Reads `(…, array, options)` or `(…, options)`. */
export function readOptionalArray<T extends Operand<T>, O extends object>(
  op: string,
  third: T | Partial<O> | undefined,
  fourth: Partial<O> | undefined,
  defaults: O,
): { array: T | undefined; options: O } {
  if (isArray<T>(third)) return { array: third, options: readOptions(op, fourth, defaults) };
  return { array: undefined, options: readOptions(op, third ?? fourth, defaults) };
}

/**
 * Reads `(…, bias, options)` or `(…, options)`. There is a bias unless the option `noBias` says so;
 * an ArgumentError where the two contradict each other.
 */
export function readBias<T extends Operand<T>, O extends { noBias: boolean }>(
  op: string,
  third: T | Partial<O> | undefined,
  fourth: Partial<O> | undefined,
  defaults: O,
): { bias: T | undefined; options: O } {
  const { array: bias, options } = readOptionalArray(op, third, fourth, defaults);
  if ((bias === undefined) === options.noBias) return { bias, options };
  throw new ArgumentError({
    op,
    problem: options.noBias ? "bias given although noBias is true" : "bias is missing",
    allowed: options.noBias ? "data and weight" : "data, weight and bias, or noBias: true",
  });
}

/** Refuses to go without an option that has no default. */
export function checkGiven(op: string, name: string, value: unknown): void {
  if (value !== undefined) return;
  throw new AttributeError({
    op,
    problem: `${name} is missing`,
    allowed: `options with ${name}, which has no default`,
  });
}

/** Refuses dtypes without fractions. */
export function checkFloat(op: string, type: TensorType): void {
  if (isFloat(type.dtype)) return;
  throw new DTypeError({
    op,
    problem: "not a floating-point array",
    received: formatType(type),
    allowed: "float32, float64, float16",
  });
}

/** Refuses an argument of another shape. */
export function checkShape(op: string, name: string, shape: Shape, expected: Shape): void {
  if (equalShapes(shape, expected)) return;
  throw new ShapeError({
    op,
    problem: `${name} does not fit the data`,
    received: formatShape(shape),
    allowed: formatShape(expected),
  });
}

/** Refuses a number that is not finite. */
export function checkFinite(op: string, name: string, value: unknown, positive = false): number {
  const valid = typeof value === "number" && Number.isFinite(value) && (!positive || value > 0);
  if (valid) return value;
  throw new AttributeError({
    op,
    problem: `${name} is not valid`,
    received: String(value),
    allowed: positive ? "a positive finite number" : "a finite number",
  });
}

/**
 * One integer of at least `byDefault` per spatial axis; an empty list stands for `byDefault` along
 * each.
 */
export function spatialIntegers(
  op: string,
  name: string,
  given: readonly number[],
  count: number,
  byDefault: number,
): readonly number[] {
  const isList = Array.isArray(given);
  if (isList && given.length === 0) return new Array<number>(count).fill(byDefault);
  if (isList && given.length === count) {
    return given.map((value) => checkInteger(op, name, value, byDefault));
  }
  throw new AttributeError({
    op,
    problem: `${name} is not valid`,
    received: isList ? `[${given.join(", ")}]` : String(given),
    allowed: `${count} integers, one per spatial axis`,
  });
}

/**
 * Whether a layout has the channels at its end, as NHWC has; refuses those that do not fit data of
 * `rank` axes.
 */
export function isChannelsLast(op: string, layout: string | null, rank: number): boolean {
  const first = ["NCW", "NCHW", "NCDHW"][rank - 3];
  const last = ["NWC", "NHWC", "NDHWC"][rank - 3];
  if (layout === null || layout === first) return false;
  if (layout === last) return true;
  throw new AttributeError({
    op,
    problem: "layout does not fit the data",
    received: `${layout} for ${rank} axes`,
    allowed: first === undefined ? "null" : `${first}, ${last}`,
  });
}

/** The last axis becomes the second. */
export function channelsToFront<T extends Operand<T>>(x: T): T {
  const { length: rank } = x.type.shape;
  const spatial = Array.from({ length: Math.max(rank - 2, 0) }, (_, at) => at + 1);
  return rank < 3 ? x : transposeAxes(x, [0, rank - 1, ...spatial]);
}

/** The second axis becomes the last. */
export function channelsToEnd<T extends Operand<T>>(x: T): T {
  const spatial = Array.from({ length: x.type.shape.length - 2 }, (_, at) => at + 2);
  return transposeAxes(x, [0, ...spatial, 1]);
}

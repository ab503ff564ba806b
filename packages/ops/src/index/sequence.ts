import {
  ArgumentError,
  AttributeError,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  type TensorType,
  tensorType,
  type Value,
} from "@adjoint/graph";
import { applyOne, defineOp, describe, isOperand, nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { lesser } from "../elementwise/compare.js";
import { identity } from "../elementwise/identity.js";
import { select } from "../elementwise/where.js";
import { broadcastTo } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { flipAxes, sliceAlong } from "../view/slice.js";
import { checkNotEmpty } from "./take.js";
import { takeAlong } from "./takeAlong.js";

/** Sequences lie along axis 0 or 1, the batch along the other one. */
type SequenceAttrs = { axis: number };

/** Shape of one number per sequence, to be broadcast against the data. */
function lengthsShape({ shape }: TensorType, axis: number): Shape {
  return shape.map((length, other) => (other === 1 - axis ? length : 1));
}

function checkSequences(op: string, ins: readonly TensorType[], { axis }: SequenceAttrs): void {
  const [data, lengths] = [nth(op, ins, 0), ins[1]];
  if (axis !== 0 && axis !== 1) {
    throw new AttributeError({
      op,
      problem: "axis is not valid",
      received: String(axis),
      allowed: "0, 1",
    });
  }
  const batch = data.shape[1 - axis];
  const fits = lengths === undefined || (lengths.shape.length === 1 && lengths.shape[0] === batch);
  if (batch !== undefined && fits) return;
  throw new ShapeError({
    op,
    problem: "lengths do not fit the sequences",
    received: ins.map(({ shape }) => formatShape(shape)).join(" and "),
    allowed: "data of at least two axes, and one length per sequence",
  });
}

/**
 * Positions along the sequences and the sequences' lengths, as int32 arrays that broadcast against
 * the data.
 */
function positionsAndLengths(op: string, ins: readonly Value[], axis: number): [Value, Value] {
  const [data, lengths] = [nth(op, ins, 0), castTo(nth(op, ins, 1), "int32")];
  const { shape } = data.type;
  const positions = iota(lengths, nth(op, shape, axis));
  const along = shape.map((length, other) => (other === axis ? length : 1));
  return [reshape(positions, along), reshape(lengths, lengthsShape(data.type, axis))];
}

export const sequenceMaskOp = defineOp<SequenceAttrs & { value: number }>({
  name: "SequenceMask",
  arity: { min: 1, max: 2 },
  attrs: { axis: "int", value: "number" },
  infer(ins, attrs) {
    checkSequences("SequenceMask", ins, attrs);
    return [nth("SequenceMask", ins, 0)];
  },
  compose(ins, { axis, value }) {
    const data = nth("SequenceMask", ins, 0);
    if (ins.length === 1) return [identity(data)];
    const [positions, lengths] = positionsAndLengths("SequenceMask", ins, axis);
    return [select(lesser(positions, lengths), data, value)];
  },
  docs:
    "The data with `value` in place of what lies behind each sequence's length; without " +
    "lengths, the data. Derivative: the head gradient within the lengths, 0 behind them.",
});

export const sequenceLastOp = defineOp<SequenceAttrs>({
  name: "SequenceLast",
  arity: { min: 1, max: 2 },
  attrs: { axis: "int" },
  infer(ins, attrs) {
    checkSequences("SequenceLast", ins, attrs);
    const { dtype, shape } = nth("SequenceLast", ins, 0);
    // Even where there are no sequences, each would need an end.
    checkNotEmpty("SequenceLast", shape, attrs.axis, []);
    return [tensorType(dtype, removeAxis(shape, attrs.axis))];
  },
  compose(ins, { axis }) {
    const data = nth("SequenceLast", ins, 0);
    const { shape } = data.type;
    const rest = removeAxis(shape, axis);
    if (ins.length === 1) {
      return [reshape(sliceAlong(data, axis, nth("SequenceLast", shape, axis) - 1, 1), rest)];
    }
    const lengths = castTo(nth("SequenceLast", ins, 1), "int32");
    const last = reshape(sub(lengths, 1), lengthsShape(data.type, axis));
    const single = shape.map((length, other) => (other === axis ? 1 : length));
    return [reshape(takeAlong(data, broadcastTo(last, single), axis), rest)];
  },
  docs:
    "The last element of each sequence: at its length less one, the first for length 0; " +
    "without lengths, at the end of the axis.",
});

function removeAxis(shape: Shape, axis: number): Shape {
  return shape.filter((_, other) => other !== axis);
}

export const sequenceReverseOp = defineOp<SequenceAttrs>({
  name: "SequenceReverse",
  arity: { min: 1, max: 2 },
  attrs: { axis: "int" },
  infer(ins, attrs) {
    checkSequences("SequenceReverse", ins, attrs);
    return [nth("SequenceReverse", ins, 0)];
  },
  compose(ins, { axis }) {
    const data = nth("SequenceReverse", ins, 0);
    if (ins.length === 1) return [flipAxes(data, [axis])];
    const [positions, lengths] = positionsAndLengths("SequenceReverse", ins, axis);
    const mirrored = sub(sub(lengths, 1), positions);
    const source = select(lesser(positions, lengths), mirrored, positions);
    return [takeAlong(data, broadcastTo(source, data.type.shape), axis)];
  },
  docs:
    "Each sequence backwards within its length, what lies behind unchanged; without lengths, " +
    "the whole axis backwards.",
});

export interface SequenceOptions {
  /** Whether the second argument is used. Without it, every sequence is as long as the axis. */
  useSequenceLength: boolean;
  /** The axis of the sequences, 0 or 1; the other one is the batch. */
  axis: number;
}

const sequenceDefaults: SequenceOptions = { useSequenceLength: false, axis: 0 };

/** Lengths may be left out, and the options stand in their place. */
type LengthsOrOptions<T, O> = T | Partial<O> | undefined;

function readArguments<T extends Operand<T>, O extends SequenceOptions>(
  op: string,
  data: T,
  second: LengthsOrOptions<T, O>,
  given: Partial<O> | undefined,
  defaults: O,
): { ins: readonly [T, ...T[]]; options: O } {
  const lengths = isLengths<T>(second) ? second : undefined;
  const options = readOptions(op, isLengths<T>(second) ? given : (second ?? given), defaults);
  if (!options.useSequenceLength) return { ins: [data], options };
  if (lengths !== undefined) return { ins: [data, lengths], options };
  throw new ArgumentError({
    op,
    problem: "sequence lengths are missing",
    received: describe(second),
    allowed: "an array of one length per sequence, as useSequenceLength is set",
  });
}

function isLengths<T>(value: unknown): value is T {
  return isOperand(value);
}

export interface SequenceMaskOptions extends SequenceOptions {
  /** What stands behind each sequence's end. */
  value: number;
}

/**
 * Overwrites what lies behind the end of each sequence.
 *
 * @param data shape (length, batch, ...), or (batch, length, ...) with axis 1
 * @param sequenceLength shape (batch,), any dtype, used with `useSequenceLength`; fractions are cut
 *   off
 * @returns data's shape and dtype
 * @throws ShapeError if the lengths do not fit; ArgumentError if they are missing
 * @derivative the head gradient within the lengths, 0 behind them; none to the lengths
 * @edges a length of 0 masks the whole sequence; one beyond the axis masks nothing
 * @example
 * ```ts
 * nd.SequenceMask(nd.ones([3, 2]), nd.array([1, 2]), { useSequenceLength: true });
 * // [[1. 1.] [0. 1.] [0. 0.]]
 * ```
 */
export function SequenceMask<T extends Operand<T>>(
  data: T,
  sequenceLength?: LengthsOrOptions<T, SequenceMaskOptions>,
  options?: Partial<SequenceMaskOptions>,
): T {
  const defaults: SequenceMaskOptions = { ...sequenceDefaults, value: 0 };
  const read = readArguments("SequenceMask", data, sequenceLength, options, defaults);
  const { axis, value } = read.options;
  return applyOne(sequenceMaskOp, read.ins, { axis, value });
}

/**
 * The last element of each sequence.
 *
 * @param data shape (length, batch, ...), or (batch, length, ...) with axis 1
 * @param sequenceLength shape (batch,), any dtype, used with `useSequenceLength`
 * @returns shape (batch, ...), data's dtype
 * @throws ShapeError if the lengths do not fit; ArgumentError if they are missing
 * @derivative to the data the head gradient at the elements taken, 0 elsewhere; none to the lengths
 * @edges a length of 0 gives the first element, one beyond the axis the last
 * @example
 * ```ts
 * nd.SequenceLast(nd.array([[1, 2], [3, 4]]), nd.array([1, 2]), { useSequenceLength: true });
 * // [1. 4.]
 * ```
 */
export function SequenceLast<T extends Operand<T>>(
  data: T,
  sequenceLength?: LengthsOrOptions<T, SequenceOptions>,
  options?: Partial<SequenceOptions>,
): T {
  const read = readArguments("SequenceLast", data, sequenceLength, options, sequenceDefaults);
  return applyOne(sequenceLastOp, read.ins, { axis: read.options.axis });
}

/**
 * Each sequence backwards.
 *
 * @param data shape (length, batch, ...), or (batch, length, ...) with axis 1
 * @param sequenceLength shape (batch,), any dtype, used with `useSequenceLength`
 * @returns data's shape and dtype
 * @throws ShapeError if the lengths do not fit; ArgumentError if they are missing
 * @derivative the head gradient, reversed in the same way; none to the lengths
 * @edges what lies behind a sequence's length stays in place
 * @example
 * ```ts
 * nd.SequenceReverse(nd.array([[1, 2], [3, 4]])); // [[3. 4.] [1. 2.]]
 * ```
 */
export function SequenceReverse<T extends Operand<T>>(
  data: T,
  sequenceLength?: LengthsOrOptions<T, SequenceOptions>,
  options?: Partial<SequenceOptions>,
): T {
  const read = readArguments("SequenceReverse", data, sequenceLength, options, sequenceDefaults);
  return applyOne(sequenceReverseOp, read.ins, { axis: read.options.axis });
}

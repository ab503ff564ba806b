import {
  ArgumentError,
  AttributeError,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
} from "@adjoint/graph";
import { checkOperands, describe, isOperand } from "../core/define.js";
import { checkChoice, checkInteger, readOptions } from "../core/options.js";
import { checkFinite, checkGiven } from "./layerArguments.js";
import { type ClipRange, type RNNMode, rnnModes } from "./rnnCells.js";
import type { StackSettings } from "./rnnLayers.js";

export interface RNNOptions {
  /** Kind of cell. */
  mode: RNNMode;
  /** Length H of a state. */
  stateSize: number;
  /** Layers on top of each other. */
  numLayers: number;
  /** A second pass from the end, its states beside those of the first. */
  bidirectional: boolean;
  /** Give the last states as well. */
  stateOutputs: boolean;
  /** Probability of a zero in what one layer hands to the next, in training mode. */
  p: number;
  /** lstm only: length P that h is projected to before it is handed on; null for no projection. */
  projectionSize: number | null;
  /** lstm only: lower bound of c, together with the upper one; null for no bounds. */
  lstmStateClipMin: number | null;
  /** lstm only: upper bound of c; null for no bounds. */
  lstmStateClipMax: number | null;
  /** Where c has bounds, NaN becomes the lower one. */
  lstmStateClipNan: boolean;
  /** Whether an array says how long each sequence is. */
  useSequenceLength: boolean;
}

/** Options as they are given: what has no default must be there. */
export type RNNSettings = Pick<RNNOptions, "mode" | "stateSize"> & Partial<RNNOptions>;

interface RNNDefaults extends Omit<RNNOptions, "mode" | "stateSize"> {
  mode: RNNMode | undefined;
  stateSize: number | undefined;
}

const defaults: RNNDefaults = {
  mode: undefined,
  stateSize: undefined,
  numLayers: 1,
  bidirectional: false,
  stateOutputs: false,
  p: 0,
  projectionSize: null,
  lstmStateClipMin: null,
  lstmStateClipMax: null,
  lstmStateClipNan: false,
  useSequenceLength: false,
};

function checkProbability(p: unknown): number {
  if (typeof p === "number" && p >= 0 && p <= 1) return p;
  throw new AttributeError({
    op: "RNN",
    problem: "p is not a probability",
    received: describe(p),
    allowed: "0 to 1",
  });
}

function checkSequence(x: Shape): void {
  if (x.length === 3 && x[0] !== 0) return;
  throw new ShapeError({
    op: "RNN",
    problem: "data is not a sequence",
    received: formatShape(x),
    allowed: "(steps, batch, inputs), at least one step",
  });
}

/** Refuses an option of lstm cells for others. */
function checkLstm(mode: RNNMode, name: string): void {
  if (mode === "lstm") return;
  throw new AttributeError({
    op: "RNN",
    problem: `${name} is for lstm only`,
    received: mode,
    allowed: `lstm, or no ${name}`,
  });
}

function readClip(
  mode: RNNMode,
  { lstmStateClipMin, lstmStateClipMax, lstmStateClipNan: nan }: RNNDefaults,
): ClipRange | undefined {
  if (lstmStateClipMin === null && lstmStateClipMax === null) return undefined;
  checkLstm(mode, "lstmStateClip");
  const min = checkFinite("RNN", "lstmStateClipMin", lstmStateClipMin);
  const max = checkFinite("RNN", "lstmStateClipMax", lstmStateClipMax);
  if (min <= max) return { min, max, nan };
  throw new AttributeError({
    op: "RNN",
    problem: "bounds of the state are not in order",
    received: `lstmStateClipMin ${min}, lstmStateClipMax ${max}`,
    allowed: "lstmStateClipMin <= lstmStateClipMax",
  });
}

function readStack(options: RNNDefaults): StackSettings {
  checkGiven("RNN", "mode", options.mode);
  checkGiven("RNN", "stateSize", options.stateSize);
  const mode = checkChoice("RNN", "mode", options.mode, rnnModes);
  const projected = options.projectionSize;
  if (projected !== null) checkLstm(mode, "projectionSize");
  return {
    mode,
    stateSize: checkInteger("RNN", "stateSize", options.stateSize, 1),
    projectionSize:
      projected === null ? undefined : checkInteger("RNN", "projectionSize", projected, 1),
    layers: checkInteger("RNN", "numLayers", options.numLayers, 1),
    passes: options.bidirectional ? 2 : 1,
    clip: readClip(mode, options),
  };
}

/** The arrays behind the state: as many as the mode and the options ask for, in MXNet's order. */
interface FurtherArrays<T> {
  readonly stateCell: T | undefined;
  readonly sequenceLength: T | undefined;
}

function furtherArrays<T extends Operand<T>>(
  arrays: readonly T[],
  mode: RNNMode,
  useSequenceLength: boolean,
): FurtherArrays<T> {
  const names = [
    ...(mode === "lstm" ? ["stateCell"] : []),
    ...(useSequenceLength ? ["sequenceLength"] : []),
  ];
  if (arrays.length !== names.length) {
    const missing = names[arrays.length];
    throw new ArgumentError({
      op: "RNN",
      problem: missing === undefined ? "too many arrays" : `${missing} is missing`,
      received: `${3 + arrays.length} arrays`,
      allowed: ["data", "parameters", "state", ...names].join(", "),
    });
  }
  const [first, second] = arrays;
  return mode === "lstm"
    ? { stateCell: first, sequenceLength: second }
    : { stateCell: undefined, sequenceLength: first };
}

/** The arguments of a call, checked but for the shapes of what belongs to the data. */
export interface RNNArguments<T> extends FurtherArrays<T> {
  readonly stack: StackSettings;
  readonly stateOutputs: boolean;
  readonly p: number;
}

/** Reads what stands behind data, parameters and state: arrays and nulls, then the options. */
export function readRNNArguments<T extends Operand<T>>(
  ins: readonly [T, T, T],
  rest: readonly (T | RNNSettings | null)[],
): RNNArguments<T> {
  const last = rest.at(-1);
  const given = isSettings(last) ? last : undefined;
  const arrays = (given === undefined ? rest : rest.slice(0, -1)).filter((one) => one != null);
  checkOperands("RNN", [...ins, ...arrays]);
  const options = readOptions<RNNDefaults>("RNN", given, defaults);
  checkSequence(ins[0].type.shape);
  const stack = readStack(options);
  return {
    stack,
    stateOutputs: options.stateOutputs,
    p: checkProbability(options.p),
    ...furtherArrays(arrays.filter(isArray<T>), stack.mode, options.useSequenceLength),
  };
}

function isSettings<T>(value: T | RNNSettings | null | undefined): value is RNNSettings {
  return !isOperand(value) && value !== null && value !== undefined;
}

function isArray<T>(value: unknown): value is T {
  return isOperand(value);
}

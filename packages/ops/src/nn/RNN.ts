import {
  ArgumentError,
  AttributeError,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
} from "@adjoint/graph";
import { matmul } from "../contract/dot.js";
import { checkOperands, describe, nth } from "../core/define.js";
import { checkChoice, checkInteger } from "../core/options.js";
import { add } from "../elementwise/arithmetic.js";
import { concatAlong } from "../pack/concat.js";
import { reshape } from "../view/reshape.js";
import { sliceAlong } from "../view/slice.js";
import { checkGiven, checkShape, readOptionalArray } from "./layerArguments.js";
import { type CellState, cells, gateCount, type RNNMode, rnnModes } from "./rnnCells.js";

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
}

/** @internal */
export type StatesGiven = { stateOutputs: true };
/** @internal */
export type StatesLeftOut = { stateOutputs?: false };

/** What is done to the result of a layer before the next one reads it, given the option `p`. */
export type BetweenLayers<T> = (y: T, p: number) => T;

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
};

/** One pass of one layer: its weights cut out of the flat vector. */
interface PassWeights<T> {
  readonly inputWeight: T;
  readonly stateWeight: T;
  readonly inputBias: T;
  readonly stateBias: T;
}

/**
 * Cuts the flat parameter vector: for each layer and pass the input's weight (gates H, inputs), the
 * state's (gates H, H); after all of them, in the same order, both biases.
 */
function cutParameters<T extends Operand<T>>(
  parameters: T,
  inputSizes: readonly number[],
  rows: number,
  size: number,
): readonly PassWeights<T>[] {
  const weightCount = inputSizes.reduce((sum, inputs) => sum + rows * (inputs + size), 0);
  checkShape("RNN", "parameter vector", parameters.type.shape, [
    weightCount + 2 * rows * inputSizes.length,
  ]);
  let position = 0;
  const matrix = (columns: number) => {
    const part = sliceAlong(parameters, 0, position, rows * columns);
    position += rows * columns;
    return reshape(part, [rows, columns]);
  };
  return inputSizes.map((inputs, pass) => ({
    inputWeight: matrix(inputs),
    stateWeight: matrix(size),
    inputBias: sliceAlong(parameters, 0, weightCount + 2 * pass * rows, rows),
    stateBias: sliceAlong(parameters, 0, weightCount + (2 * pass + 1) * rows, rows),
  }));
}

/** Runs one pass over x (steps, batch, inputs); gives all h (steps, batch, H), the last state. */
function runPass<T extends Operand<T>>(
  x: T,
  mode: RNNMode,
  weights: PassWeights<T>,
  start: CellState<T>,
  backward: boolean,
): { readonly y: T; readonly last: CellState<T> } {
  const [steps = 0, batch = 0, inputs = 0] = x.type.shape;
  const rows = weights.inputBias.type.shape[0] ?? 0;
  const flat = matmul(reshape(x, [steps * batch, inputs]), weights.inputWeight, false, true);
  const projected = reshape(add(flat, weights.inputBias), [steps, batch, rows]);
  const stateWeights = { weight: weights.stateWeight, bias: weights.stateBias };
  const states: T[] = [];
  let state = start;
  for (let step = 0; step < steps; step++) {
    const time = backward ? steps - 1 - step : step;
    const input = reshape(sliceAlong(projected, 0, time, 1), [batch, rows]);
    state = cells[mode](input, state, stateWeights);
    states.push(reshape(state.h, [1, ...state.h.type.shape]));
  }
  if (backward) states.reverse();
  const [first, ...rest] = states;
  if (first === undefined) throw new Error("RNN: no steps");
  return { y: concatAlong([first, ...rest], 0), last: state };
}

interface Sizes {
  readonly mode: RNNMode;
  readonly size: number;
  readonly layers: number;
  readonly passes: number;
}

/** Without a random state nothing can be dropped. */
function refuseDropout(p: number): void {
  if (p === 0) return;
  throw new AttributeError({
    op: "RNN",
    problem: "p is not valid",
    received: String(p),
    allowed: "0; for dropout, stack RNNs of one layer with Dropout between them",
  });
}

function checkProbability(p: unknown): void {
  if (typeof p === "number" && p >= 0 && p <= 1) return;
  throw new AttributeError({
    op: "RNN",
    problem: "p is not a probability",
    received: describe(p),
    allowed: "0 to 1",
  });
}

function readSizes(x: Shape, { mode, stateSize, numLayers, bidirectional }: RNNDefaults): Sizes {
  if (x.length !== 3 || x[0] === 0) {
    throw new ShapeError({
      op: "RNN",
      problem: "data is not a sequence",
      received: formatShape(x),
      allowed: "(steps, batch, inputs), at least one step",
    });
  }
  checkGiven("RNN", "mode", mode);
  checkGiven("RNN", "stateSize", stateSize);
  return {
    mode: checkChoice("RNN", "mode", mode, rnnModes),
    size: checkInteger("RNN", "stateSize", stateSize, 1),
    layers: checkInteger("RNN", "numLayers", numLayers, 1),
    passes: bidirectional ? 2 : 1,
  };
}

/** All layers one after the other. */
function runLayers<T extends Operand<T>>(
  x: T,
  parameters: T,
  [h, c]: readonly [T, T],
  { mode, size, layers, passes }: Sizes,
  between: (y: T) => T,
): { readonly y: T; readonly last: readonly CellState<T>[] } {
  const batch = nth("RNN", x.type.shape, 1);
  const inputs = nth("RNN", x.type.shape, 2);
  const inputSizes = Array.from({ length: layers * passes }, (_, pass) =>
    pass < passes ? inputs : size * passes,
  );
  const weights = cutParameters(parameters, inputSizes, gateCount[mode] * size, size);
  const startOf = (states: T, pass: number) =>
    reshape(sliceAlong(states, 0, pass, 1), [batch, size]);
  const last: CellState<T>[] = [];
  let y = x;
  for (let layer = 0; layer < layers; layer++) {
    const input = layer === 0 ? x : between(y);
    const run = (direction: number) => {
      const pass = layer * passes + direction;
      const start = { h: startOf(h, pass), c: startOf(c, pass) };
      const result = runPass(input, mode, nth("RNN", weights, pass), start, direction === 1);
      last.push(result.last);
      return result.y;
    };
    y = passes === 1 ? run(0) : concatAlong([run(0), run(1)], 2);
  }
  return { y, last };
}

function stackStates<T extends Operand<T>>(states: readonly T[]): T {
  const [first, ...rest] = states.map((one) => reshape(one, [1, ...one.type.shape]));
  if (first === undefined) throw new Error("RNN: no states");
  return concatAlong([first, ...rest], 0);
}

/**
 * Recurrent layers, unrolled over time.
 *
 * With gates·H = H, 4H (lstm: i, f, g, o) or 3H (gru: r, z, n), the flat parameter vector holds for
 * each layer and direction the input's weight (gates·H, inputs) and the state's (gates·H, H); after
 * all of them, in the same order, the biases (gates·H,) of input and state.
 *
 * @param x shape (steps, batch, inputs)
 * @param parameters flat vector of all weights and biases
 * @param state shape (layers · directions, batch, H), forward before backward
 * @param stateCell lstm only: c, of the same shape
 * @returns shape (steps, batch, H · directions); with `stateOutputs` a list of it, the last states
 *   and, for lstm, the last c
 * @throws ShapeError if parameters or states do not fit; AttributeError for an unknown mode or a
 *   `p` other than 0; ArgumentError if an lstm has no `stateCell`
 * @derivative through time, by the operators that the steps are made of
 * @edges 0 steps are refused
 * @example
 * ```ts
 * const [x, parameters, state] = [nd.ones([2, 1, 1]), nd.full([4], 0.5), nd.zeros([1, 1, 1])];
 * nd.RNN(x, parameters, state, { mode: "rnn_tanh", stateSize: 1 });
 * // [[[0.90514827]] [[0.96051913]]]
 * ```
 */
export function RNN<T extends Operand<T>>(
  x: T,
  parameters: T,
  state: T,
  stateCell: T | (RNNSettings & StatesGiven),
  options?: RNNSettings & StatesGiven,
): readonly T[];
export function RNN<T extends Operand<T>>(
  x: T,
  parameters: T,
  state: T,
  stateCell: T | (RNNSettings & StatesLeftOut),
  options?: RNNSettings & StatesLeftOut,
): T;
export function RNN<T extends Operand<T>>(
  x: T,
  parameters: T,
  state: T,
  stateCell: T | RNNSettings,
  options?: RNNSettings,
): T | readonly T[];
export function RNN<T extends Operand<T>>(
  x: T,
  parameters: T,
  state: T,
  stateCell: T | RNNSettings,
  options?: RNNSettings,
): T | readonly T[] {
  refuseDropout(readOptionalArray<T, RNNDefaults>("RNN", stateCell, options, defaults).options.p);
  return recurrentLayers<T>(x, parameters, state, stateCell, options, (y) => y);
}

/** As `RNN`, with something done between the layers. */
export function recurrentLayers<T extends Operand<T>>(
  x: T,
  parameters: T,
  state: T,
  stateCell: T | Partial<RNNOptions>,
  options: Partial<RNNOptions> | undefined,
  between: BetweenLayers<T>,
): T | readonly T[] {
  const read = readOptionalArray<T, RNNDefaults>("RNN", stateCell, options, defaults);
  checkOperands("RNN", [x, parameters, state]);
  const { p } = read.options;
  checkProbability(p);
  const sizes = readSizes(x.type.shape, read.options);
  const { mode, size, layers, passes } = sizes;
  if ((mode === "lstm") !== (read.array !== undefined)) {
    throw new ArgumentError({
      op: "RNN",
      problem: mode === "lstm" ? "stateCell is missing" : `${mode} has no stateCell`,
      allowed: mode === "lstm" ? "data, parameters, state, stateCell" : "data, parameters, state",
    });
  }
  const cell = read.array ?? state;
  const states = [layers * passes, nth("RNN", x.type.shape, 1), size];
  checkShape("RNN", "state", state.type.shape, states);
  checkShape("RNN", "stateCell", cell.type.shape, states);
  const { y, last } = runLayers(x, parameters, [state, cell], sizes, (one) => between(one, p));
  if (!read.options.stateOutputs) return y;
  const h = stackStates(last.map((one) => one.h));
  return mode === "lstm" ? [y, h, stackStates(last.map((one) => one.c))] : [y, h];
}

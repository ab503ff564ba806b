import type { Operand } from "@adjoint/graph";
import { matmul } from "../contract/dot.js";
import { nth } from "../core/define.js";
import { add } from "../elementwise/arithmetic.js";
import { select } from "../elementwise/where.js";
import { concatAlong } from "../pack/concat.js";
import { reshape } from "../view/reshape.js";
import { sliceAlong } from "../view/slice.js";
import { type CellState, type ClipRange, cells, gateCount, type RNNMode } from "./rnnCells.js";
import { cutParameters, type PassWeights } from "./rnnParameters.js";

/** What the layers of one call have in common. */
export interface StackSettings {
  readonly mode: RNNMode;
  readonly stateSize: number;
  readonly projectionSize: number | undefined;
  readonly layers: number;
  /** 2 with a pass from the end. */
  readonly passes: number;
  readonly clip: ClipRange | undefined;
}

/** The same, and where the sequences lie. */
export interface RecurrentStack<T> extends StackSettings {
  /** (steps, batch, 1): not 0 within the sequences; undefined where all are as long as the data. */
  readonly within: T | undefined;
}

/** Where each pass starts, along axis 0. */
export interface StartStates<T> {
  readonly h: T;
  readonly c: T;
}

/** What the layers give: h of the last one for all steps, and the last state of each pass. */
export interface LayersResult<T> {
  readonly y: T;
  readonly last: readonly CellState<T>[];
}

/** The input's part of the gates for all steps: (steps, batch, gates * H). */
function inputGates<T extends Operand<T>>(x: T, { inputWeight, inputBias }: PassWeights<T>): T {
  const [steps = 0, batch = 0, inputs = 0] = x.type.shape;
  const flat = matmul(reshape(x, [steps * batch, inputs]), inputWeight, false, true);
  return reshape(add(flat, inputBias), [steps, batch, nth("RNN", inputBias.type.shape, 0)]);
}

/** One step of what has a leading axis of steps, without that axis. */
function atStep<T extends Operand<T>>(x: T, step: number): T {
  return reshape(sliceAlong(x, 0, step, 1), x.type.shape.slice(1));
}

/** Runs one pass over x (steps, batch, inputs); gives all h (steps, batch, H or P), the last state. */
function runPass<T extends Operand<T>>(
  x: T,
  { mode, clip, within }: RecurrentStack<T>,
  weights: PassWeights<T>,
  start: CellState<T>,
  backward: boolean,
): { readonly y: T; readonly last: CellState<T> } {
  const gates = inputGates(x, weights);
  const { stateWeight: weight, stateBias: bias, projection } = weights;
  const steps = nth("RNN", x.type.shape, 0);
  const states: T[] = [];
  let state = start;
  for (let step = 0; step < steps; step++) {
    const time = backward ? steps - 1 - step : step;
    const next = cells[mode](atStep(gates, time), state, { weight, bias, projection, clip });
    const counts = within && atStep(within, time);
    state = counts === undefined ? next : chooseState(counts, next, state);
    states.push(reshape(state.h, [1, ...state.h.type.shape]));
  }
  if (backward) states.reverse();
  const [first, ...rest] = states;
  if (first === undefined) throw new Error("RNN: no steps");
  const y = concatAlong([first, ...rest], 0);
  return { y: within === undefined ? y : select(within, y, 0), last: state };
}

/** The next state where a sequence goes on, the one before where it has ended or not begun. */
function chooseState<T extends Operand<T>>(
  counts: T,
  next: CellState<T>,
  before: CellState<T>,
): CellState<T> {
  return { h: select(counts, next.h, before.h), c: select(counts, next.c, before.c) };
}

/** All layers one after the other. */
export function runLayers<T extends Operand<T>>(
  x: T,
  parameters: T,
  start: StartStates<T>,
  stack: RecurrentStack<T>,
  between: (y: T) => T,
): LayersResult<T> {
  const { mode, stateSize, projectionSize, layers, passes, within } = stack;
  const inputs = nth("RNN", x.type.shape, 2);
  const inputSizes = Array.from({ length: layers * passes }, (_, pass) =>
    pass < passes ? inputs : (projectionSize ?? stateSize) * passes,
  );
  const rows = gateCount[mode] * stateSize;
  const weights = cutParameters(parameters, inputSizes, { rows, stateSize, projectionSize });
  const last: CellState<T>[] = [];
  // What lies behind the end of a sequence is never seen, not even a NaN.
  let y = within === undefined ? x : select(within, x, 0);
  for (let layer = 0; layer < layers; layer++) {
    const input = layer === 0 ? y : between(y);
    const run = (direction: number) => {
      const pass = layer * passes + direction;
      const from = { h: atStep(start.h, pass), c: atStep(start.c, pass) };
      const result = runPass(input, stack, nth("RNN", weights, pass), from, direction === 1);
      last.push(result.last);
      return result.y;
    };
    y = passes === 1 ? run(0) : concatAlong([run(0), run(1)], 2);
  }
  return { y, last };
}

import { AttributeError, type Operand } from "@adjoint/graph";
import { nth } from "../core/define.js";
import { iota } from "../elementwise/arange.js";
import { castTo } from "../elementwise/cast.js";
import { lesser } from "../elementwise/compare.js";
import { concatAlong } from "../pack/concat.js";
import { reshape } from "../view/reshape.js";
import { checkShape } from "./layerArguments.js";
import { type RNNSettings, readRNNArguments } from "./rnnArguments.js";
import { runLayers } from "./rnnLayers.js";

/** @internal */
export type StatesGiven = { stateOutputs: true };
/** @internal */
export type StatesLeftOut = { stateOutputs?: false };

/** What stands behind the state; arrays that are not asked for may be null or left out. */
type Rest<T, O> =
  | readonly [options: O]
  | readonly [stateCell: T | null, options: O]
  | readonly [stateCell: T | null, sequenceLength: T | null, options: O];

/** What is done to the result of a layer before the next one reads it, given the option `p`. */
export type BetweenLayers<T> = (y: T, p: number) => T;

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

/** (steps, batch, 1): not 0 within the sequences. */
function withinLengths<T extends Operand<T>>(lengths: T, x: T): T {
  const [steps = 0, batch = 0] = x.type.shape;
  checkShape("RNN", "sequenceLength", lengths.type.shape, [batch]);
  const whole = castTo(lengths, "int32");
  return lesser(reshape(iota(whole, steps), [steps, 1, 1]), reshape(whole, [1, batch, 1]));
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
 * each layer and direction the input's weight (gates·H, inputs) and the state's (gates·H, H), where
 * h is projected (gates·H, P) and the projection's (P, H); after all of them, in the same order, the
 * biases (gates·H,) of input and state.
 *
 * @param x shape (steps, batch, inputs)
 * @param parameters flat vector of all weights and biases
 * @param state shape (layers · directions, batch, H), forward before backward; P in place of H
 *   where h is projected
 * @param rest for lstm c, shape (layers · directions, batch, H); with `useSequenceLength` the
 *   lengths, shape (batch,), any dtype, whose fractions are cut off; then the options
 * @returns shape (steps, batch, H · directions); with `stateOutputs` a list of it, the last states
 *   and, for lstm, the last c
 * @throws ShapeError if parameters, states or lengths do not fit; AttributeError for an unknown
 *   mode, a `p` other than 0, an option of lstm in another mode, or one bound of c without the
 *   other; ArgumentError if an array is missing, or there is one too many
 * @derivative through time, by the operators that the steps are made of; none to the lengths
 * @edges 0 steps are refused
 * @edges behind the end of a sequence results are 0, and nothing of the data is seen; the last states
 *   are those at its end, and the pass from the end begins there; a length of 0 keeps the state
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
  ...rest: Rest<T, RNNSettings & StatesGiven>
): readonly T[];
export function RNN<T extends Operand<T>>(
  x: T,
  parameters: T,
  state: T,
  ...rest: Rest<T, RNNSettings & StatesLeftOut>
): T;
export function RNN<T extends Operand<T>>(
  x: T,
  parameters: T,
  state: T,
  ...rest: Rest<T, RNNSettings>
): T | readonly T[];
export function RNN<T extends Operand<T>>(
  x: T,
  parameters: T,
  state: T,
  ...rest: Rest<T, RNNSettings>
): T | readonly T[] {
  return recurrentLayers<T>([x, parameters, state], rest);
}

/** As `RNN` of data, parameters and state; with `between`, layers may drop what they hand on. */
export function recurrentLayers<T extends Operand<T>>(
  ins: readonly [T, T, T],
  rest: readonly (T | RNNSettings | null)[],
  between?: BetweenLayers<T>,
): T | readonly T[] {
  const { stack, stateCell, sequenceLength, stateOutputs, p } = readRNNArguments(ins, rest);
  if (between === undefined) refuseDropout(p);
  const { mode, layers, passes, stateSize, projectionSize } = stack;
  const [x, parameters, state] = ins;
  const batch = nth("RNN", x.type.shape, 1);
  const all = layers * passes;
  checkShape("RNN", "state", state.type.shape, [all, batch, projectionSize ?? stateSize]);
  if (stateCell) checkShape("RNN", "stateCell", stateCell.type.shape, [all, batch, stateSize]);
  const start = { h: state, c: stateCell ?? state };
  const within = sequenceLength && withinLengths(sequenceLength, x);
  const { y, last } = runLayers(x, parameters, start, { ...stack, within }, (one) =>
    between === undefined ? one : between(one, p),
  );
  if (!stateOutputs) return y;
  const h = stackStates(last.map((one) => one.h));
  return mode === "lstm" ? [y, h, stackStates(last.map((one) => one.c))] : [y, h];
}

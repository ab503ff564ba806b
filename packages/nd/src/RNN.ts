import {
  type RNNSettings,
  recurrentLayers,
  type StatesGiven,
  type StatesLeftOut,
} from "@adjoint/ops";
import type { NDArray } from "./array/ndarray.js";
import { Dropout } from "./layers.js";

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
 *   `p` outside of 0 to 1; ArgumentError if an lstm has no `stateCell`
 * @derivative through time, by the operators that the steps are made of, and the dropout masks
 * @edges 0 steps are refused
 * @edges dropout has masks of its own: those of MXNet's `RNN` do not follow its seed
 * @example
 * ```ts
 * const [x, parameters, state] = [nd.ones([2, 1, 1]), nd.full([4], 0.5), nd.zeros([1, 1, 1])];
 * nd.RNN(x, parameters, state, { mode: "rnn_tanh", stateSize: 1 });
 * // [[[0.90514827]] [[0.96051913]]]
 * ```
 */
export function RNN(
  x: NDArray,
  parameters: NDArray,
  state: NDArray,
  stateCell: NDArray | (RNNSettings & StatesGiven),
  options?: RNNSettings & StatesGiven,
): readonly NDArray[];
export function RNN(
  x: NDArray,
  parameters: NDArray,
  state: NDArray,
  stateCell: NDArray | (RNNSettings & StatesLeftOut),
  options?: RNNSettings & StatesLeftOut,
): NDArray;
export function RNN(
  x: NDArray,
  parameters: NDArray,
  state: NDArray,
  stateCell: NDArray | RNNSettings,
  options?: RNNSettings,
): NDArray | readonly NDArray[];
export function RNN(
  x: NDArray,
  parameters: NDArray,
  state: NDArray,
  stateCell: NDArray | RNNSettings,
  options?: RNNSettings,
): NDArray | readonly NDArray[] {
  return recurrentLayers<NDArray>(x, parameters, state, stateCell, options, (y, p) =>
    Dropout(y, { p }),
  );
}

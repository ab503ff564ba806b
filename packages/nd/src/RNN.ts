import {
  type RNNSettings,
  recurrentLayers,
  type StatesGiven,
  type StatesLeftOut,
} from "@adjoint/ops";
import type { NDArray } from "./array/ndarray.js";
import { Dropout } from "./layers.js";

/** What stands behind the state; arrays that are not asked for may be null or left out. */
type Rest<O> =
  | readonly [options: O]
  | readonly [stateCell: NDArray | null, options: O]
  | readonly [stateCell: NDArray | null, sequenceLength: NDArray | null, options: O];

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
 *   mode, a `p` outside of 0 to 1, an option of lstm in another mode, or one bound of c without the
 *   other; ArgumentError if an array is missing, or there is one too many
 * @derivative through time, by the operators that the steps are made of, and the dropout
 *   masks; none to the lengths
 * @edges 0 steps are refused
 * @edges behind the end of a sequence results are 0, and nothing of the data is seen; the last states
 *   are those at its end, and the pass from the end begins there; a length of 0 keeps the state
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
  ...rest: Rest<RNNSettings & StatesGiven>
): readonly NDArray[];
export function RNN(
  x: NDArray,
  parameters: NDArray,
  state: NDArray,
  ...rest: Rest<RNNSettings & StatesLeftOut>
): NDArray;
export function RNN(
  x: NDArray,
  parameters: NDArray,
  state: NDArray,
  ...rest: Rest<RNNSettings>
): NDArray | readonly NDArray[];
export function RNN(
  x: NDArray,
  parameters: NDArray,
  state: NDArray,
  ...rest: Rest<RNNSettings>
): NDArray | readonly NDArray[] {
  return recurrentLayers<NDArray>([x, parameters, state], rest, (y, p) => Dropout(y, { p }));
}

import type { Operand } from "@adjoint/graph";
import { matmul } from "../contract/dot.js";
import { Activation } from "../elementwise/Activation.js";
import { add, mul, sub } from "../elementwise/arithmetic.js";
import { tanh } from "../elementwise/exponential.js";
import { clipTo } from "../elementwise/clip.js";
import { notEqual } from "../elementwise/compare.js";
import { sigmoid } from "../elementwise/rectify.js";
import { select } from "../elementwise/where.js";
import { sliceAlong } from "../view/slice.js";

export const rnnModes = ["rnn_relu", "rnn_tanh", "lstm", "gru"] as const;
export type RNNMode = (typeof rnnModes)[number];

/** What a cell hands on to the next step: h, and c for lstm (h again for others). */
export interface CellState<T> {
  readonly h: T;
  readonly c: T;
}

/** Bounds of an lstm's c. */
export interface ClipRange {
  readonly min: number;
  readonly max: number;
  /** Whether NaN becomes the lower bound; else it stays. */
  readonly nan: boolean;
}

/**
 * The state's part of a cell: weight (gates * H, H) and bias (gates * H,). An lstm may project h to
 * P elements by a weight (P, H), and then the other one is (gates * H, P).
 */
export interface StateWeights<T> {
  readonly weight: T;
  readonly bias: T;
  readonly projection?: T | undefined;
  readonly clip?: ClipRange | undefined;
}

/** Blocks of rows in the weights of a cell. */
export const gateCount: { readonly [M in RNNMode]: number } = {
  rnn_relu: 1,
  rnn_tanh: 1,
  lstm: 4,
  gru: 3,
};

/**
 * The input's part (batch, gates * H), computed for all steps beforehand, and a state to the next
 * state.
 */
type Cell = <T extends Operand<T>>(
  input: T,
  state: CellState<T>,
  weights: StateWeights<T>,
) => CellState<T>;

function fromState<T extends Operand<T>>(
  { h }: CellState<T>,
  { weight, bias }: StateWeights<T>,
): T {
  return add(matmul(h, weight, false, true), bias);
}

function gates<T extends Operand<T>>(x: T, count: number): readonly T[] {
  const size = (x.type.shape[1] ?? 0) / count;
  return Array.from({ length: count }, (_, gate) => sliceAlong(x, 1, gate * size, size));
}

const vanilla =
  (activation: <T extends Operand<T>>(x: T) => T): Cell =>
  (input, state, weights) => {
    const h = activation(add(input, fromState(state, weights)));
    return { h, c: h };
  };

function clipped<T extends Operand<T>>(c: T, range: ClipRange | undefined): T {
  if (range === undefined) return c;
  const inRange = clipTo(c, range.min, range.max);
  return range.nan ? select(notEqual(c, c), range.min, inRange) : inRange;
}

// Hochreiter & Schmidhuber 1997 with forget gates; gates in the order i, f, g, o. The projection is
// that of Sak et al. 2014, eq. 6.
const lstm: Cell = (input, state, weights) => {
  const [i, f, g, o] = gates(add(input, fromState(state, weights)), 4);
  if (i === undefined || f === undefined || g === undefined || o === undefined) {
    throw new Error("RNN: an lstm has four gates");
  }
  const c = clipped(add(mul(sigmoid(f), state.c), mul(sigmoid(i), tanh(g))), weights.clip);
  const h = mul(sigmoid(o), tanh(c));
  const { projection } = weights;
  return { h: projection === undefined ? h : matmul(h, projection, false, true), c };
};

// Cho et al. 2014 as cuDNN has it: the reset gate acts on the state's part with its bias; gates r,
// z, n.
const gru: Cell = (input, state, weights) => {
  const [inputR, inputZ, inputN] = gates(input, 3);
  const [stateR, stateZ, stateN] = gates(fromState(state, weights), 3);
  if (inputR === undefined || inputZ === undefined || inputN === undefined) {
    throw new Error("RNN: a gru has three gates");
  }
  if (stateR === undefined || stateZ === undefined || stateN === undefined) {
    throw new Error("RNN: a gru has three gates");
  }
  const r = sigmoid(add(inputR, stateR));
  const z = sigmoid(add(inputZ, stateZ));
  const n = tanh(add(inputN, mul(r, stateN)));
  const h = add(mul(sub(1, z), n), mul(z, state.h));
  return { h, c: h };
};

export const cells: { readonly [M in RNNMode]: Cell } = {
  // At NaN 0, as the layer has it.
  rnn_relu: vanilla((x) => Activation(x, { actType: "relu" })),
  rnn_tanh: vanilla(tanh),
  lstm,
  gru,
};

import type { Operand } from "@adjoint/graph";
import { reshape } from "../view/reshape.js";
import { sliceAlong } from "../view/slice.js";
import { checkShape } from "./layerArguments.js";

/** One pass of one layer: its weights cut out of the flat vector. */
export interface PassWeights<T> {
  readonly inputWeight: T;
  readonly stateWeight: T;
  /** From h to what is handed on, where the states are projected. */
  readonly projection: T | undefined;
  readonly inputBias: T;
  readonly stateBias: T;
}

/** Lengths in the weights of every pass. */
export interface WeightSizes {
  /** Gates times H. */
  readonly rows: number;
  readonly stateSize: number;
  readonly projectionSize: number | undefined;
}

/**
 * Cuts the flat parameter vector: for each layer and pass the input's weight (rows, inputs), the
 * state's (rows, H), with a projection (rows, P) and its own (P, H); after all of them, in the same
 * order, both biases.
 */
export function cutParameters<T extends Operand<T>>(
  parameters: T,
  inputSizes: readonly number[],
  { rows, stateSize, projectionSize }: WeightSizes,
): readonly PassWeights<T>[] {
  const handedOn = projectionSize ?? stateSize;
  const shared = rows * handedOn + (projectionSize ?? 0) * stateSize;
  const weightCount = inputSizes.reduce((sum, inputs) => sum + rows * inputs + shared, 0);
  const count = weightCount + 2 * rows * inputSizes.length;
  checkShape("RNN", "parameter vector", parameters.type.shape, [count]);
  let position = 0;
  const matrix = (height: number, width: number) => {
    const part = sliceAlong(parameters, 0, position, height * width);
    position += height * width;
    return reshape(part, [height, width]);
  };
  return inputSizes.map((inputs, pass) => ({
    inputWeight: matrix(rows, inputs),
    stateWeight: matrix(rows, handedOn),
    projection: projectionSize === undefined ? undefined : matrix(projectionSize, stateSize),
    inputBias: sliceAlong(parameters, 0, weightCount + 2 * pass * rows, rows),
    stateBias: sliceAlong(parameters, 0, weightCount + (2 * pass + 1) * rows, rows),
  }));
}

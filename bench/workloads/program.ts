import { type NDArray, nd } from "adjoint";
import type { HostArray } from "../inputs.js";

/** What a workload measures: a function as a user writes it, and arrays to call it with. */
export interface Program {
  /** One iteration. Recorded anew at each call, or compiled as a whole: the function is the same. */
  readonly run: (...args: NDArray[]) => NDArray;
  /** The arguments of the next iteration. */
  readonly args: () => NDArray[];
  /** Arrays whose gradients an iteration computes, given its arguments. */
  readonly variables: (args: readonly NDArray[]) => readonly NDArray[];
  /** Whether an iteration ends in a step down the gradient. */
  readonly trains: boolean;
  /** How many iterations' gradients are compared as one; 1 if missing. */
  readonly comparedIterations?: number;
  /** Whether the result is a loss; if not, only gradients are compared, or the result where there are none. */
  readonly hasLoss: boolean;
}

/** The array on our side. */
export function toArray({ data, shape }: HostArray): NDArray {
  const dtype = data instanceof Int32Array ? "int32" : "float32";
  return nd.array(data, { dtype }).reshape(shape);
}

export function toVariable(array: HostArray): NDArray {
  return toArray(array).attachGrad();
}

/** A program without arguments that computes the gradients of some variables. */
export function gradientProgram(variables: readonly NDArray[], run: () => NDArray): Program {
  return { run, args: () => [], variables: () => variables, trains: false, hasLoss: true };
}

/** A program that trains parameters on a batch. */
export function trainingProgram(
  params: readonly NDArray[],
  batch: readonly HostArray[],
  run: (...batch: NDArray[]) => NDArray,
): Program {
  const arrays = batch.map(toArray);
  return { run, args: () => arrays, variables: () => params, trains: true, hasLoss: true };
}

/** A program without gradients. */
export function forwardProgram(
  args: readonly HostArray[],
  run: (...args: NDArray[]) => NDArray,
  hasLoss = true,
): Program {
  const arrays = args.map(toArray);
  return { run, args: () => arrays, variables: () => [], trains: false, hasLoss };
}

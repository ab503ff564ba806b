import type { Tensor } from "@adjoint/runtime";
import type { ArrayHost, GradReq, Leaf, NDArray, ReadWatcher } from "../array/ndarray.js";
import type { CustomBackward } from "../recording/trace.js";

/** How gradients of a function that is being compiled are asked for. */
export interface GradientRequest {
  readonly trainMode: boolean;
  /** Record the gradients, so that they can be differentiated. */
  readonly createGraph: boolean;
}

export interface BackwardSettings {
  readonly retainGraph: boolean;
  readonly trainMode: boolean;
}

/** Gradients of variables, before anything has been written. */
export interface TracedGradients {
  readonly gradients: ReadonlyMap<Leaf, NDArray>;
  /** What follows a reverse pass: running statistics move, and programs are let go unless they are retained. */
  conclude(retainGraph: boolean): void;
}

/** What takes the session's place while a function is being compiled. */
export interface Tracing extends ArrayHost, ReadWatcher {
  randomState: NDArray;
  fromTensor(tensor: Tensor): NDArray;
  /** A new array with the same elements, converted, as a constant to differentiation. */
  copyOf(array: NDArray, dtype: NDArray["dtype"]): NDArray;
  makeLeaf(array: NDArray, grad: NDArray, req: GradReq): void;
  gradients(
    heads: readonly NDArray[],
    headGrads: readonly (NDArray | undefined)[],
    request: GradientRequest,
  ): TracedGradients;
  backwardAll(
    heads: readonly NDArray[],
    headGrads: readonly (NDArray | undefined)[],
    settings: BackwardSettings,
  ): void;
  /** Refuses writes to what a recorded program may still need. */
  checkWrite(op: string, target: NDArray): void;
  /** Writes all elements, also to variables while recording. */
  overwrite(target: NDArray, value: NDArray): void;
  /** Keeps the backward of a user's function; gives its key. */
  keepCustom(backward: CustomBackward): number;
  /** Runs `effect` each time when `backward` passes what made `array`. */
  onBackward(array: NDArray, effect: () => void): void;
  /** Refuses what needs a recording of its own. */
  refuse(op: string): never;
}

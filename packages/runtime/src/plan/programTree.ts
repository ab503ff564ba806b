import type { Graph, TensorType } from "@adjoint/graph";

/** A truth value that a program reads, and the stretches that its outcomes lead to; -1 for ones that are not known. */
export interface ProgramFork {
  readonly value: number;
  readonly type: TensorType;
  readonly whenTrue: number;
  readonly whenFalse: number;
}

/**
 * A stretch of a program between two reads. Values are named by numbers: each has one stretch that gives it, or comes
 * from outside.
 */
export interface ProgramStretch {
  /** Of primitive operators; undefined where nothing runs. */
  readonly graph: Graph | undefined;
  /** Values that the graph's inputs are, but for its constants, and that its outputs are. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Undefined where the program ends. */
  readonly fork: ProgramFork | undefined;
}

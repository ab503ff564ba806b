import type { DType } from "@adjoint/graph";

/**
 * The table of addresses of a body, behind the scratch memory of the bodies, so that each thread has
 * its own. Its words are those of a plan's table, then scratch memory, then what sums need.
 */
export interface BodyFrame {
  /** Bytes from the start of scratch memory. */
  readonly offset: number;
  readonly inputs: number;
  readonly results: number;
  /** Where the body's constants begin, in bytes from those of the step. */
  readonly constants: number;
}

/** Where the address of scratch memory is in a body's table. */
export function scratchSlot({ inputs, results }: Pick<BodyFrame, "inputs" | "results">): number {
  return 2 + inputs + results;
}

/** Where a body's table has the addresses of a sum, and of the result that it becomes. */
export function sumSlots(frame: Pick<BodyFrame, "inputs" | "results">, position: number) {
  const first = scratchSlot(frame) + 1 + 2 * position;
  return { total: first, out: first + 1 } as const;
}

/** Where a value lies: an operand of the step, or bytes in its workspace. */
export type ControlPlace = { readonly operand: number } | { readonly workspace: number };

/** A value that iterations hand on. */
export interface LoopState {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  /** Where every other iteration leaves it, in the workspace. */
  readonly buffer: number;
  /** The operand that gets the state from before each iteration. */
  readonly history: number | undefined;
}

/** An operand of which each iteration sees, or writes, one row. */
export interface Rows {
  readonly operand: number;
  readonly bytes: number;
}

/** A result that is summed over iterations, in double precision. */
export interface LoopSum {
  /** Of the body. */
  readonly result: number;
  readonly out: number;
  /** Bytes in the workspace: what an iteration gives, and the sum. */
  readonly addend: number;
  readonly total: number;
  readonly totalBytes: number;
}

/** The only element of a predicate. */
export interface Predicate {
  readonly place: ControlPlace;
  readonly dtype: DType;
}

/** Positions of a loop's bodies. What turns sums into results uses the table of the loop's body. */
export const loopBodies = { body: 0, finish: 1, condition: 2 } as const;

export interface LoopProgram {
  readonly kind: "loop";
  readonly operands: number;
  readonly body: BodyFrame;
  readonly condition: { readonly frame: BodyFrame; readonly predicate: Predicate } | undefined;
  /** Iterations at the most. */
  readonly length: number;
  readonly reverse: boolean;
  /** The operand that says how many iterations there are; undefined for all. */
  readonly count: number | undefined;
  readonly states: readonly LoopState[];
  readonly slices: readonly Rows[];
  readonly stacked: readonly Rows[];
  readonly sums: readonly LoopSum[];
  /** Operands that the condition and the body take after the states and slices. */
  readonly asked: readonly number[];
  readonly captured: readonly number[];
  /** The operand that gets the number of iterations. */
  readonly counted: number | undefined;
}

/** One of two bodies, or the only one; its results are the step's. */
export interface BranchProgram {
  readonly kind: "branch";
  readonly operands: number;
  readonly first: Branch;
  /** What runs instead of the first where the predicate does not hold. */
  readonly choice: { readonly predicate: Predicate; readonly second: Branch } | undefined;
  readonly results: readonly number[];
}

export interface Branch {
  readonly frame: BodyFrame;
  readonly captured: readonly number[];
}

/**
 * What a step with bodies does, for code that runs them. Operands are those of the kernel, then the
 * workspace, which threads share, then the constants; scratch memory comes last.
 */
export type ControlProgram = LoopProgram | BranchProgram;

/** Positions among operands of what a step has besides the kernel's own. */
export function ownOperands({ operands }: ControlProgram) {
  return { workspace: operands, constants: operands + 1, scratch: operands + 2 } as const;
}

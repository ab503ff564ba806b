import type { ControlProgram } from "../control/controlProgram.js";
import type { Nest } from "../fuse/index.js";
import type { LibraryFunction } from "../libraryCall.js";

/**
 * Bases of addresses, by their position in the table that a run fills in: the arena of temporaries,
 * the constants, then the inputs, then the results.
 */
export const slots = { arena: 0, constants: 1, firstInput: 2 } as const;

/** An address: a base from the table, plus bytes. */
export interface Address {
  readonly slot: number;
  readonly offset: number;
}

export type PlanArgument = number | Address;

/** A fused group's function, of which each module has its own. */
export interface GroupFunction {
  readonly key: string;
  readonly nest: Nest;
}

/** A loop or a branch with what it runs, as one thread runs it. */
export interface ControlFunction {
  readonly program: ControlProgram;
  /** The calls of each body of the program. */
  readonly bodies: readonly (readonly ThreadStep[])[];
  /** The thread that it is for, of several that run it together; undefined where one runs alone. */
  readonly thread: number | undefined;
}

export type CallTarget =
  | { readonly kind: "library"; readonly of: LibraryFunction }
  | { readonly kind: "group"; readonly of: GroupFunction }
  | { readonly kind: "control"; readonly of: ControlFunction };

/** A call with its addresses settled. */
export interface PlanCall {
  readonly target: CallTarget;
  readonly args: readonly PlanArgument[];
}

/** What a thread does: calls, and waiting for the others. */
export type ThreadStep = PlanCall | "barrier";

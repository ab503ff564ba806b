import type { Constant, TensorType } from "@adjoint/graph";
import type { Execute } from "../../kernels/prepare.js";
import type { Donation } from "../../plan/plan.js";
import type { Address } from "./planCall.js";
import type { ArrayRole, PlanLayout } from "./planLayout.js";
import type { PlanProgram } from "./planStep.js";
import type { StepKernel } from "./stepKernel.js";

/** An array as an interpreted kernel sees it. */
export interface HostPlace {
  readonly address: Address;
  readonly type: TensorType;
}

/** What runs one after another: generated code, or the interpreter where there is no code. */
export type Section =
  | { readonly kind: "calls"; readonly list: number }
  | {
      readonly kind: "host";
      readonly execute: Execute;
      readonly ins: readonly HostPlace[];
      readonly outs: readonly HostPlace[];
    };

/** Memory behind a base of addresses. */
export interface MemoryRange extends Address {
  readonly bytes: number;
}

/** What a step uses besides its scratch memory. */
export interface StepMemory {
  readonly reads: readonly MemoryRange[];
  readonly writes: readonly MemoryRange[];
}

/** A step of generated code and where its operands are. */
export interface ListStep {
  readonly kernel: StepKernel;
  readonly operands: readonly Address[];
  /** Undefined where addresses do not tell what is one memory. */
  readonly memory?: StepMemory | undefined;
}

/** A constant of the graph, or of a body, and where it lies among the constants. */
export interface PlacedConstant {
  readonly offset: number;
  readonly constant: Constant;
}

/** A program with all decisions taken, before its code is written. */
export interface CompiledPlan {
  readonly program: PlanProgram;
  readonly roles: readonly ArrayRole[];
  readonly layout: PlanLayout;
  /** Code of each step; undefined where the interpreter runs it. */
  readonly kernels: readonly (StepKernel | undefined)[];
  /** Bytes of scratch memory that each thread wants, behind the temporaries in the arena. */
  readonly scratchBytes: number;
  readonly constants: readonly PlacedConstant[];
  readonly constantBytes: number;
  readonly sections: readonly Section[];
  readonly lists: readonly (readonly ListStep[])[];
  /** Why there is no code for a step, by its position: the interpreter runs it. */
  readonly refusals: ReadonlyMap<number, string>;
  /** Results that are written over an argument. */
  readonly donations: readonly Donation[];
}

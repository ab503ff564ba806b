import type { NodeId, Value } from "@adjoint/graph";
import type { GradReq } from "../array/ndarray.js";
import type { TapeInput } from "./places.js";
import type { Guard } from "./reads.js";
import type { Result } from "./resultPattern.js";
import type { Source } from "./source.js";
import type { Tape } from "./tape.js";

/** What changes outside when a compiled function has run. */
export type Effect =
  /** New contents of an array. */
  | { readonly kind: "write"; readonly source: Source; readonly value: Value }
  /** Where random numbers go on from. */
  | { readonly kind: "random"; readonly value: Value }
  /** An argument becomes a variable. */
  | {
      readonly kind: "attach";
      readonly source: Source;
      readonly grad: Result;
      readonly req: GradReq;
    };

/** One run of a user's function, written down. */
export interface Program {
  readonly tape: Tape;
  readonly inputs: readonly TapeInput[];
  /** The same, by row. */
  readonly sources: ReadonlyMap<NodeId, Source>;
  readonly guards: readonly Guard[];
  readonly outputs: readonly Value[];
  readonly result: Result;
  /** Whether an array occurs more than once in the result. */
  readonly repeats: boolean;
  readonly effects: readonly Effect[];
}

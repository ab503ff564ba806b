import { AttributeError } from "@adjoint/graph";
import type { HeapStatistics, RuntimeMode } from "@adjoint/runtime";
import { describe } from "@adjoint/ops";
import { session } from "./session.js";

const modes: readonly RuntimeMode[] = ["tiered", "compiled", "interpreted"];

/** What has run so far, and what memory it holds. Counts are exact and never reset. */
export interface EngineStatistics {
  /** Programs for which WebAssembly was generated, joined paths of compiled functions included. */
  readonly compiledPlans: number;
  /** Runs of parts of programs by several threads together. */
  readonly sharedRuns: number;
  /** Undefined before a program has needed the heap. */
  readonly heap: HeapStatistics | undefined;
}

/**
 * How programs run from now on. `tiered`, as it is at first: interpreted until generated code pays.
 * `compiled`: generated code from the first run on. `interpreted`: the reference, in JavaScript and
 * double precision; slow, and good for comparing. Programs that are compiled already stay so.
 *
 * @returns the mode from before
 * @throws AttributeError for another mode
 * @example
 * ```ts
 * engine.setMode("compiled"); // "tiered"
 * engine.setMode("tiered"); // "compiled"
 * ```
 */
export function setMode(mode: RuntimeMode): RuntimeMode {
  if (!modes.includes(mode)) {
    throw new AttributeError({
      op: "setMode",
      problem: "unknown mode",
      received: describe(mode),
      allowed: modes.join(", "),
    });
  }
  const { mode: before } = session.runtime;
  session.runtime.mode = mode;
  return before;
}

/**
 * How many threads compiled programs use from now on, where steps are large enough to be divided; 1
 * at first. Results have the same bits for any number. Workers start at this call, end
 * with the process and do not keep it alive. In browsers they take cross-origin isolation; where
 * there are none, this changes nothing.
 *
 * @throws ArgumentError unless `threads` is a whole number from 1 to 64
 * @example
 * ```ts
 * engine.setThreads(2);
 * engine.setThreads(1);
 * ```
 */
export function setThreads(threads: number): void {
  session.runtime.setThreads(threads);
}

/**
 * Tries V8's revectorizer, an experiment of Node 24 that sets a flag for the whole process: two
 * neighbouring operations on 128 bits become one on 256, which makes products and convolutions up to
 * twice as fast. It is used where a self-test finds it right and faster.
 *
 * @returns whether programs use it
 * @throws ArgumentError where programs were compiled without it already
 * @example
 * ```ts
 * engine.revectorize(); // false on Node 20
 * ```
 */
export function revectorize(): boolean {
  return session.runtime.revectorize();
}

/**
 * What has run so far.
 *
 * @example
 * ```ts
 * const { compiledPlans } = engine.statistics();
 * ```
 */
export function statistics(): EngineStatistics {
  const { compiledPlans, sharedRuns, heapStatistics: heap } = session.runtime;
  return { compiledPlans, sharedRuns, heap };
}

export type { HeapStatistics, RuntimeMode };

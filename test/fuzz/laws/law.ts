import { AdjointError, type Graph, type Pass, type Registry } from "@adjoint/graph";
import type { Plan, PlanOptions } from "@adjoint/runtime";
import type { Program } from "../program.js";

/** What a law says of a program. */
export type Verdict =
  | { readonly kind: "held" }
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "broken"; readonly detail: string };

/** Something that is true of all programs. */
export interface Law {
  readonly name: string;
  check(program: Program): Verdict;
}

/** Something else than the interpreter that runs programs. */
export interface Backend {
  readonly name: string;
  plan(graph: Graph, registry: Registry, options: PlanOptions): Pick<Plan, "run">;
}

/** What is put to the test. */
export interface Subject {
  readonly registry: Registry;
  /** Passes that keep every number. */
  readonly passes: readonly Pass[];
  /** What is to agree with the interpreter. */
  readonly backends: readonly Backend[];
}

export const held: Verdict = { kind: "held" };

export function skipped(reason: string): Verdict {
  return { kind: "skipped", reason };
}

/** Broken by this difference, held without one. */
export function judged(where: string, difference: string | undefined): Verdict {
  return difference === undefined ? held : { kind: "broken", detail: `${where}: ${difference}` };
}

/** The first verdict that is not `held`. */
export function all(...verdicts: readonly (() => Verdict)[]): Verdict {
  for (const verdict of verdicts) {
    const found = verdict();
    if (found.kind !== "held") return found;
  }
  return held;
}

/** A result, or why there is none. */
export type Attempt<T> = { readonly value: T } | { readonly reason: string };

type ErrorClass = abstract new (...parameters: never[]) => AdjointError;

/** What `make` gives, or why the library refuses to by an error of this class. */
export function attempt<T>(expected: ErrorClass, make: () => T): Attempt<T> {
  try {
    return { value: make() };
  } catch (error) {
    if (!(error instanceof AdjointError) || !(error instanceof expected)) throw error;
    return { reason: `${error.op}: ${error.problem}` };
  }
}

import { formatType, type TypedArray } from "@adjoint/graph";
import { toNumbers } from "@adjoint/runtime";
import { argumentDifferences, type Pattern } from "./callPattern.js";
import type { Entry, Misfit } from "./entry.js";
import type { Retrace } from "./explanation.js";
import type { PathNode } from "./path.js";
import type { Outcome } from "./reads.js";

/** Why a function is traced once more. */
export type Reason = Omit<Retrace, "count" | "milliseconds">;

export function reasonOfMisfit(
  misfit: Misfit,
  training: boolean,
  site: string | undefined,
): Reason {
  switch (misfit) {
    case "mode": {
      const [before, after] = [String(!training), String(training)];
      return { cause: "mode", what: "training mode", before, after, site };
    }
    case "captured": {
      const what = "an array from outside";
      const [before, after] = ["a variable as it was", "another gradient attached, or none"];
      return { cause: "captured", what, before, after, site };
    }
    case "sharing": {
      const what = "memory of arrays";
      const [before, after] = ["shared as it was", "shared by others"];
      return { cause: "sharing", what, before, after, site };
    }
    default:
      return misfit satisfies never;
  }
}

/** How a call differs from the known kind of calls that is most like it. */
export function reasonOfArguments(
  entries: readonly Entry[],
  items: readonly Pattern[],
  site: string | undefined,
): Reason {
  const candidates = entries.map((entry) => argumentDifferences(entry.items, items));
  const [first = [], ...rest] = candidates;
  const closest = rest.reduce((best, one) => (one.length < best.length ? one : best), first);
  const [{ what, before, after } = { what: "arguments", before: "known", after: "new" }] = closest;
  return { cause: "argument", what, before, after, site };
}

/** Numbers at one place of the arguments are an input from now on. */
export function reasonOfNumber(what: string, site: string | undefined): Reason {
  return { cause: "number", what, before: "a number", after: "any number", site };
}

/** The function did not do again what it had done. */
export function reasonOfCode(site: string | undefined): Reason {
  const [before, after] = ["as it was traced", "something else"];
  return { cause: "code", what: "the function's code", before, after, site };
}

/** What a read gave that nobody had seen there. */
export function reasonOfRead(node: PathNode, outcome: Outcome): Reason {
  const { fork, program } = node;
  if (fork === undefined) throw new Error("compile: a path without a read");
  const { guard, branches } = fork;
  const { type } = program.tape.valueAt(guard.ref);
  const text = (one: Outcome | undefined) =>
    one === undefined ? "nothing" : typeof one === "boolean" ? String(one) : numbers(type, one);
  const before = text(branches[0]?.outcome);
  const after = text(outcome);
  const { site } = guard;
  return guard.kind === "truth"
    ? { cause: "branch", what: "asBoolean", before, after, site }
    : { cause: "elements", what: `elements of ${formatType(type)}`, before, after, site };
}

/** The first elements. */
function numbers(type: Parameters<typeof formatType>[0], data: TypedArray): string {
  const shown = toNumbers({ type, data }).slice(0, 4).map(String);
  return data.length > 4 ? `${shown.join(", ")}, …` : shown.join(", ");
}

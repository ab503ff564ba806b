import type { Graph } from "@adjoint/graph";
import { brief, type Pattern } from "./callPattern.js";
import { simplified } from "./planProgram.js";
import type { PathNode } from "./path.js";
import type { Outcome } from "./reads.js";
import { segmentGraph } from "./segmentGraph.js";
import { refOf } from "./tape.js";

/** A read on a path, and what it gave. */
export interface PathRead {
  /** `truth` for asBoolean, `elements` for what gives numbers. */
  readonly kind: "truth" | "elements";
  /** `file:line`. */
  readonly site: string | undefined;
  readonly outcome: Outcome;
}

/** One way through a compiled function, as graphs. */
export interface CompiledPath {
  /** What the arguments look like. */
  readonly arguments: readonly string[];
  /** The reads that decide for this path. */
  readonly reads: readonly PathRead[];
  /** The whole path: results `y…`, new contents of arrays `set.…`, what was read `read…`. */
  readonly graph: Graph;
  /** What runs between the reads, as planned. One graph where nothing is read. */
  readonly segments: readonly Graph[];
}

export function compiledPath(items: readonly Pattern[], end: PathNode): CompiledPath {
  const { program } = end;
  const { tape, inputs, guards, outputs, effects } = program;
  const results = [
    ...guards.map(({ ref }, at) => ({ name: `read${at}`, ref })),
    ...outputs.map((value, at) => ({ name: `y${at}`, ref: refOf(value) })),
    ...effects.flatMap((effect) => {
      if (effect.kind === "attach") return [];
      const name = effect.kind === "write" ? effect.source.name : "random";
      return [{ name: `set.${name}`, ref: refOf(effect.value) }];
    }),
  ];
  const whole = segmentGraph(tape, {
    name: tape.name,
    rows: tape.rows,
    inputs: inputs.map(({ value, source }) => ({ name: source.name, ref: refOf(value) })),
    outputs: results,
  });
  return {
    arguments: items.map(brief),
    reads: guards.map(({ kind, site, outcome }) => ({ kind, site, outcome })),
    graph: simplified(whole),
    segments: segmentsTo(end),
  };
}

function segmentsTo(end: PathNode): readonly Graph[] {
  const before = end.parent === undefined ? [] : segmentsTo(end.parent);
  return end.segment === undefined ? before : [...before, end.segment.graph];
}

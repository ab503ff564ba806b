import { nodesOf, type Registry, verify } from "@adjoint/graph";
import { registry as allOperators } from "@adjoint/ops";
import { judge, refusal } from "./judge.js";
import type { Law } from "./laws/law.js";
import { lawsOf } from "./laws/laws.js";
import type { Program } from "./program.js";
import { randomProgram } from "./randomProgram.js";
import { shrink } from "./shrink.js";
import type { Style } from "./sketch.js";

/** A program that breaks a law. */
export interface Finding {
  readonly law: string;
  readonly detail: string;
  /** What makes the program again, and how many nodes it has. */
  readonly style: Style;
  readonly seed: number;
  readonly nodes: number;
  /** The smallest program found that breaks the law. */
  readonly shrunk: Program;
}

export interface Tally {
  held: number;
  broken: number;
  /** Reasons for which the law could not be tried, and how often. */
  readonly skipped: Map<string, number>;
}

/** What a number of programs showed. */
export interface Round {
  programs: number;
  /** Programs that refuse their arguments, by reason. */
  readonly refused: Map<string, number>;
  readonly laws: ReadonlyMap<string, Tally>;
  /** How many calls of each operator there were. */
  readonly calls: Map<string, number>;
  readonly findings: Finding[];
}

export interface FuzzOptions {
  readonly seed: number;
  /** How many programs; half of them wild, half smooth. */
  readonly programs: number;
  readonly only?: readonly string[];
  /** The most calls of a program. */
  readonly calls?: number;
  readonly laws?: readonly Law[];
  readonly registry?: Registry;
  /** How many findings end the round; 10 unless given. */
  readonly findings?: number;
  /** Called after each program; true ends the round. */
  isOver?(round: Round): boolean;
}

/** Tries laws on random programs, and shrinks those that break one. */
export function fuzz(options: FuzzOptions): Round {
  const { laws = lawsOf(), registry = allOperators, findings = 10 } = options;
  const tallies = laws.map(
    ({ name }) => [name, { held: 0, broken: 0, skipped: new Map() }] as const,
  );
  const round: Round = {
    programs: 0,
    refused: new Map(),
    laws: new Map(tallies),
    calls: new Map(),
    findings: [],
  };
  for (let at = 0; at < options.programs && round.findings.length < findings; at++) {
    const style = at % 2 === 0 ? "wild" : "smooth";
    tryProgram(round, options.seed + (at >> 1), style, { ...options, laws, registry });
    if (options.isOver?.(round) === true) break;
  }
  return round;
}

type Trial = Pick<FuzzOptions, "only" | "calls"> & Required<Pick<FuzzOptions, "laws" | "registry">>;

function tryProgram(round: Round, seed: number, style: Style, trial: Trial): void {
  const { laws, registry, only, calls } = trial;
  const program = randomProgram(seed, {
    style,
    ...(only === undefined ? {} : { only }),
    ...(calls === undefined ? {} : { calls }),
  });
  verify(program.graph, registry);
  round.programs++;
  for (const { op } of nodesOf(program.graph)) count(round.calls, op);
  const reason = refusal(program, registry);
  if (reason !== undefined) {
    count(round.refused, reason);
    return;
  }
  for (const law of laws) {
    const tally = round.laws.get(law.name);
    const verdict = judge(law, program);
    if (tally === undefined) continue;
    if (verdict.kind === "held") tally.held++;
    else if (verdict.kind === "skipped") count(tally.skipped, verdict.reason);
    else {
      tally.broken++;
      addFinding(round, law, program, seed, registry);
    }
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** One finding per law and set of operators. */
function addFinding(
  round: Round,
  law: Law,
  program: Program,
  seed: number,
  registry: Registry,
): void {
  const { program: shrunk, detail } = shrink(program, law, registry);
  const key = ({ graph }: Program) =>
    [...new Set(nodesOf(graph).map(({ op }) => op))].sort().join();
  const isKnown = round.findings.some(
    (one) => one.law === law.name && key(one.shrunk) === key(shrunk),
  );
  if (isKnown) return;
  const nodes = program.graph.order.length;
  round.findings.push({ law: law.name, detail, style: program.style, seed, nodes, shrunk });
}

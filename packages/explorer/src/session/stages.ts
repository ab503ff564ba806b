import { planPasses, programPasses } from "@adjoint/autograd";
import {
  type Graph,
  lower,
  type Node,
  nodesOf,
  type Pass,
  type PassRecord,
  type Registry,
  replay,
  runPasses,
  sameRef,
  undo,
} from "@adjoint/graph";
import { placeOf, type RowPool } from "./rowPool.js";
import type { Side, Stage, StageGraph } from "./session.js";

/** What each pass is for. */
const purposes: { readonly [pass: string]: string } = {
  derived: "The reverse pass, rule by rule.",
  deadCode: "Removes what no result depends on, and saved values that nobody reads.",
  algebraicSimplification: "Applies rules of algebra until none fires; no number changes.",
  commonSubexpressions: "Computes equal expressions once.",
  constantFolding: "Computes what depends on no input.",
  lower: "Expands composite operators into primitive ones, which kernels run.",
};

function sameReads(a: Node, b: Node): boolean {
  return a.attrs === b.attrs && a.inputs.every((ref, at) => sameRef(ref, b.inputs[at] ?? ref));
}

/** A graph, and what it became by each pass. */
interface Passed {
  readonly record: PassRecord;
  readonly graph: Graph;
}

/**
 * What a program becomes by each pass; a node that another became a part of, or was replaced by, names that one as its
 * origin. Nodes that stay as they were are the same objects.
 */
function passProgram(graph: Graph, passes: readonly Pass[], registry: Registry): Passed[] {
  const nodes: Record<number, Node> = {};
  for (const node of nodesOf(graph)) nodes[node.id] = { ...node, origin: node.id };
  const known = new Map<Node, Node>();
  const unmarked = (node: Node): Node => {
    const before = graph.nodes[node.id];
    if (before === undefined) return node;
    return sameReads(before, node) ? before : { ...node, origin: undefined };
  };
  const restored = (marked: Graph): Graph => {
    const own: Record<number, Node> = {};
    for (const node of nodesOf(marked)) {
      const one = known.get(node) ?? unmarked(node);
      known.set(node, one);
      own[node.id] = one;
    }
    return { ...marked, nodes: own };
  };
  let marked: Graph = { ...graph, nodes };
  return runPasses(marked, passes, { registry }).history.map((record) => {
    marked = replay(marked, [record]);
    return { record, graph: restored(marked) };
  });
}

/** What a gradient becomes by each pass. */
function passGradient(graph: Graph, passes: readonly Pass[], registry: Registry): Passed[] {
  let current = graph;
  return runPasses(graph, passes, { registry }).history.map((record) => {
    current = replay(current, [record]);
    return { record, graph: current };
  });
}

export interface StageOptions {
  readonly forward: Graph;
  readonly backward: Graph;
  /** How many outputs of `forward` are results. */
  readonly results: number;
  /** What passes did to `backward`. */
  readonly history: readonly PassRecord[];
  readonly registry: Registry;
  readonly pool: RowPool;
}

/** What a pass did, to one graph or to both. */
type Records = { readonly [S in Side]?: PassRecord | undefined };

function recordsIn({ forward, backward }: Records): (readonly [Side, PassRecord])[] {
  const both = [["forward", forward] as const, ["backward", backward] as const];
  return both.flatMap(([side, record]) => (record === undefined ? [] : [[side, record] as const]));
}

function rulesOf(records: Records): Stage["rules"] {
  const counts = new Map<string, number>();
  for (const [, { fired }] of recordsIn(records)) {
    for (const [rule, count] of Object.entries(fired)) {
      counts.set(rule, (counts.get(rule) ?? 0) + count);
    }
  }
  return [...counts].map(([rule, count]) => ({ rule, count })).sort((a, b) => b.count - a.count);
}

function replacementsOf(records: Records): Stage["replacements"] {
  return recordsIn(records).flatMap(([side, { replaced }]) =>
    replaced.map(({ rule, from, to }) => ({ side, rule, from: placeOf(from), to: placeOf(to) })),
  );
}

export interface Stages {
  readonly stages: readonly Stage[];
  /** The stage that `backward` is. */
  readonly current: number;
  /** The graphs of all stages. */
  readonly all: readonly Graph[];
  /** What passes towards a plan made of program and gradient. */
  readonly late: { readonly [S in Side]: readonly Graph[] };
}

/** Writes down the graphs after each pass. */
class StageList {
  readonly stages: Stage[] = [];
  readonly all: Graph[] = [];
  private ahead: StageGraph;
  private back: StageGraph | undefined;

  constructor(private readonly options: StageOptions) {
    const { forward, results, pool } = options;
    this.all.push(forward);
    this.ahead = pool.add(forward, results);
  }

  /** The graphs that passes made; a side without one stays as it was. */
  add(name: string, passed: { readonly [S in Side]?: Graph | undefined }, records: Records = {}) {
    const { pool, results } = this.options;
    const { forward, backward } = passed;
    if (forward !== undefined) {
      this.all.push(forward);
      this.ahead = pool.add(forward, results);
    }
    if (backward !== undefined) {
      this.all.push(backward);
      this.back = pool.add(backward, backward.outputs.length);
    }
    if (this.back === undefined) throw new Error("stages: no gradient yet");
    this.stages.push({
      name,
      purpose: purposes[name] ?? "",
      rules: rulesOf(records),
      replacements: replacementsOf(records),
      graphs: { forward: this.ahead, backward: this.back },
    });
  }
}

function isIdle(passed: Passed | undefined): boolean {
  return passed === undefined || passed.record.patches.length === 0;
}

/**
 * The graphs as recorded and derived, and after each pass on their way to a plan. Passes that change neither are left
 * out once the gradient is tidied.
 */
export function describeStages(options: StageOptions): Stages {
  const { forward, backward, history, registry } = options;
  const list = new StageList(options);
  let graph = undo(backward, history);
  list.add("derived", { backward: graph });
  for (const record of history) {
    graph = replay(graph, [record]);
    list.add(record.pass, { backward: graph }, { backward: record });
  }
  const current = list.stages.length - 1;
  const ahead = passProgram(forward, programPasses, registry);
  const back = passGradient(backward, planPasses, registry);
  const lead = ahead.length - back.length;
  for (const [at, one] of ahead.entries()) {
    const other = at < lead ? undefined : back[at - lead];
    const isLowered = one.record.pass === lower.name;
    if (!isLowered && isIdle(one) && isIdle(other)) continue;
    const records = { forward: one.record, backward: other?.record };
    list.add(one.record.pass, { forward: one.graph, backward: other?.graph }, records);
  }
  const changed = (passed: readonly Passed[]) =>
    passed.flatMap((one) => (isIdle(one) ? [] : [one.graph]));
  const late = { forward: changed(ahead), backward: changed(back) };
  return { stages: list.stages, current, all: list.all, late };
}

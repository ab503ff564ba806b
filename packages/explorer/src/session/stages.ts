import {
  type Graph,
  lower,
  type Node,
  nodesOf,
  type PassRecord,
  type PassResult,
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

/** Expands the composites of a program; what a node is expanded to names that node as its origin. */
export function expandProgram(graph: Graph, registry: Registry): PassResult {
  const nodes: Record<number, Node> = {};
  for (const node of nodesOf(graph)) nodes[node.id] = { ...node, origin: node.id };
  const { graph: expanded, history } = runPasses({ ...graph, nodes }, [lower], { registry });
  const own: Record<number, Node> = {};
  for (const node of nodesOf(expanded)) {
    const before = graph.nodes[node.id];
    if (before === undefined) own[node.id] = node;
    else own[node.id] = sameReads(before, node) ? before : { ...node, origin: undefined };
  }
  return { graph: { ...expanded, nodes: own }, history };
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
}

/** The graphs as derived, after each pass, and expanded for kernels. */
export function describeStages(options: StageOptions): Stages {
  const { forward, backward, history, registry, pool, results } = options;
  const recorded = pool.add(forward, results);
  const stage = (name: string, graph: Graph, records: Records = {}, ahead = recorded): Stage => ({
    name,
    purpose: purposes[name] ?? "",
    rules: rulesOf(records),
    replacements: replacementsOf(records),
    graphs: { forward: ahead, backward: addBackward(graph) },
  });
  const addBackward = (graph: Graph): StageGraph => pool.add(graph, graph.outputs.length);
  let graph = undo(backward, history);
  const all = [forward, graph];
  const stages = [stage("derived", graph)];
  for (const record of history) {
    graph = replay(graph, [record]);
    all.push(graph);
    stages.push(stage(record.pass, graph, { backward: record }));
  }
  const current = stages.length - 1;
  const expanded = runPasses(backward, [lower], { registry });
  const primitive = expandProgram(forward, registry);
  all.push(expanded.graph, primitive.graph);
  const ahead = pool.add(primitive.graph, results);
  const records = { forward: primitive.history[0], backward: expanded.history[0] };
  stages.push(stage("lower", expanded.graph, records, ahead));
  return { stages, current, all };
}

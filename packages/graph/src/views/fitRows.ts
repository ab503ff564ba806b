import { BoundsError } from "../errors.js";
import { type Graph, type NodeId, nodesOf } from "../graph.js";
import { literalsOf } from "../print/literals.js";
import { collapseScopes } from "./collapseScopes.js";
import type { GraphView, RowGroup } from "./graphView.js";

/** Names in a scope, `mlp/dense1`. */
export function scopeSteps(scope: string | undefined): string[] {
  return (scope ?? "").split("/").filter((step) => step !== "");
}

function deepestScope(graph: Graph): number {
  let deepest = 0;
  for (const { scope } of nodesOf(graph)) deepest = Math.max(deepest, scopeSteps(scope).length);
  return deepest;
}

/** Rows that a drawing of a graph has: numbers are drawn in place, outputs of one group as one. */
function rowsIn({ graph, rows, groups }: Omit<GraphView, "kind" | "title">): number {
  const literals = literalsOf(graph);
  const groupOf = new Map(
    groups.flatMap((group, position) => group.rows.map((id) => [id, position] as const)),
  );
  let count = groups.length;
  for (const id of rows) if (!literals.has(id)) count++;
  const giving = new Set<number>();
  for (const { ref } of graph.outputs) {
    const group = groupOf.get(ref.node);
    if (group === undefined) count++;
    else giving.add(group);
  }
  return count + giving.size;
}

/** How many rows a drawing of a graph has, outputs among them. */
export function countRows(graph: Graph): number {
  const rows = new Set([...graph.inputs.map(({ id }) => id), ...graph.order]);
  return rowsIn({ graph, rows, groups: [] });
}

/** Runs of nodes in order as one row each, as many as fit beside the inputs; scopes don't count. */
function inRuns(graph: Graph, limit: number): GraphView {
  const literals = literalsOf(graph);
  const nodes = graph.order.filter((id) => !literals.has(id));
  const inputs = graph.inputs.length <= limit / 2 ? graph.inputs.map(({ id }) => id) : [];
  const room = Math.max(1, Math.floor(limit / 4));
  const length = Math.max(1, Math.ceil(nodes.length / room));
  const groups: RowGroup[] = [];
  for (let start = 0; start < nodes.length; start += length) {
    const rows = nodes.slice(start, start + length);
    groups.push({ scope: runName(rows), rows });
  }
  const title = `runs of ${length} nodes`;
  return { kind: "view", graph, title, rows: new Set([...inputs, ...literals.keys()]), groups };
}

/** `%12 … %80`. */
export function runName(rows: readonly NodeId[]): string {
  return `%${rows[0]} … %${rows.at(-1)}`;
}

/**
 * A graph in at most about `limit` rows: as it is where it has no more; else with scopes as one row each, as deep as
 * fits; else with runs of nodes as one row each. The title of a view says which.
 *
 * @throws BoundsError for a limit that is no whole number from 1
 * @example
 * ```ts
 * toDot(fitRows(graph, 400));
 * ```
 */
export function fitRows(graph: Graph, limit: number): Graph | GraphView {
  if (!Number.isInteger(limit) || limit < 1) {
    const received = String(limit);
    throw new BoundsError({ op: "fitRows", problem: "not a limit", received, allowed: "1, 2, …" });
  }
  if (countRows(graph) <= limit) return graph;
  for (let depth = deepestScope(graph) - 1; depth >= 0; depth--) {
    const view = collapseScopes(graph, depth);
    if (rowsIn(view) <= limit) return view;
  }
  return inRuns(graph, limit);
}

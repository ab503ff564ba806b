import { BoundsError } from "../errors.js";
import { type Graph, type NodeId, nodesOf } from "../graph.js";
import { literalsOf } from "../print/literals.js";
import type { GraphView } from "./graphView.js";

/**
 * A graph in which each scope that lies deeper than `depth` scopes is one row with counts. Depth 0 leaves inputs,
 * outputs, nodes outside all scopes, and one row per outermost scope.
 *
 * @throws BoundsError for a depth that is no whole number from 0
 * @example
 * ```ts
 * toDot(collapseScopes(graph, 1)); // mlp is a cluster; mlp/dense1 and mlp/dense2 are one row each
 * ```
 */
export function collapseScopes(graph: Graph, depth: number): GraphView {
  if (!Number.isInteger(depth) || depth < 0) {
    const received = String(depth);
    const problem = "not a depth";
    throw new BoundsError({ op: "collapseScopes", problem, received, allowed: "0, 1, …" });
  }
  const literals = literalsOf(graph);
  const rows = new Set<NodeId>(graph.inputs.map(({ id }) => id));
  const groups = new Map<string, NodeId[]>();
  for (const { id, scope = "" } of nodesOf(graph)) {
    const steps = scope.split("/").filter((step) => step !== "");
    const name = steps.slice(0, depth + 1).join("/");
    const group = groups.get(name);
    // A number is printed in place, wherever that is.
    if (steps.length <= depth || literals.has(id)) rows.add(id);
    else if (group === undefined) groups.set(name, [id]);
    else group.push(id);
  }
  return {
    kind: "view",
    graph,
    title: `scopes to depth ${depth}`,
    rows,
    groups: [...groups].map(([scope, members]) => ({ scope, rows: members })),
  };
}

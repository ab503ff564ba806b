import { type Graph, type NodeId, nodesOf } from "../graph.js";
import type { GraphView } from "./graphView.js";
import { readPredicate } from "./predicate.js";

/** Names of outputs by the row that gives them. */
function outputNames(graph: Graph): Map<NodeId, string[]> {
  const names = new Map<NodeId, string[]>();
  for (const { name, ref } of graph.outputs) {
    const known = names.get(ref.node);
    if (known === undefined) names.set(ref.node, [name]);
    else known.push(name);
  }
  return names;
}

/**
 * The rows of a graph for which a predicate holds: comparisons `field=value`, joined by `and` or commas.
 *
 * - Fields: `op`; `scope`, empty for a node outside all; `site`; `dtype` and `shape`, of any result; `name`, of an
 *   input or of an output that the row gives; `id`. Inputs have neither `op` nor `scope`.
 * - `=` and `!=` compare the whole text, `~` and `!~` with a pattern in which `*` stands for any characters and `?` for
 *   one. A row that lacks a field passes no comparison of it.
 * - Values with spaces or commas stand in quotes: `site="my model.ts:3"`. Shapes are written `[4,1]`.
 *
 * @throws ArgumentError for a text that is no predicate
 * @example
 * ```ts
 * toText(selectNodes(graph, "op=dot and scope~mlp/*"));
 * ```
 */
export function selectNodes(graph: Graph, predicate: string): GraphView {
  const holds = readPredicate(predicate);
  const outputs = outputNames(graph);
  const rows = new Set<NodeId>();
  for (const { id, name, type, site } of graph.inputs) {
    const names = [name, ...(outputs.get(id) ?? [])];
    const facts = { id: String(id), op: undefined, scope: undefined, site, names, types: [type] };
    if (holds(facts)) rows.add(id);
  }
  for (const { id, op, scope = "", site, types } of nodesOf(graph)) {
    const names = outputs.get(id) ?? [];
    if (holds({ id: String(id), op, scope, site, names, types })) rows.add(id);
  }
  return { kind: "view", graph, title: predicate, rows, groups: [] };
}

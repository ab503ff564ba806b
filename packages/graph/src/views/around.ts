import { ArgumentError, BoundsError } from "../errors.js";
import { type Graph, type NodeId, nodesOf } from "../graph.js";
import { literalsOf } from "../print/literals.js";
import type { GraphView } from "./graphView.js";

/** Rows that give or take a value directly, by row. Numbers, which are printed in place, connect nothing. */
function neighboursIn(graph: Graph): Map<NodeId, NodeId[]> {
  const literals = literalsOf(graph);
  const neighbours = new Map<NodeId, NodeId[]>(graph.inputs.map(({ id }) => [id, []]));
  for (const { id, inputs } of nodesOf(graph)) {
    const mine: NodeId[] = [];
    neighbours.set(id, mine);
    for (const { node } of inputs) {
      if (literals.has(node)) continue;
      mine.push(node);
      neighbours.get(node)?.push(id);
    }
  }
  return neighbours;
}

/**
 * The rows at most `radius` values away from a row, up or down.
 *
 * @throws ArgumentError where the graph has no such row, BoundsError for a radius that is no whole number from 0
 * @example
 * ```ts
 * toDot(around(graph, 4, 2));
 * ```
 */
export function around(graph: Graph, row: NodeId, radius: number): GraphView {
  const neighbours = neighboursIn(graph);
  if (!neighbours.has(row)) {
    const received = `%${row}`;
    throw new ArgumentError({
      op: "around",
      problem: `graph ${graph.name}: no such row`,
      received,
    });
  }
  if (!Number.isInteger(radius) || radius < 0) {
    const received = String(radius);
    throw new BoundsError({ op: "around", problem: "not a radius", received, allowed: "0, 1, …" });
  }
  const rows = new Set<NodeId>([row]);
  let rim: NodeId[] = [row];
  for (let distance = 0; distance < radius && rim.length > 0; distance++) {
    const next: NodeId[] = [];
    for (const id of rim) {
      for (const one of neighbours.get(id) ?? []) {
        if (rows.has(one)) continue;
        rows.add(one);
        next.push(one);
      }
    }
    rim = next;
  }
  return { kind: "view", graph, title: `around %${row}, radius ${radius}`, rows, groups: [] };
}

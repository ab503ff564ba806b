import type { Graph } from "../graph.js";
import { hashText } from "../hashBytes.js";
import { graphKey } from "./graphKey.js";

/**
 * Structural hash: equal for graphs that compute the same in the same way, on every machine. Covers operators, inputs,
 * attributes, dtypes, shapes, roles of inputs, constants (by content hash), and the order of rows and outputs; not
 * ids, names, sites, scopes, origins. Attributes tell 0 from -0.
 */
export function hashGraph(graph: Graph): string {
  return hashText(graphKey(graph));
}

/** True where graphs are equal in all that `hashGraph` covers. */
export function equalGraphs(a: Graph, b: Graph): boolean {
  return a === b || graphKey(a) === graphKey(b);
}

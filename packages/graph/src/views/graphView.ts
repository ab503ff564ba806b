import type { Graph, NodeId } from "../graph.js";

/** Rows that are shown as one. */
export interface RowGroup {
  /** The scope that they share, `mlp/dense1`. */
  readonly scope: string;
  /** Ids of nodes, in the graph's order. */
  readonly rows: readonly NodeId[];
}

/**
 * A part of a graph, or all of it with parts put together. Printers mark where it was cut: rows left out that shown
 * rows read appear as stubs, and rows that are read by others say so.
 */
export interface GraphView {
  readonly kind: "view";
  readonly graph: Graph;
  /** What the view shows, `op=dot`. */
  readonly title: string;
  /** Rows shown one by one. */
  readonly rows: ReadonlySet<NodeId>;
  readonly groups: readonly RowGroup[];
}

/** A program and its gradient, each in part. */
export interface JointViews {
  readonly forward: GraphView;
  readonly backward: GraphView;
}

/** `4 dot, 2 add`, the most frequent first; after `most` operators `…`. */
export function formatCounts(graph: Graph, rows: readonly NodeId[], most: number): string {
  const counts = new Map<string, number>();
  for (const id of rows) {
    const op = graph.nodes[id]?.op ?? "";
    counts.set(op, (counts.get(op) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const shown = sorted.slice(0, most).map(([op, count]) => `${count} ${op}`);
  return [...shown, ...(sorted.length > most ? ["…"] : [])].join(", ");
}

/** `1 node`, `3 nodes`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

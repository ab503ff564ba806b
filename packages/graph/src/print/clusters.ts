import type { DrawnRow, Panel, PathStep } from "./drawing.js";

interface Cluster {
  readonly label: string;
  readonly rows: DrawnRow[];
  readonly inner: Map<string, Cluster>;
}

function newCluster(label: string): Cluster {
  return { label, rows: [], inner: new Map() };
}

function clusterAt(root: Cluster, path: readonly PathStep[]): Cluster {
  let cluster = root;
  for (const { key, label } of path) {
    let inner = cluster.inner.get(key);
    if (inner === undefined) {
      inner = newCluster(label);
      cluster.inner.set(key, inner);
    }
    cluster = inner;
  }
  return cluster;
}

/** How a format writes clusters. `id` is unique in the drawing. */
export interface ClusterSyntax {
  open(id: string, label: string): readonly string[];
  readonly close: string;
  row(row: DrawnRow): string;
}

/** The rows of a panel in their clusters: rows first, then inner clusters, each in order of appearance. */
export function clusterLines(panel: Panel, syntax: ClusterSyntax): string[] {
  const root = newCluster(panel.title);
  for (const row of panel.rows) clusterAt(root, row.path).rows.push(row);
  const lines: string[] = [];
  let count = 0;
  // A list instead of recursion: scopes may be nested deeper than the stack allows.
  const pending: (Cluster | "end")[] = [root];
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    if (one === "end") {
      lines.push(syntax.close);
      continue;
    }
    if (one !== root || panel.title !== "") {
      lines.push(...syntax.open(`${panel.prefix}${count}`, one.label));
      count++;
      pending.push("end");
    }
    for (const row of one.rows) lines.push(syntax.row(row));
    for (const inner of [...one.inner.values()].reverse()) pending.push(inner);
  }
  return lines;
}

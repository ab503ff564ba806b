import { type DotRow, type PathStep, quote } from "./dotSyntax.js";

interface Cluster {
  readonly label: string;
  readonly rows: string[];
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

/** A scope as clusters, nested by `/`. */
export function scopePath(scope: string | undefined): readonly PathStep[] {
  const labels = (scope ?? "").split("/").filter((label) => label !== "");
  return labels.map((label) => ({ key: label, label }));
}

/**
 * Statements of the rows in their clusters: rows first, then inner clusters, each in order of appearance. `title` puts a cluster around all.
 */
export function clusterLines(prefix: string, title: string, rows: readonly DotRow[]): string[] {
  const root = newCluster(title);
  for (const { path, statement } of rows) clusterAt(root, path).rows.push(statement);
  const lines: string[] = [];
  let count = 0;
  const pending: (Cluster | "}")[] = [root];
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    if (one === "}") {
      lines.push("}");
      continue;
    }
    const isBare = one === root && title === "";
    if (!isBare) {
      // Graphviz takes a sub-graph for a cluster by this prefix.
      lines.push(`subgraph cluster_${prefix}${count} {`, `label=${quote(one.label)};`);
      count++;
      pending.push("}");
    }
    for (const row of one.rows) lines.push(row);
    for (const inner of [...one.inner.values()].reverse()) pending.push(inner);
  }
  return lines;
}

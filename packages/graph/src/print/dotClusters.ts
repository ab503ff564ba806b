import { type DotRow, quote } from "./dotSyntax.js";

interface Cluster {
  readonly label: string;
  readonly rows: string[];
  readonly inner: Map<string, Cluster>;
}

function newCluster(label: string): Cluster {
  return { label, rows: [], inner: new Map() };
}

function clusterAt(root: Cluster, scope: string | undefined): Cluster {
  let cluster = root;
  for (const label of (scope ?? "").split("/")) {
    if (label === "") continue;
    let inner = cluster.inner.get(label);
    if (inner === undefined) {
      inner = newCluster(label);
      cluster.inner.set(label, inner);
    }
    cluster = inner;
  }
  return cluster;
}

/**
 * Statements of the rows, with a cluster per scope, nested by `/`: rows first, then inner clusters, each in order of
 * appearance. `title` puts a cluster around all.
 */
export function clusterLines(prefix: string, title: string, rows: readonly DotRow[]): string[] {
  const root = newCluster(title);
  for (const { scope, statement } of rows) clusterAt(root, scope).rows.push(statement);
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

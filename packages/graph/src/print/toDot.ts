import { type ClusterSyntax, clusterLines } from "./clusters.js";
import type { Decoration } from "./decoration.js";
import { edgeStatement, quote, rowStatement } from "./dotSyntax.js";
import { draw } from "./draw.js";
import type { Printable } from "./printable.js";

/** How a graph is drawn. */
export interface DrawOptions {
  /** Where the data flows; default `down`. */
  readonly direction?: "down" | "right" | undefined;
  /** Lines and colours to add to rows. */
  readonly decoration?: Decoration | undefined;
  /** What stands below the drawing. */
  readonly caption?: string | undefined;
}

const syntax: ClusterSyntax = {
  // Graphviz takes a sub-graph for a cluster by this prefix.
  open: (id, label) => [`subgraph cluster_${id} {`, `label=${quote(label)};`],
  close: "}",
  row: rowStatement,
};

const frame = [
  'node [fontname="Helvetica", fontsize=11];',
  'edge [fontname="Helvetica", fontsize=9];',
];

/**
 * A graph, a program with its gradient, a view or a difference as text for Graphviz. Same input, same bytes.
 *
 * - Ids of rows are `f12` in a forward graph, `b30` in a backward one (one that has head inputs), `r7` for a removed row
 *   of a difference.
 * - Shapes: ellipse for arguments, cylinder for constants, inverted house for heads, note for saved values, double
 *   octagon for outputs, rounded box for operators, folder for a group of rows, dashed box for what a view leaves out.
 *   Boxes around rows are scopes and bodies; a body says which node it belongs to, `scan %3: step`.
 * - Edges carry types. Dashed edges carry saved values; in a joint drawing they start at the forward row itself.
 * - `d(%5 dot)` names the forward row that a gradient node comes from. Tooltips show the whole node and its site.
 *
 * @example
 * ```ts
 * writeFileSync("seed.dot", toDot(gradient(graph), { direction: "right" }));
 * ```
 */
export function toDot(subject: Printable, options: DrawOptions = {}): string {
  const { direction = "down", decoration, caption } = options;
  const { name, panels, edges } = draw(subject, decoration);
  const rankdir = direction === "down" ? "TB" : "LR";
  const label = caption === undefined ? "" : `, label=${quote(caption)}`;
  const settings = `rankdir=${rankdir}, fontname="Helvetica"${label}`;
  const head = [`digraph ${quote(name)} {`, `graph [${settings}];`];
  const rows = panels.flatMap((panel) => clusterLines(panel, syntax));
  return [...head, ...frame].concat(rows, edges.map(edgeStatement), "}", "").join("\n");
}

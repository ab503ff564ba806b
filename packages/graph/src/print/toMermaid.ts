import { type ClusterSyntax, clusterLines } from "./clusters.js";
import { codeOf } from "./dotSyntax.js";
import { draw } from "./draw.js";
import type { Printable } from "./printable.js";
import { type DrawnEdge, type DrawnRow, fills, type RowKind } from "./drawing.js";
import type { DrawOptions } from "./toDot.js";

/** What no format of text shows, but for line ends. */
const unprintable = /[\p{Cc}\p{Cs}]/gu;

/** What Mermaid takes for its own syntax, a comment, HTML or Markdown somewhere. */
const special = /[^\p{L}\p{M}\p{N} ,:()[\]=+%-]|%(?=%)|(?<=%)%/gu;

/** What Markdown takes for a list, a heading or code at the start of a line, and for a link anywhere. */
const markdown = /^(?:[^\p{L}\p{N}%#]|\d+(?=\)))|(?<=\])\(/gu;

function entityOf(char: string): string {
  return `#${char.codePointAt(0) ?? 0};`;
}

/**
 * Any text as a quoted label that shows just this text. Mermaid writes characters as `#34;`, and reads labels as HTML
 * and Markdown: all but letters, digits and harmless signs is written so.
 */
export function quoteLabel(text: string): string {
  const lines = text.split(/\r\n?|\n/).map((line) =>
    line
      .replace(unprintable, codeOf)
      .replace(special, entityOf)
      .replace(markdown, (mark) => [...mark].map(entityOf).join("")),
  );
  return `"${lines.join("<br/>")}"`;
}

/** Brackets that make the shape of each kind. */
const shapes: { readonly [K in RowKind]: readonly [string, string] } = {
  arg: ["([", "])"],
  const: ["[(", ")]"],
  head: ["[\\", "/]"],
  saved: [">", "]"],
  operator: ["(", ")"],
  savedResult: [">", "]"],
  output: ["{{", "}}"],
  group: ["[[", "]]"],
  stub: ["[", "]"],
};

function rowStatement({ id, kind, label, fill }: DrawnRow): string {
  const [open, close] = shapes[kind];
  const statement = `${id}${open}${quoteLabel(label)}${close}:::${kind}`;
  return fill === undefined ? statement : `${statement}\nstyle ${id} fill:${fill}`;
}

function edgeStatement({ from, to, label, isDashed }: DrawnEdge): string {
  const arrow = isDashed ? "-.->" : "-->";
  return label === "" ? `${from} ${arrow} ${to}` : `${from} ${arrow}|${quoteLabel(label)}| ${to}`;
}

const syntax: ClusterSyntax = {
  open: (id, label) => [`subgraph cluster_${id}[${quoteLabel(label)}]`],
  close: "end",
  row: rowStatement,
};

function classLines(): string[] {
  return Object.entries(fills).map(([kind, fill]) => {
    const dashes = kind === "stub" ? ",stroke-dasharray:4 3" : "";
    return `classDef ${kind} fill:${fill},stroke:#333333,color:#000000${dashes}`;
  });
}

/**
 * A graph, a program with its gradient, a view or a difference as a Mermaid flowchart, with the ids, colours and edges
 * of `toDot`. Same input, same bytes.
 *
 * Shapes: stadium for arguments, cylinder for constants, trapezium for heads, flag for saved values, hexagon for
 * outputs, rounded box for operators, framed box for a group of rows, dashed box for what a view leaves out. Mermaid
 * itself draws no more than 500 edges and 50,000 characters unless its page is set to `maxEdges` and `maxTextSize`.
 *
 * @example
 * ```ts
 * writeFileSync("seed.md", `\`\`\`mermaid\n${toMermaid(graph)}\`\`\`\n`);
 * ```
 */
export function toMermaid(subject: Printable, options: DrawOptions = {}): string {
  const { direction = "down", decoration, caption } = options;
  const { panels, edges } = draw(subject, decoration);
  const rows = panels.flatMap((panel) => clusterLines(panel, syntax));
  const title = caption === undefined ? [] : ["---", `title: ${JSON.stringify(caption)}`, "---"];
  return [...title, `flowchart ${direction === "down" ? "TB" : "LR"}`]
    .concat(rows, edges.map(edgeStatement), classLines(), "")
    .join("\n");
}

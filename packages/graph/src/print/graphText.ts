import { type Graph, type Node, type NodeId, nodeOf, nodesOf } from "../graph.js";
import { formatType } from "../type.js";
import { isSaidByElements } from "./constantText.js";
import type { Decoration, RowMarks } from "./decoration.js";
import { RowPrinter } from "./rowPrinter.js";
import { formatSite, formatWord } from "./words.js";

/** How a graph is written as text. */
export interface TextOptions {
  /** Everything is written, so that `parseText` gives an equal graph; default false. */
  readonly full?: boolean | undefined;
  /** Lines to add below rows. */
  readonly decoration?: Decoration | undefined;
}

/** Signatures longer than this have one input per line. */
const maxWidth = 100;

function formatComment(site: string | undefined): string {
  return site === undefined ? "" : `  // ${formatSite(site)}`;
}

/** What follows a node: scope, origin, site. */
export function provenance({ site, scope, origin }: Node): string {
  const block = scope === undefined ? "" : ` @${formatWord(scope)}`;
  const source = origin === undefined ? "" : ` ~%${origin}`;
  return `${block}${source}${formatComment(site)}`;
}

/** The lines that a decoration adds below a row, as comments. */
export function markLines(decoration: Decoration | undefined, graph: Graph, id: NodeId): string[] {
  return commentLines(decoration?.row(graph, id));
}

export function commentLines(marks: RowMarks | undefined): string[] {
  return (marks?.lines ?? []).map((line) => `    // ${formatSite(line)}`);
}

/** A row with everything on lines of its own, below `graph … {`. */
export function nodeLines(
  graph: Graph,
  printer: RowPrinter,
  id: NodeId,
  options: TextOptions,
): string[] {
  const node = nodeOf(graph, id);
  const row = printer.node(node, (body) => graphText(body, options)).replaceAll("\n", "\n  ");
  return [`  ${row}${provenance(node)}`, ...markLines(options.decoration, graph, id)];
}

/** ` next %17` where the next id does not follow from the rows. */
function nextText({ inputs, order, nextId }: Graph): string {
  let expected = 0;
  for (const { id } of inputs) expected = Math.max(expected, id + 1);
  for (const id of order) expected = Math.max(expected, id + 1);
  return nextId === expected ? "" : ` next %${nextId}`;
}

function signature(graph: Graph, printer: RowPrinter, { full, decoration }: TextOptions): string {
  const inputs = graph.inputs.map((input) => printer.input(input));
  const outputs = graph.outputs
    .map(({ name, ref }) => `${formatWord(name)}: ${printer.operand(ref)}`)
    .join(", ");
  const head = `graph ${formatWord(graph.name)}`;
  const tail = `-> (${outputs})${full ? nextText(graph) : ""} {`;
  const notes = graph.inputs.map(({ id, site }) => {
    const comment = full ? formatComment(site) : "";
    return [comment, ...markLines(decoration, graph, id)].join("\n");
  });
  const line = `${head}(${inputs.join(", ")}) ${tail}`;
  const isShort = line.length <= maxWidth && notes.every((note) => note === "");
  if (isShort || inputs.length === 0) return line;
  const lines = inputs.map((input, position) => `  ${input},${notes[position] ?? ""}\n`);
  return `${head}(\n${lines.join("")}) ${tail}`;
}

/** The constants that no input shows completely. */
function tableLines({ inputs, constants }: Graph): string[] {
  const used = new Set(inputs.map(({ constant }) => constant));
  return Object.entries(constants)
    .filter(([key, constant]) => !used.has(key) || !isSaidByElements(key, constant))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, constant]) => `  #${key}: ${formatType(constant)} = "${constant.bytes}"`);
}

/** One graph, with the graphs among its attributes. */
export function graphText(graph: Graph, options: TextOptions): string {
  const printer = new RowPrinter(graph, options.full);
  const lines = [signature(graph, printer, options)];
  for (const { id } of nodesOf(graph)) {
    if (printer.literal(id) !== undefined) continue;
    for (const line of nodeLines(graph, printer, id, options)) lines.push(line);
  }
  if (options.full) for (const line of tableLines(graph)) lines.push(line);
  lines.push("}");
  return lines.join("\n");
}

import { type Graph, type Node, nodesOf } from "../graph.js";
import { formatWord, RowPrinter } from "./rowPrinter.js";

/** Signatures longer than this have one input per line. */
const maxWidth = 100;

/** Characters that would end a comment: control characters and line separators. */
const breaking = /[\p{Cc}\u2028\u2029]/u;

function signature(graph: Graph, printer: RowPrinter): string {
  const inputs = graph.inputs.map((input, position) => printer.input(input, position));
  const outputs = graph.outputs
    .map(({ name, ref }) => `${formatWord(name)}: ${printer.operand(ref)}`)
    .join(", ");
  const head = `graph ${formatWord(graph.name)}`;
  const line = `${head}(${inputs.join(", ")}) -> (${outputs}) {`;
  if (line.length <= maxWidth || inputs.length === 0) return line;
  return `${head}(\n${inputs.map((input) => `  ${input},\n`).join("")}) -> (${outputs}) {`;
}

function provenance({ site, scope, origin }: Node): string {
  const block = scope === undefined ? "" : ` @${formatWord(scope)}`;
  const source = origin === undefined ? "" : ` ~%${origin}`;
  if (site === undefined) return block + source;
  return `${block}${source}  // ${breaking.test(site) ? JSON.stringify(site) : site}`;
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}

/**
 * A graph in the IR's own syntax, one node per line in order:
 *
 * ```
 * graph seed(%x: float32[4,1]) -> (y: %3) {
 *   %1 = transpose(%x) {axes=[1,0]} : float32[1,4]  // model.ts:3
 *   %2 = dot(%1, %x) : float32[1,1]  // model.ts:3
 *   %3 = mul(%2, 2) : float32[1,1]  // model.ts:4
 * }
 * ```
 *
 * - Inputs are named; `#7` gives the id of an input where it is not its position. Other roles than `arg` are written
 *   out: `head %dy: float32[1] of %3`, where `%3` is a row of the forward graph; `const %c: int32[2] = [1,2]`.
 * - `%4.1` is a result of a node with several. A rank-0 `full` is a number in place, with its dtype, `2:int32`, where
 *   that is not the dtype of the node's first result. Special numbers: `nan`, `inf`, `-inf`, `-0`.
 * - `@mlp/dense1` is the scope, `~%5` the row of the forward graph that a gradient node comes from, `// …` the site.
 * - Names that are not plain words are JSON strings: `%"my input"`.
 *
 * Sites of inputs and literals, and the bytes of constants with more than 8 elements, are not shown.
 */
export function toText(graph: Graph): string {
  const printer = new RowPrinter(graph);
  const lines = [signature(graph, printer)];
  for (const node of nodesOf(graph)) {
    if (printer.literal(node.id) !== undefined) continue;
    lines.push(`  ${indent(printer.node(node, toText))}${provenance(node)}`);
  }
  lines.push("}");
  return lines.join("\n");
}

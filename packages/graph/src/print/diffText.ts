import { type Graph, type NodeId, nodeOf } from "../graph.js";
import type { GraphDiff, RowChange } from "../views/graphDiff.js";
import { graphText, markLines, provenance, type TextOptions } from "./graphText.js";
import { RowPrinter } from "./rowPrinter.js";
import { formatWord } from "./words.js";

/** Rows the same that are shown before and after a difference. */
const context = 2;

/** Prints rows of one of the two graphs. */
class Side {
  private readonly printer: RowPrinter;

  constructor(
    private readonly graph: Graph,
    private readonly options: TextOptions,
  ) {
    this.printer = new RowPrinter(graph, options.full);
  }

  row(id: NodeId): string[] {
    const input = this.printer.inputOf(id);
    const marks = markLines(this.options.decoration, this.graph, id);
    if (input !== undefined) return [this.printer.input(input), ...marks];
    const node = nodeOf(this.graph, id);
    const text = this.printer.node(node, (body) => graphText(body, this.options));
    return [...`${text}${provenance(node)}`.split("\n"), ...marks];
  }

  /** The output of this name; undefined where there is none. */
  output(name: string): string | undefined {
    const output = this.graph.outputs.find((one) => one.name === name);
    if (output === undefined) return undefined;
    return `output ${formatWord(name)}: ${this.printer.operand(output.ref)}`;
  }
}

/** The lines, each after a sign. */
function signed(sign: string, lines: readonly string[]): string[] {
  return lines.map((line) => `${sign} ${line}`);
}

function changeLines(change: RowChange, before: Side, after: Side): string[] {
  switch (change.kind) {
    case "same":
      return signed(" ", after.row(change.after));
    case "added":
      return signed("+", after.row(change.after));
    case "removed":
      return signed("-", before.row(change.before));
    case "changed":
      return [...signed("-", before.row(change.before)), ...signed("+", after.row(change.after))];
    default:
      return change satisfies never;
  }
}

/** Which rows are shown: those that differ, and their neighbours. */
function shownRows(rows: readonly RowChange[]): boolean[] {
  const shown = rows.map(() => false);
  rows.forEach(({ kind }, at) => {
    if (kind === "same") return;
    const last = Math.min(rows.length - 1, at + context);
    for (let near = Math.max(0, at - context); near <= last; near++) shown[near] = true;
  });
  return shown;
}

function headLine({ before, after, matchedBy, rows, outputs }: GraphDiff): string {
  const names = [...new Set([before.name, after.name])].map(formatWord).join(" -> ");
  if (outputs.length === 0 && rows.every(({ kind }) => kind === "same")) {
    return `diff of graph ${names}: no differences`;
  }
  const count = (kind: RowChange["kind"]) => rows.filter((row) => row.kind === kind).length;
  const kinds = (["added", "removed", "changed", "same"] as const)
    .map((kind) => `${count(kind)} ${kind}`)
    .join(", ");
  return `diff of graph ${names}, rows matched by ${matchedBy}: ${kinds}`;
}

/**
 * A difference for reading: rows of the later graph after `+`, rows of the earlier one after `-`, a changed row as both;
 * around them two rows that are the same.
 */
export function diffText(diff: GraphDiff, options: TextOptions): string {
  const before = new Side(diff.before, options);
  const after = new Side(diff.after, options);
  const shown = shownRows(diff.rows);
  const lines = [headLine(diff)];
  let skipped = 0;
  const noteSkipped = () => {
    if (skipped > 0 && lines.length > 0) lines.push(`  … ${skipped} the same`);
    skipped = 0;
  };
  diff.rows.forEach((change, at) => {
    if (!shown[at]) {
      skipped++;
      return;
    }
    noteSkipped();
    lines.push(...changeLines(change, before, after));
  });
  if (lines.length > 1) noteSkipped();
  for (const { kind, name } of diff.outputs) {
    const earlier = kind === "added" ? undefined : before.output(name);
    const later = kind === "removed" ? undefined : after.output(name);
    if (earlier !== undefined) lines.push(`- ${earlier}`);
    if (later !== undefined) lines.push(`+ ${later}`);
  }
  return lines.join("\n");
}

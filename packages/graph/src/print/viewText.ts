import { type NodeId, nodeOf, nodesOf, type Ref } from "../graph.js";
import { formatType } from "../type.js";
import { formatCount, formatCounts, type GraphView, type RowGroup } from "../views/graphView.js";
import { commentLines, markLines, nodeLines, type TextOptions } from "./graphText.js";
import { RowPrinter } from "./rowPrinter.js";
import { formatWord } from "./words.js";

/** Adds to the set of a key. */
function addTo<K, T>(sets: Map<K, Set<T>>, key: K, item: T): void {
  const known = sets.get(key);
  if (known === undefined) sets.set(key, new Set([item]));
  else known.add(item);
}

/** Writes a view row by row. */
class ViewWriter {
  private readonly lines: string[] = [];
  private readonly printer: RowPrinter;
  /** The group of a row, by its position. */
  private readonly groups = new Map<NodeId, number>();
  private readonly written = new Set<number>();
  private readonly stubs = new Set<NodeId>();
  /** What each group reads from outside, and what others read of it. */
  private readonly read = new Map<number, Set<string>>();
  private readonly given = new Map<number, Set<string>>();
  /** Rows left out that read a row shown. */
  private readonly readers = new Map<NodeId, Set<NodeId>>();

  constructor(
    private readonly view: GraphView,
    private readonly options: TextOptions,
  ) {
    this.printer = new RowPrinter(view.graph, options.full);
    view.groups.forEach(({ rows }, position) => {
      for (const id of rows) this.groups.set(id, position);
    });
    for (const { id, inputs } of nodesOf(view.graph)) for (const ref of inputs) this.note(ref, id);
  }

  text(): string {
    const { graph, rows } = this.view;
    for (const input of graph.inputs) {
      if (rows.has(input.id)) this.row(input.id, [`  ${this.printer.input(input)}`]);
    }
    for (const { id } of nodesOf(graph)) this.node(id);
    for (const { name, ref } of graph.outputs) {
      if (!this.isShown(ref.node)) continue;
      this.lines.push(`  output ${formatWord(name)}: ${this.printer.operand(ref)}`);
    }
    return [this.title(), ...this.lines, "}"].join("\n");
  }

  /** Who reads what across the edges of the view. */
  private note(ref: Ref, reader: NodeId): void {
    if (this.printer.literal(ref.node) !== undefined) return;
    const source = this.groups.get(ref.node);
    const target = this.groups.get(reader);
    if (target !== source) {
      const operand = this.printer.operand(ref);
      if (source !== undefined) addTo(this.given, source, operand);
      if (target !== undefined) addTo(this.read, target, operand);
    }
    if (this.isShown(ref.node) && !this.isShown(reader)) addTo(this.readers, ref.node, reader);
  }

  private isShown(id: NodeId): boolean {
    return this.view.rows.has(id) || this.groups.has(id);
  }

  private title(): string {
    const { graph, title, rows, groups } = this.view;
    const nodes = nodesOf(graph).filter(({ id }) => this.printer.literal(id) === undefined);
    const shown = nodes.filter(({ id }) => rows.has(id)).length;
    const together = groups.length === 0 ? "" : `, ${formatCount(groups.length, "group")}`;
    const count = `${shown} of ${formatCount(nodes.length, "node")}${together}`;
    return `view of graph ${formatWord(graph.name)}, ${title}: ${count} {`;
  }

  private node(id: NodeId): void {
    const { graph, rows, groups } = this.view;
    const position = this.groups.get(id);
    const group = position === undefined ? undefined : groups[position];
    if (position !== undefined && group !== undefined) {
      if (!this.written.has(position)) this.group(group, position);
    } else if (rows.has(id) && this.printer.literal(id) === undefined) {
      this.stubsOf(id);
      this.row(id, nodeLines(graph, this.printer, id, this.options));
    }
  }

  /** A row shown, and how many rows left out read it. */
  private row(id: NodeId, lines: readonly string[]): void {
    this.lines.push(...lines);
    const isInput = this.view.graph.nodes[id] === undefined;
    if (isInput) this.lines.push(...markLines(this.options.decoration, this.view.graph, id));
    const count = this.readers.get(id)?.size ?? 0;
    if (count > 0) this.lines.push(`    // read by ${formatCount(count, "node")} left out`);
  }

  /** `[mlp/dense1] 3 nodes: 2 dot, 1 add; reads %x; gives %7`. */
  private group(group: RowGroup, position: number): void {
    this.written.add(position);
    for (const id of group.rows) this.stubsOf(id);
    const counts = formatCounts(this.view.graph, group.rows, group.rows.length);
    const read = [...(this.read.get(position) ?? [])].join(", ");
    const given = [...(this.given.get(position) ?? [])].join(", ");
    const edges = `${read === "" ? "" : `; reads ${read}`}${given === "" ? "" : `; gives ${given}`}`;
    const size = formatCount(group.rows.length, "node");
    this.lines.push(`  [${formatWord(group.scope)}] ${size}: ${counts}${edges}`);
    const marks = this.options.decoration?.group?.(this.view.graph, group.rows);
    this.lines.push(...commentLines(marks));
  }

  /** A line for each row left out that this one reads. */
  private stubsOf(reader: NodeId): void {
    const { graph } = this.view;
    for (const { node: id } of nodeOf(graph, reader).inputs) {
      const isLiteral = this.printer.literal(id) !== undefined;
      if (isLiteral || this.isShown(id) || this.stubs.has(id)) continue;
      this.stubs.add(id);
      const node = graph.nodes[id];
      const input = this.printer.inputOf(id);
      const types = (node?.types ?? (input === undefined ? [] : [input.type])).map(formatType);
      const name = node === undefined ? this.printer.operand({ node: id, out: 0 }) : `%${id}`;
      const source = node === undefined ? "input" : formatWord(node.op);
      this.lines.push(`  left out: ${name} = ${source} : ${types.join(", ")}`);
    }
  }
}

/**
 * A view in the syntax of graphs, for reading only:
 *
 * ```
 * view of graph sample, op=mul: 1 of 3 nodes {
 *   left out: %1 = reshape : float32[4]
 *   %3 = mul(%1, 2) : float32[4] @mlp/dense2  // model.ts:4
 *     // read by 1 node left out
 * }
 * ```
 */
export function viewText(view: GraphView, options: TextOptions): string {
  return new ViewWriter(view, options).text();
}

import { graphsIn } from "../attrs.js";
import { type Graph, type Input, type Node, type NodeId, nodesOf, type Ref } from "../graph.js";
import { formatType } from "../type.js";
import { clusterLines, scopePath } from "./dotClusters.js";
import { type DotRow, nodeStatement, type PathStep, quote, type RowKind } from "./dotSyntax.js";
import { RowPrinter } from "./rowPrinter.js";

export interface DotOptions {
  /** Where the data flows; default `down`. */
  readonly direction?: "down" | "right";
}

/** A program and its gradient, to be drawn side by side. */
export interface JointGraphs {
  readonly forward: Graph;
  readonly backward: Graph;
}

/** What one graph of a joint drawing knows of the other. */
interface Links {
  /** Backward: the row of the drawing that makes a saved input; undefined where it is drawn as a row of its own. */
  source(input: Input): Ref | undefined;
  /** Forward: outputs that only hand over saved values, and results that are saved. */
  readonly hidden: ReadonlySet<string>;
  readonly saved: ReadonlySet<NodeId>;
  /** Backward: what `origin` names in the forward graph, `%5 dot`. */
  origin(id: NodeId): string;
}

const alone: Links = {
  source: () => undefined,
  hidden: new Set(),
  saved: new Set(),
  origin: (id) => `%${id}`,
};

const brief = ({ name }: Graph): string => `graph ${name}`;

/** Draws one graph: statements of rows, and edges. */
class DotSide {
  readonly rows: DotRow[] = [];
  readonly edges: string[] = [];
  private readonly printer: RowPrinter;
  private readonly savedInputs = new Map<NodeId, Input>();

  constructor(
    private readonly prefix: string,
    private readonly graph: Graph,
    private readonly links: Links,
    private readonly path: readonly PathStep[] = [],
  ) {
    this.printer = new RowPrinter(graph);
  }

  draw(): this {
    this.graph.inputs.forEach((input, position) => {
      this.input(input, position);
    });
    for (const node of nodesOf(this.graph)) this.node(node);
    this.graph.outputs.forEach(({ name, ref }, position) => {
      if (!this.links.hidden.has(name)) this.output(name, ref, position);
    });
    return this;
  }

  private input(input: Input, position: number): void {
    const { id, name, role, type, site } = input;
    if (role === "saved") {
      this.savedInputs.set(id, input);
      if (this.links.source(input) !== undefined) return;
    }
    const label = role === "const" ? `const\n${formatType(type)}` : `${name}\n${formatType(type)}`;
    const tooltip = withSite(this.printer.input(input, position), site);
    this.row(`${this.prefix}${id}`, role, label, tooltip);
  }

  private node(node: Node): void {
    const { id, inputs, site, scope, origin } = node;
    if (this.printer.literal(id) !== undefined) return;
    const kind = this.links.saved.has(id) ? "savedResult" : "operator";
    const source = origin === undefined ? "" : `\nd(${this.links.origin(origin)})`;
    const label = `${this.call(node)}\n%${id}${source}`;
    const tooltip = withSite(this.printer.node(node, brief), site);
    this.row(`${this.prefix}${id}`, kind, label, tooltip, scope);
    inputs.forEach((ref, position) => {
      this.edge(ref, `${this.prefix}${id}`, `argument ${position + 1} of %${id}`);
    });
    graphsIn(node.attrs).forEach((body, position) => {
      this.body(node, body, position);
    });
  }

  /** A sub-graph, in a cluster of its own beside the node. */
  private body({ id, op, scope }: Node, body: Graph, position: number): void {
    const key = `%${id} ${position}`;
    const label = `${op} %${id}: ${body.name}`;
    const path = [...this.path, ...scopePath(scope), { key, label }];
    const inner = new DotSide(`${this.prefix}${id}_${position}_`, body, alone, path).draw();
    for (const row of inner.rows) this.rows.push(row);
    for (const edge of inner.edges) this.edges.push(edge);
  }

  /** `dot`; `sub(_, 1)` where a literal is among the arguments. */
  private call({ op, inputs, types }: Node): string {
    if (!inputs.some(({ node }) => this.printer.literal(node) !== undefined)) return op;
    const shown = inputs.map((ref) =>
      this.printer.literal(ref.node) === undefined
        ? "_"
        : this.printer.operand(ref, types[0]?.dtype),
    );
    return `${op}(${shown.join(", ")})`;
  }

  private output(name: string, ref: Ref, position: number): void {
    const id = `${this.prefix}_out${position}`;
    const operand = this.printer.operand(ref);
    const isLiteral = this.printer.literal(ref.node) !== undefined;
    const label = isLiteral ? `${name} = ${operand}` : name;
    this.row(id, "output", label, `output ${name}: ${operand}`);
    this.edge(ref, id, `output ${name}`);
  }

  private edge(ref: Ref, to: string, tooltip: string): void {
    if (this.printer.literal(ref.node) !== undefined) return;
    const input = this.savedInputs.get(ref.node);
    const source = input === undefined ? undefined : this.links.source(input);
    const from = source === undefined ? `${this.prefix}${ref.node}` : `f${source.node}`;
    const type = this.printer.typeOf(ref);
    const result = this.printer.hasSeveralResults(ref.node) ? `.${ref.out}: ` : "";
    const label = `${result}${type === undefined ? "?" : formatType(type)}`;
    const style = input === undefined ? "" : ", style=dashed";
    this.edges.push(`${from} -> ${to} [label=${quote(label)}, tooltip=${quote(tooltip)}${style}];`);
  }

  private row(id: string, kind: RowKind, label: string, tooltip: string, scope?: string): void {
    const path = [...this.path, ...scopePath(scope)];
    this.rows.push({ path, statement: nodeStatement(id, kind, label, tooltip) });
  }
}

function withSite(text: string, site: string | undefined): string {
  return site === undefined ? text : `${text}\n${site}`;
}

/** Matches saved inputs with what the forward graph hands over, by name of the output, else by `of`. */
function link({ forward, backward }: JointGraphs): { forward: Links; backward: Links } {
  const printer = new RowPrinter(forward);
  const outputs = new Map(forward.outputs.map(({ name, ref }) => [name, ref]));
  const sources = new Map<NodeId, Ref>();
  const hidden = new Set<string>();
  for (const { id, name, role, of } of backward.inputs) {
    const handed = outputs.get(name);
    const ref = role === "saved" ? (handed ?? of) : undefined;
    if (ref === undefined || printer.typeOf(ref) === undefined) continue;
    if (printer.literal(ref.node) !== undefined) continue;
    sources.set(id, ref);
    if (handed !== undefined) hidden.add(name);
  }
  const names = new Map(forward.inputs.map(({ id, name }) => [id, `%${name}`]));
  for (const { id, op } of nodesOf(forward)) names.set(id, `%${id} ${op}`);
  const saved = new Set([...sources.values()].map(({ node }) => node));
  return {
    forward: { ...alone, hidden, saved },
    backward: {
      ...alone,
      source: ({ id }) => sources.get(id),
      origin: (id) => names.get(id) ?? `%${id}`,
    },
  };
}

const frame = [
  'node [fontname="Helvetica", fontsize=11];',
  'edge [fontname="Helvetica", fontsize=9];',
];

function document(name: string, body: string[], { direction = "down" }: DotOptions): string {
  const rankdir = direction === "down" ? "TB" : "LR";
  const head = [`digraph ${quote(name)} {`, `graph [rankdir=${rankdir}, fontname="Helvetica"];`];
  return [...head, ...frame].concat(body, "}", "").join("\n");
}

function singleDot(graph: Graph, options: DotOptions): string {
  const isBackward = graph.inputs.some(({ role }) => role === "head");
  const prefix = isBackward ? "b" : "f";
  const side = new DotSide(prefix, graph, alone).draw();
  return document(graph.name, clusterLines(prefix, "", side.rows).concat(side.edges), options);
}

function jointDot(graphs: JointGraphs, options: DotOptions): string {
  const links = link(graphs);
  const forward = new DotSide("f", graphs.forward, links.forward).draw();
  const backward = new DotSide("b", graphs.backward, links.backward).draw();
  const body = clusterLines("f", "forward", forward.rows).concat(
    clusterLines("b", "backward", backward.rows),
    forward.edges,
    backward.edges,
  );
  return document(graphs.forward.name, body, options);
}

/**
 * A graph, or a program with its gradient, as text for Graphviz. Same input, same bytes.
 *
 * - Ids of rows are `f12` in a forward graph, `b30` in a backward one (one that has head inputs).
 * - Shapes: ellipse for arguments, cylinder for constants, inverted house for heads, note for saved values, double
 *   octagon for outputs, rounded box for operators. Boxes around rows are scopes and
 *   bodies; a body says which node it belongs to, `scan %3: step`.
 * - Edges carry types. Dashed edges carry saved values; in a joint drawing they start at the forward row itself.
 * - `d(%5 dot)` names the forward row that a gradient node comes from. Tooltips show the whole node and its site.
 *
 * @example
 * ```ts
 * writeFileSync("seed.dot", toDot(gradient(graph), { direction: "right" }));
 * ```
 */
export function toDot(graph: Graph | JointGraphs, options: DotOptions = {}): string {
  return "backward" in graph ? jointDot(graph, options) : singleDot(graph, options);
}

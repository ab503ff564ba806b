import { graphsIn } from "../attrs.js";
import {
  type Graph,
  type Input,
  type Node,
  type NodeId,
  nodesOf,
  type Ref,
  refKey,
} from "../graph.js";
import { formatType } from "../type.js";
import { formatCount, formatCounts, type RowGroup } from "../views/graphView.js";
import { checkedFill, type Decoration } from "./decoration.js";
import {
  type DrawnEdge,
  type DrawnRow,
  type PathStep,
  type RowKind,
  scopePath,
} from "./drawing.js";
import { RowPrinter } from "./rowPrinter.js";

/** How a row of the graph appears. */
export type Placement =
  | { readonly kind: "row" }
  /** As part of a group, by its position in the list of groups. */
  | { readonly kind: "group"; readonly group: number }
  /** Not at all; where it touches what is drawn, a stub stands for it. */
  | { readonly kind: "leftOut" }
  /** As a row that another part of the drawing has. */
  | { readonly kind: "elsewhere"; readonly id: string };

/** What a drawing shows of one graph, and how. */
export interface Scene {
  readonly graph: Graph;
  /** What ids start with. */
  readonly prefix: string;
  placeOf(id: NodeId): Placement;
  readonly groups: readonly RowGroup[];
  /** Outputs that are not drawn. */
  readonly hiddenOutputs: ReadonlySet<string>;
  /** Rows drawn as saved values. */
  readonly saved: ReadonlySet<NodeId>;
  /** What `origin` names, `%5 dot`. */
  originOf(id: NodeId): string;
  readonly decoration: Decoration | undefined;
  /** All edges are dashed; otherwise those from saved values are. */
  readonly isDashed: boolean;
}

const shown: Placement = { kind: "row" };

/** All of a graph. */
export function wholeScene(graph: Graph, prefix: string, decoration?: Decoration): Scene {
  return {
    graph,
    prefix,
    placeOf: () => shown,
    groups: [],
    hiddenOutputs: new Set(),
    saved: new Set(),
    originOf: (id) => `%${id}`,
    decoration,
    isDashed: false,
  };
}

/** Values that go from one drawn row to another where one of both is a group: one edge. */
interface Bundle {
  readonly from: string;
  readonly to: string;
  readonly values: Map<string, string>;
  isDashed: boolean;
}

/** An output and where it stands among the outputs. */
interface PlacedOutput {
  readonly name: string;
  readonly ref: Ref;
  readonly position: number;
}

function withSite(text: string, site: string | undefined): string {
  return site === undefined ? text : `${text}\n${site}`;
}

const brief = ({ name }: Graph): string => `graph ${name}`;

/** Draws one graph. */
export class GraphDrawer {
  readonly rows: DrawnRow[] = [];
  readonly edges: DrawnEdge[] = [];
  private readonly printer: RowPrinter;
  private readonly savedInputs = new Set<NodeId>();
  private readonly paths = new Map<string, readonly PathStep[]>();
  private readonly drawnGroups = new Set<number>();
  private readonly stubs = new Set<NodeId>();
  private readonly bundles = new Map<string, Bundle>();
  /** Rows left out that read what is drawn, by the drawn row. */
  private readonly hiddenReaders = new Map<string, Set<NodeId>>();

  constructor(
    private readonly scene: Scene,
    private readonly path: readonly PathStep[] = [],
  ) {
    this.printer = new RowPrinter(scene.graph);
    for (const { id, role } of scene.graph.inputs) if (role === "saved") this.savedInputs.add(id);
  }

  draw(): this {
    const { graph, hiddenOutputs } = this.scene;
    for (const input of graph.inputs) {
      if (this.scene.placeOf(input.id).kind === "row") this.input(input);
    }
    for (const node of nodesOf(graph)) {
      if (this.printer.literal(node.id) === undefined) this.node(node);
    }
    this.outputs(
      graph.outputs
        .map((output, position) => ({ ...output, position }))
        .filter(({ name }) => !hiddenOutputs.has(name)),
    );
    for (const bundle of this.bundles.values()) this.bundleEdge(bundle);
    for (const [from, readers] of this.hiddenReaders) this.readersStub(from, readers.size);
    return this;
  }

  /** The row of the drawing that shows this one, alone or in a group. */
  drawnId(id: NodeId): string | undefined {
    if (this.printer.literal(id) !== undefined) return undefined;
    const { prefix } = this.scene;
    const place = this.scene.placeOf(id);
    switch (place.kind) {
      case "row":
        return `${prefix}${id}`;
      case "group":
        return `${prefix}g${place.group}`;
      case "elsewhere":
        return place.id;
      case "leftOut":
        return undefined;
      default:
        return place satisfies never;
    }
  }

  private input(input: Input): void {
    const { id, name, role, type, site } = input;
    const label = role === "const" ? `const\n${formatType(type)}` : `${name}\n${formatType(type)}`;
    this.marked(id, role, label, withSite(this.printer.input(input), site));
  }

  private node(node: Node): void {
    const { id, inputs } = node;
    const place = this.scene.placeOf(id);
    if (place.kind === "row") this.operator(node);
    else if (place.kind === "group") this.group(place.group);
    inputs.forEach((ref, position) => {
      this.connect(ref, id, `argument ${position + 1} of %${id}`);
    });
    if (place.kind !== "row") return;
    graphsIn(node.attrs).forEach((body, position) => {
      this.body(node, body, position);
    });
  }

  private operator(node: Node): void {
    const { id, site, scope, origin } = node;
    const kind = this.scene.saved.has(id) ? "savedResult" : "operator";
    const source = origin === undefined ? "" : `\nd(${this.scene.originOf(origin)})`;
    const label = `${this.call(node)}\n%${id}${source}`;
    this.marked(id, kind, label, withSite(this.printer.node(node, brief), site), scope);
  }

  private group(position: number): void {
    const group = this.scene.groups[position];
    if (group === undefined || this.drawnGroups.has(position)) return;
    this.drawnGroups.add(position);
    const { graph, prefix, decoration } = this.scene;
    const { lines = [], fill } = decoration?.group?.(graph, group.rows) ?? {};
    const path = scopePath(group.scope);
    const count = formatCount(group.rows.length, "node");
    const name = path.at(-1)?.label ?? group.scope;
    const label = [name, count, formatCounts(graph, group.rows, 3), ...lines].join("\n");
    const all = formatCounts(graph, group.rows, group.rows.length);
    const tooltip = `${group.scope}: ${count}\n${all}`;
    this.row(`${prefix}g${position}`, "group", label, tooltip, path.slice(0, -1), fill);
  }

  /** A sub-graph, in a cluster of its own beside the node. */
  private body({ id, op, scope }: Node, body: Graph, position: number): void {
    const { prefix, decoration } = this.scene;
    const step = { key: `%${id} ${position}`, label: `${op} %${id}: ${body.name}` };
    const scene = wholeScene(body, `${prefix}${id}_${position}_`, decoration);
    const inner = new GraphDrawer(scene, [...this.path, ...scopePath(scope), step]).draw();
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

  /** Each output as a row; several that one group gives as one. */
  private outputs(outputs: readonly PlacedOutput[]): void {
    const byGroup = new Map<number, PlacedOutput[]>();
    for (const output of outputs) {
      const place = this.scene.placeOf(output.ref.node);
      const known = place.kind === "group" ? byGroup.get(place.group) : undefined;
      if (known !== undefined) known.push(output);
      else if (place.kind === "group") byGroup.set(place.group, [output]);
      else this.output(output);
    }
    for (const [group, list] of byGroup) {
      const [first] = list;
      if (list.length === 1 && first !== undefined) this.output(first);
      else this.outputsOfGroup(group, list);
    }
  }

  private outputsOfGroup(group: number, outputs: readonly PlacedOutput[]): void {
    const from = `${this.scene.prefix}g${group}`;
    const to = `${from}_outs`;
    const count = formatCount(outputs.length, "output");
    const names = outputs.map(({ name, ref }) => `output ${name}: ${this.printer.operand(ref)}`);
    this.row(to, "output", count, names.join("\n"), []);
    for (const { ref } of outputs) this.bundle(ref, from, to);
  }

  private output({ name, ref, position }: PlacedOutput): void {
    const isLiteral = this.printer.literal(ref.node) !== undefined;
    const from = this.drawnId(ref.node);
    const isShown = isLiteral ? this.scene.placeOf(ref.node).kind === "row" : from !== undefined;
    if (!isShown) return;
    const id = `${this.scene.prefix}_out${position}`;
    const operand = this.printer.operand(ref);
    const label = isLiteral ? `${name} = ${operand}` : name;
    this.row(id, "output", label, `output ${name}: ${operand}`, []);
    if (from !== undefined) this.edge(ref, from, id, `output ${name}`);
  }

  /** What `reader` reads. */
  private connect(ref: Ref, reader: NodeId, tooltip: string): void {
    if (this.printer.literal(ref.node) !== undefined) return;
    const source = this.scene.placeOf(ref.node);
    const target = this.scene.placeOf(reader);
    const from = this.drawnId(ref.node);
    const to = this.drawnId(reader);
    if (to === undefined) {
      if (from !== undefined && source.kind !== "elsewhere") this.noteReader(from, reader);
    } else if (target.kind === "elsewhere") {
      if (from !== undefined && source.kind === "row") this.edge(ref, from, to, tooltip);
    } else if (source.kind === "group" || target.kind === "group") {
      this.bundle(ref, from ?? this.stub(ref.node), to);
    } else {
      this.edge(ref, from ?? this.stub(ref.node), to, tooltip);
    }
  }

  private noteReader(from: string, reader: NodeId): void {
    const readers = this.hiddenReaders.get(from);
    if (readers === undefined) this.hiddenReaders.set(from, new Set([reader]));
    else readers.add(reader);
  }

  /** A row for one that is left out. */
  private stub(id: NodeId): string {
    const { graph, prefix } = this.scene;
    const key = `${prefix}cut${id}`;
    if (this.stubs.has(id)) return key;
    this.stubs.add(id);
    const node = graph.nodes[id];
    const name = node?.op ?? this.printer.inputOf(id)?.name ?? "";
    const label = `${name}\n%${id}`;
    this.row(key, "stub", label, `%${id} ${name}, left out`, scopePath(node?.scope));
    return key;
  }

  /** A row for those left out that read `from`. */
  private readersStub(from: string, count: number): void {
    const to = `${from}_more`;
    const label = formatCount(count, "reader");
    this.row(to, "stub", label, `${label} left out`, []);
    this.edges.push({ from, to, label: "", tooltip: label, isDashed: true });
  }

  private bundle(ref: Ref, from: string, to: string): void {
    if (from === to) return;
    const key = `${from} ${to}`;
    const bundle = this.bundles.get(key) ?? { from, to, values: new Map(), isDashed: true };
    this.bundles.set(key, bundle);
    bundle.values.set(refKey(ref), this.valueLabel(ref));
    bundle.isDashed &&= this.isDashed(ref);
  }

  private bundleEdge({ from, to, values, isDashed }: Bundle): void {
    const [first = ""] = values.values();
    const label = values.size === 1 ? first : formatCount(values.size, "value");
    this.edges.push({ from, to, label, tooltip: [...values.values()].join(", "), isDashed });
  }

  private edge(ref: Ref, from: string, to: string, tooltip: string): void {
    const label = this.valueLabel(ref);
    this.edges.push({ from, to, label, tooltip, isDashed: this.isDashed(ref) });
  }

  private isDashed(ref: Ref): boolean {
    return this.scene.isDashed || this.savedInputs.has(ref.node);
  }

  /** `float32[4]`; `.1: int32[4]` of a row with several results. */
  private valueLabel(ref: Ref): string {
    const type = this.printer.typeOf(ref);
    const result = this.printer.hasSeveralResults(ref.node) ? `.${ref.out}: ` : "";
    return `${result}${type === undefined ? "?" : formatType(type)}`;
  }

  /** A row of the graph, with what the decoration adds. */
  private marked(id: NodeId, kind: RowKind, label: string, tooltip: string, scope?: string): void {
    const { graph, prefix, decoration } = this.scene;
    const { lines = [], fill } = decoration?.row(graph, id) ?? {};
    const text = lines.length === 0 ? label : [label, ...lines].join("\n");
    this.row(`${prefix}${id}`, kind, text, tooltip, this.pathOf(scope), fill);
  }

  private pathOf(scope = ""): readonly PathStep[] {
    const known = this.paths.get(scope);
    if (known !== undefined) return known;
    const path = scopePath(scope);
    this.paths.set(scope, path);
    return path;
  }

  private row(
    id: string,
    kind: RowKind,
    label: string,
    tooltip: string,
    path: readonly PathStep[],
    fill?: string,
  ): void {
    const whole = this.path.length === 0 ? path : [...this.path, ...path];
    this.rows.push({ id, kind, label, tooltip, path: whole, fill: checkedFill(fill) });
  }
}

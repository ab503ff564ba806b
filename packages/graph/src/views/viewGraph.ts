import { freezeGraph } from "../freezeGraph.js";
import {
  type Graph,
  type Input,
  type Node,
  type NodeId,
  nodesOf,
  type Output,
  type Ref,
  refKey,
  typeOf,
} from "../graph.js";
import { literalsOf } from "../print/literals.js";
import { RefTable } from "../refTable.js";
import type { GraphView } from "./graphView.js";

/** Collects the rows of a view, and what stands for those left out. */
class Cutter {
  readonly inputs: Input[] = [];
  readonly nodes: Record<NodeId, Node> = {};
  readonly outputs: Output[];
  private readonly stubs = new RefTable<Ref>();
  private readonly given: ReadonlyMap<NodeId, Input>;
  private readonly names: Set<string>;
  nextId: number;

  constructor(
    private readonly graph: Graph,
    private readonly kept: ReadonlySet<NodeId>,
  ) {
    this.nextId = graph.nextId;
    this.given = new Map(graph.inputs.map((input) => [input.id, input]));
    this.names = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
    this.inputs.push(...graph.inputs.filter(({ id }) => kept.has(id)));
    this.outputs = graph.outputs.filter(({ ref }) => kept.has(ref.node));
  }

  node(node: Node): void {
    this.nodes[node.id] = { ...node, inputs: node.inputs.map((ref) => this.operand(ref)) };
  }

  /** Values that only rows left out read, as outputs. */
  hand(): void {
    const known = new Set(this.outputs.map(({ ref }) => refKey(ref)));
    for (const { id, inputs } of nodesOf(this.graph)) {
      if (this.kept.has(id)) continue;
      for (const ref of inputs) {
        if (this.nodes[ref.node] === undefined || known.has(refKey(ref))) continue;
        known.add(refKey(ref));
        this.outputs.push({ name: this.nameOf(ref), ref });
      }
    }
  }

  private operand(ref: Ref): Ref {
    return this.kept.has(ref.node) ? ref : (this.stubs.get(ref) ?? this.stub(ref));
  }

  /** An input for a value of a row left out, with the row's id where that can be. */
  private stub(ref: Ref): Ref {
    const input = this.given.get(ref.node);
    const id = ref.out === 0 ? ref.node : this.nextId++;
    const type = typeOf(this.graph, ref);
    this.inputs.push(input ?? { id, name: this.nameOf(ref), role: "arg", type });
    const stub = { node: id, out: 0 };
    this.stubs.set(ref, stub);
    return stub;
  }

  private nameOf(ref: Ref): string {
    let name = `cut.${ref.out === 0 ? ref.node : refKey(ref)}`;
    while (this.names.has(name)) name += "_";
    this.names.add(name);
    return name;
  }
}

/**
 * The rows of a view as a graph that stands by itself: what they read of rows left out becomes inputs
 * `cut.5`, by the id of the row, what those read becomes outputs `cut.7`. Rows keep their ids.
 *
 * What `collapseScopes` puts together is left out.
 *
 * @example
 * ```ts
 * const products = viewGraph(selectNodes(graph, "op=dot"));
 * writeFileSync("products.json", toJson(products));
 * ```
 */
export function viewGraph({ graph, rows }: GraphView): Graph {
  const kept = new Set(rows);
  const literals = literalsOf(graph);
  for (const { id, inputs } of nodesOf(graph)) {
    if (!rows.has(id)) continue;
    for (const { node } of inputs) if (literals.has(node)) kept.add(node);
  }
  const cutter = new Cutter(graph, kept);
  const order = graph.order.filter((id) => kept.has(id));
  for (const node of nodesOf(graph)) if (kept.has(node.id)) cutter.node(node);
  cutter.hand();
  const { inputs, nodes, outputs, nextId } = cutter;
  const constants = Object.fromEntries(
    Object.entries(graph.constants).filter(([key]) =>
      inputs.some(({ constant }) => constant === key),
    ),
  );
  return freezeGraph({ ...graph, inputs, nodes, order, outputs, constants, nextId });
}

import { type Graph, type Input, type Node, type NodeId, nodesOf, type Ref } from "../graph.js";
import { attrsKey } from "../hash/graphKey.js";
import { type Literal, literalsOf } from "../print/literals.js";
import { formatType } from "../type.js";

/** A row as it is compared: an input with its position, or a node. */
export type Row =
  | {
      readonly kind: "input";
      readonly id: NodeId;
      readonly input: Input;
      readonly position: number;
    }
  | { readonly kind: "node"; readonly id: NodeId; readonly node: Node; readonly attrs: string };

/** One operand or output: a number, or a result of a row. */
export type Operand =
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "result"; readonly ref: Ref };

/** The rows of a graph as they are compared: numbers belong to the rows that read them. */
export class RowTable {
  readonly rows: readonly Row[];
  private readonly byId: ReadonlyMap<NodeId, Row>;
  private readonly literals: ReadonlyMap<NodeId, Literal>;

  constructor(readonly graph: Graph) {
    this.literals = literalsOf(graph);
    const inputs = graph.inputs.map(
      (input, position): Row => ({ kind: "input", id: input.id, input, position }),
    );
    const nodes = nodesOf(graph)
      .filter(({ id }) => !this.literals.has(id))
      .map((node): Row => ({ kind: "node", id: node.id, node, attrs: attrsKey(node.attrs) }));
    this.rows = [...inputs, ...nodes];
    this.byId = new Map(this.rows.map((row) => [row.id, row]));
  }

  get(id: NodeId): Row | undefined {
    return this.byId.get(id);
  }

  operand(ref: Ref): Operand {
    const literal = this.literals.get(ref.node);
    if (literal === undefined) return { kind: "result", ref };
    return { kind: "number", text: `${literal.text}:${literal.dtype}` };
  }

  /** What a row reads. */
  operands(row: Row): readonly Operand[] {
    return row.kind === "input" ? [] : row.node.inputs.map((ref) => this.operand(ref));
  }
}

/** What a row is, whatever it reads and whoever reads it. */
export function labelOf(row: Row): string {
  if (row.kind === "input") {
    const { name, role, type, constant } = row.input;
    const identity = constant ?? JSON.stringify(name);
    return `${role} ${identity}: ${formatType(type)}`;
  }
  const { op, types } = row.node;
  return `${JSON.stringify(op)}${row.attrs}: ${types.map(formatType).join()}`;
}

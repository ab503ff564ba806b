import { isAttrGraph, isAttrList } from "../attrs.js";
import type { DType } from "../dtype.js";
import {
  type Attrs,
  type AttrValue,
  type Graph,
  type Input,
  type Node,
  type NodeId,
  nodesOf,
  type Ref,
} from "../graph.js";
import { formatType, type TensorType } from "../type.js";
import { formatConstant, isSaidByElements } from "./constantText.js";
import { impliedLiterals, type Literal, literalsOf } from "./literals.js";
import { formatNumber, formatRef, formatWord } from "./words.js";

function formatAttr(value: AttrValue, printBody: (graph: Graph) => string): string {
  if (typeof value === "number") return formatNumber(value);
  if (isAttrList(value)) return `[${value.map((one) => formatAttr(one, printBody)).join(",")}]`;
  if (isAttrGraph(value)) return printBody(value);
  return JSON.stringify(value);
}

/** Prints the rows of one graph. */
export class RowPrinter {
  private readonly names = new Map<NodeId, string>();
  private readonly positions = new Map<NodeId, number>();
  private readonly literals: ReadonlyMap<NodeId, Literal>;
  private readonly types = new Map<NodeId, readonly TensorType[]>();

  /** `full`: nothing is left out. Otherwise all literals are operands, and flags that are off are left out. */
  constructor(
    private readonly graph: Graph,
    private readonly full = false,
  ) {
    graph.inputs.forEach(({ id, name, type }, position) => {
      this.names.set(id, `%${formatWord(name)}`);
      this.positions.set(id, position);
      this.types.set(id, [type]);
    });
    for (const { id, types } of nodesOf(graph)) this.types.set(id, types);
    this.literals = full ? impliedLiterals(graph) : literalsOf(graph);
  }

  literal(id: NodeId): Literal | undefined {
    return this.literals.get(id);
  }

  /** The input of this id; undefined for a node. */
  inputOf(id: NodeId): Input | undefined {
    return this.graph.inputs[this.positions.get(id) ?? -1];
  }

  typeOf(ref: Ref): TensorType | undefined {
    return this.types.get(ref.node)?.[ref.out];
  }

  /** True where the row has several results, so that each is named with its position. */
  hasSeveralResults(id: NodeId): boolean {
    return (this.types.get(id)?.length ?? 1) > 1;
  }

  /** `%x`, `%4`, `%4.1`, `2`; a literal with its dtype where that is not `dtype`. */
  operand(ref: Ref, dtype?: DType): string {
    const literal = this.literals.get(ref.node);
    if (literal !== undefined) {
      return literal.dtype === dtype ? literal.text : `${literal.text}:${literal.dtype}`;
    }
    const name = this.names.get(ref.node);
    if (name !== undefined) return name;
    return this.hasSeveralResults(ref.node) ? `%${ref.node}.${ref.out}` : formatRef(ref);
  }

  /** `head %dy: float32[1] of %3`. */
  input(input: Input): string {
    const { id, name, role, type, of, constant } = input;
    const kind = role === "arg" ? "" : `${role} `;
    const number = id === this.positions.get(id) ? "" : `#${id}`;
    const source = of === undefined ? "" : ` of ${formatRef(of)}`;
    const content = constant === undefined ? "" : ` = ${this.constant(constant)}`;
    return `${kind}%${formatWord(name)}${number}: ${formatType(type)}${source}${content}`;
  }

  /** `%4 = sort(%x) {axis=0} : float32[3], int32[3]`. */
  node(node: Node, printBody: (graph: Graph) => string): string {
    const { id, op, inputs, attrs, types } = node;
    const dtype = types[0]?.dtype;
    const operands = inputs.map((ref) => this.operand(ref, dtype)).join(", ");
    const list = this.attrs(attrs, printBody);
    return `%${id} = ${formatWord(op)}(${operands})${list} : ${types.map(formatType).join(", ")}`;
  }

  private constant(key: string): string {
    const constant = this.graph.constants[key];
    const isTabled = this.full && constant !== undefined && !isSaidByElements(key, constant);
    return isTabled ? `#${key}` : formatConstant(key, constant);
  }

  /** ` {axis=0, mode="clip"}`; sub-graphs as `printBody` gives them. */
  private attrs(attrs: Attrs, printBody: (graph: Graph) => string): string {
    const parts = Object.entries(attrs)
      .filter(([, value]) => this.full || value !== false)
      .map(([name, value]) => `${name}=${formatAttr(value, printBody)}`);
    return parts.length === 0 ? "" : ` {${parts.join(", ")}}`;
  }
}

import { isAttrGraph, isAttrList } from "../attrs.js";
import { decodeConstant } from "../constant.js";
import type { DType } from "../dtype.js";
import {
  type Attrs,
  type AttrValue,
  type Constant,
  type Graph,
  type Input,
  type Node,
  type NodeId,
  nodesOf,
  type Ref,
} from "../graph.js";
import { formatType, sizeOf, type TensorType } from "../type.js";

/** Constants with more elements are printed by their hash. */
const maxConstant = 8;

/** A name as it is where it is a plain word, in quotes elsewhere. */
export function formatWord(text: string): string {
  return /^[A-Za-z_](?:[\w.:/'-]*\w)?$/.test(text) ? text : JSON.stringify(text);
}

/** `nan`, `inf`, `-inf`, `-0`, otherwise JavaScript's shortest form. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (Object.is(value, -0)) return "-0";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "inf" : "-inf";
}

/** `%4`, and `%4.1` for another result than the first. */
export function formatRef({ node, out }: Ref): string {
  return out === 0 ? `%${node}` : `%${node}.${out}`;
}

/** A rank-0 `full`: a number, which is printed where it is used. */
export interface Literal {
  readonly text: string;
  readonly dtype: DType;
}

function literalOf({ op, inputs, attrs, types }: Node): Literal | undefined {
  const [type] = types;
  if (op !== "full" || inputs.length > 0 || type === undefined || types.length > 1)
    return undefined;
  if (type.shape.length > 0 || typeof attrs.value !== "number") return undefined;
  return { text: formatNumber(attrs.value), dtype: type.dtype };
}

function formatAttr(value: AttrValue, printBody: (graph: Graph) => string): string {
  if (typeof value === "number") return formatNumber(value);
  if (isAttrList(value)) return `[${value.map((one) => formatAttr(one, printBody)).join(",")}]`;
  if (isAttrGraph(value)) return printBody(value);
  return JSON.stringify(value);
}

/** ` {axis=0, mode="clip"}`; sub-graphs as `printBody` gives them. A flag that is off is left out. */
function formatAttrs(attrs: Attrs, printBody: (graph: Graph) => string): string {
  const parts = Object.entries(attrs)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => `${name}=${formatAttr(value, printBody)}`);
  return parts.length === 0 ? "" : ` {${parts.join(", ")}}`;
}

function formatConstant(key: string, constant: Constant | undefined): string {
  if (constant === undefined) return formatWord(key);
  const { dtype, shape } = constant;
  if (dtype === "float16" || sizeOf(shape) > maxConstant) return `#${key}`;
  const items = [...decodeConstant(constant)].map((value) =>
    typeof value === "number" ? formatNumber(value) : String(value),
  );
  return `[${items.join(",")}]`;
}

/** Prints the rows of one graph. */
export class RowPrinter {
  private readonly names = new Map<NodeId, string>();
  private readonly literals = new Map<NodeId, Literal>();
  private readonly types = new Map<NodeId, readonly TensorType[]>();

  constructor(private readonly graph: Graph) {
    for (const { id, name, type } of graph.inputs) {
      this.names.set(id, `%${formatWord(name)}`);
      this.types.set(id, [type]);
    }
    for (const node of nodesOf(graph)) {
      this.types.set(node.id, node.types);
      const literal = literalOf(node);
      if (literal !== undefined) this.literals.set(node.id, literal);
    }
  }

  literal(id: NodeId): Literal | undefined {
    return this.literals.get(id);
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
  input(input: Input, position: number): string {
    const { id, name, role, type, of, constant } = input;
    const kind = role === "arg" ? "" : `${role} `;
    const number = id === position ? "" : `#${id}`;
    const source = of === undefined ? "" : ` of ${formatRef(of)}`;
    const table = this.graph.constants;
    const content = constant === undefined ? "" : ` = ${formatConstant(constant, table[constant])}`;
    return `${kind}%${formatWord(name)}${number}: ${formatType(type)}${source}${content}`;
  }

  /** `%4 = sort(%x) {axis=0} : float32[3], int32[3]`. */
  node(node: Node, printBody: (graph: Graph) => string): string {
    const { id, op, inputs, attrs, types } = node;
    const dtype = types[0]?.dtype;
    const operands = inputs.map((ref) => this.operand(ref, dtype)).join(", ");
    const list = formatAttrs(attrs, printBody);
    return `%${id} = ${formatWord(op)}(${operands})${list} : ${types.map(formatType).join(", ")}`;
  }
}

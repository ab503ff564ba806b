import type { DType } from "../dtype.js";
import { type Graph, type Node, type NodeId, nodeOf, nodesOf } from "../graph.js";
import { formatNumber } from "./words.js";

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

/** True where the attributes are what a reader of the text makes of the number alone. */
function saysAll({ attrs, types }: Pick<Node, "attrs" | "types">): boolean {
  const isScalar = Array.isArray(attrs.shape) && attrs.shape.length === 0;
  const names = Object.keys(attrs).join();
  return isScalar && attrs.dtype === types[0]?.dtype && names === "shape,dtype,value";
}

/** All numbers of a graph. */
export function literalsOf(graph: Graph): Map<NodeId, Literal> {
  const literals = new Map<NodeId, Literal>();
  for (const node of nodesOf(graph)) {
    const literal = literalOf(node);
    if (literal !== undefined) literals.set(node.id, literal);
  }
  return literals;
}

/** How often each row is read, by nodes and as an output. */
function readingsOf(graph: Graph): Map<NodeId, number> {
  const readings = new Map<NodeId, number>();
  const count = (id: NodeId) => readings.set(id, (readings.get(id) ?? 0) + 1);
  for (const { inputs } of nodesOf(graph)) for (const { node } of inputs) count(node);
  for (const { ref } of graph.outputs) count(ref.node);
  return readings;
}

/** The row that a literal operand stands for: the id that it has, given its reader. */
export function literalId(reader: NodeId, position: number, count: number): NodeId {
  return reader - count + position;
}

/**
 * The numbers that a text holds completely although it only shows them as operands: those that stand right before their
 * only reader, in order of its operands, with the ids below its own and with its site, scope and origin.
 */
export function impliedLiterals(graph: Graph): Map<NodeId, Literal> {
  const all = literalsOf(graph);
  const readings = readingsOf(graph);
  const implied = new Map<NodeId, Literal>();
  const isFit = (id: NodeId, reader: Node): boolean => {
    const { site, scope, origin, ...node } = nodeOf(graph, id);
    const isAlike = site === reader.site && scope === reader.scope && origin === reader.origin;
    return isAlike && readings.get(id) === 1 && saysAll(node);
  };
  graph.order.forEach((id, at) => {
    const reader = nodeOf(graph, id);
    const ids = reader.inputs.map(({ node }) => node).filter((node) => all.has(node));
    const fits = ids.every((node, position) => {
      const isInPlace = graph.order[at - ids.length + position] === node;
      const hasItsId = literalId(id, position, ids.length) === node;
      return isInPlace && hasItsId && isFit(node, reader);
    });
    if (!fits) return;
    for (const node of ids) {
      const literal = all.get(node);
      if (literal !== undefined) implied.set(node, literal);
    }
  });
  return implied;
}

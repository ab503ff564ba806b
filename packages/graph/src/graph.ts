import type { DType } from "./dtype.js";
import type { Shape, TensorType } from "./type.js";

/** Names a row (an input or a node) of one graph. Inputs and nodes share one numbering; passes keep it. */
export type NodeId = number;

/** One output of one row. Inputs have the single output 0. */
export interface Ref {
  readonly node: NodeId;
  readonly out: number;
}

/** Plain data; a graph as an attribute is the body of a `call`. */
export type AttrValue = number | string | boolean | null | readonly AttrValue[] | Graph;

export type Attrs = { readonly [name: string]: AttrValue };

/**
 * - `arg`: given by whoever runs the graph
 * - `const`: a tensor of the graph's own constant table
 * - `head`: a head gradient
 * - `saved`: a value that the forward graph hands over
 */
export type InputRole = "arg" | "const" | "head" | "saved";

export interface Input {
  readonly id: NodeId;
  readonly name: string;
  readonly role: InputRole;
  readonly type: TensorType;
  /** `head`, `saved`: the value of the forward graph that this input stands for. */
  readonly of?: Ref | undefined;
  /** `const`: key in the graph's constant table. */
  readonly constant?: string | undefined;
  readonly site?: string | undefined;
}

export interface Node {
  readonly id: NodeId;
  readonly op: string;
  readonly inputs: readonly Ref[];
  readonly attrs: Attrs;
  /** One per output. */
  readonly types: readonly TensorType[];
  /** `file:line` of the user's own code. */
  readonly site?: string | undefined;
  /** The user's block, `mlp/dense1`. */
  readonly scope?: string | undefined;
  /** In a gradient graph: the row of the forward graph that this node differentiates. */
  readonly origin?: NodeId | undefined;
}

export interface Output {
  readonly name: string;
  readonly ref: Ref;
}

/** A constant tensor as plain data: little-endian row-major bytes in base64. */
export interface Constant {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly bytes: string;
}

/**
 * A closed program as frozen plain data. Rows refer to rows by id, never by object, so that a graph survives
 * `JSON.stringify` and a pass's change is a small diff.
 */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly nodes: { readonly [id: NodeId]: Node };
  /** Ids of `nodes`, every node after the rows that it reads. */
  readonly order: readonly NodeId[];
  readonly outputs: readonly Output[];
  /** Constant tensors by content hash. */
  readonly constants: { readonly [hash: string]: Constant };
  /** The smallest id that was never used, so that new rows never take the id of a removed one. */
  readonly nextId: NodeId;
}

export function sameRef(a: Ref, b: Ref): boolean {
  return a.node === b.node && a.out === b.out;
}

/** A key for maps by `Ref`. */
export function refKey(ref: Ref): string {
  return `${ref.node}.${ref.out}`;
}

/** The node with this id. Throws where there is none: an internal error, as verified graphs have no dangling ids. */
export function nodeOf(graph: Graph, id: NodeId): Node {
  const node = graph.nodes[id];
  if (node === undefined) throw new Error(`graph ${graph.name}: no node %${id}`);
  return node;
}

/** The nodes in topological order. */
export function nodesOf(graph: Graph): Node[] {
  return graph.order.map((id) => nodeOf(graph, id));
}

/** The type of the value that `ref` names. */
export function typeOf(graph: Graph, ref: Ref): TensorType {
  const node = graph.nodes[ref.node];
  const type =
    node === undefined
      ? graph.inputs.find((input) => input.id === ref.node)?.type
      : node.types[ref.out];
  if (type === undefined) throw new Error(`graph ${graph.name}: no value %${refKey(ref)}`);
  return type;
}

import type { TypedArray } from "../dtype.js";
import type { Attrs, Node, Ref } from "../graph.js";
import type { Emitter, OpDef, Registry, Value } from "../op.js";
import type { TensorType } from "../type.js";

/** A node as a rule sees it: operator, arguments and results, ready for operator functions. */
export interface NodeView {
  readonly node: Node;
  readonly op: OpDef;
  readonly attrs: Attrs;
  readonly ins: readonly Value[];
  readonly outs: readonly Value[];
}

/** What a rule may use: it looks around and makes new nodes, but changes nothing itself. */
export interface RewriteTools extends Emitter<Value> {
  readonly registry: Registry;
  /** The value that `ref` names, or what has replaced it. */
  value(ref: Ref): Value;
  /** The node that makes this value; undefined for an input of the graph. */
  producer(value: Value | Ref): NodeView | undefined;
  /** How many nodes read this value; the graph's outputs count as one reader. */
  readerCount(value: Value | Ref): number;
  /** A constant tensor of the graph; `data` is row-major and copied. */
  constant(data: TypedArray, type: TensorType): Value;
}

/** True where both are the same result of the same row. */
export function sameValue(a: Value, b: Value): boolean {
  return a.id === b.id && a.out === b.out;
}

export function toRef(value: Value | Ref): Ref {
  return "node" in value ? value : { node: value.id, out: value.out };
}

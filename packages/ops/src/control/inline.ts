import {
  Builder,
  decodeConstant,
  type Graph,
  GraphError,
  type Node,
  nodesOf,
  type OpDef,
  type Ref,
  refKey,
  type Value,
} from "@adjoint/graph";
import { nth } from "../core/define.js";

/** Finds an operator by its name. */
export type OpLookup = (name: string) => OpDef;

/** The inputs that whoever calls a graph gives: all but its constants. */
export function parametersOf(graph: Graph): Graph["inputs"] {
  return graph.inputs.filter(({ role }) => role !== "const");
}

/**
 * Emits every node of `graph` where `emitter` puts it; `ins` stand for its inputs without the constants, in order.
 * Gives the values of its outputs.
 */
export function inline(
  graph: Graph,
  emitter: Value["emitter"],
  ins: readonly Value[],
  lookup: OpLookup,
): readonly Value[] {
  const values = new Map<string, Value>();
  const lookUp = (ref: Ref): Value => {
    const value = values.get(refKey(ref));
    if (value !== undefined) return value;
    throw new GraphError({ op: "call", problem: `no value %${refKey(ref)} in ${graph.name}` });
  };
  parametersOf(graph).forEach(({ id }, position) => {
    values.set(refKey({ node: id, out: 0 }), nth("call", ins, position));
  });
  for (const { id, constant } of graph.inputs) {
    if (constant === undefined) continue;
    values.set(refKey({ node: id, out: 0 }), constantOf(graph, constant, emitter));
  }
  for (const node of nodesOf(graph)) {
    emitAgain(node, emitter, node.inputs.map(lookUp), lookup).forEach((value, out) => {
      values.set(refKey({ node: node.id, out }), value);
    });
  }
  return graph.outputs.map(({ ref }) => lookUp(ref));
}

/** The node beside other values; a builder is told where it comes from, where the node says so. */
function emitAgain(
  { op, attrs, site, scope }: Node,
  emitter: Value["emitter"],
  ins: readonly Value[],
  lookup: OpLookup,
): readonly Value[] {
  const emit = () => emitter.emit(lookup(op), ins, attrs);
  if (!(emitter instanceof Builder)) return emit();
  const origin = {
    ...(site === undefined ? {} : { site }),
    ...(scope === undefined ? {} : { scope }),
  };
  return emitter.within(origin, emit);
}

function constantOf(graph: Graph, hash: string, emitter: Value["emitter"]): Value {
  const constant = graph.constants[hash];
  if (constant !== undefined) return emitter.constant(decodeConstant(constant), constant);
  throw new GraphError({ op: "call", problem: `no constant ${hash} in ${graph.name}` });
}

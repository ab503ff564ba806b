import {
  Builder,
  decodeConstant,
  type Graph,
  GraphError,
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
 * Emits every node of `graph` beside `ins`, which stand for its inputs without the constants, in order; gives the values
 * of its outputs. At least one input.
 */
export function inline(graph: Graph, ins: readonly Value[], lookup: OpLookup): readonly Value[] {
  const { emitter } = nth("call", ins, 0);
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
  for (const { id, op, inputs, attrs } of nodesOf(graph)) {
    emitter.emit(lookup(op), inputs.map(lookUp), attrs).forEach((value, out) => {
      values.set(refKey({ node: id, out }), value);
    });
  }
  return graph.outputs.map(({ ref }) => lookUp(ref));
}

function constantOf(graph: Graph, hash: string, emitter: Value["emitter"]): Value {
  const constant = graph.constants[hash];
  if (constant !== undefined && emitter instanceof Builder) {
    return emitter.constant(decodeConstant(constant), constant);
  }
  throw new GraphError({ op: "call", problem: `no place for constant ${hash} of ${graph.name}` });
}

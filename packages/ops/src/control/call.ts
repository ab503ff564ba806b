import {
  ArgumentError,
  equalTypes,
  formatType,
  type Graph,
  type OpDef,
  type TensorType,
  typeOf,
} from "@adjoint/graph";
import { defineOp } from "../core/define.js";
import { inline, type OpLookup, parametersOf } from "./inline.js";

export type CallAttrs = {
  graph: Graph;
  /** What dumps show. */
  name: string;
};

function checkArguments(graph: Graph, ins: readonly TensorType[]): void {
  const wanted = parametersOf(graph).map(({ type }) => type);
  const fits =
    wanted.length === ins.length &&
    wanted.every((type, position) => {
      const given = ins[position];
      return given !== undefined && equalTypes(type, given);
    });
  if (fits) return;
  throw new ArgumentError({
    op: "call",
    problem: `arguments do not fit the inputs of ${graph.name}`,
    received: ins.map(formatType).join(", "),
    allowed: wanted.map(formatType).join(", "),
  });
}

/**
 * The operator that applies a graph as one node. It knows other operators by name only, and so is made with their lookup.
 */
export function callOp(lookup: OpLookup): OpDef<CallAttrs> {
  return defineOp<CallAttrs>({
    name: "call",
    arity: { min: 1 },
    attrs: { graph: "graph", name: "string" },
    infer(ins, { graph }) {
      checkArguments(graph, ins);
      return graph.outputs.map(({ ref }) => typeOf(graph, ref));
    },
    compose: (ins, { graph }) => inline(graph, ins, lookup),
    docs: [
      "A graph applied to arguments, one per input but for its own constants; its outputs are the results.",
      "Derivative: that of the graph.",
    ].join("\n"),
  });
}

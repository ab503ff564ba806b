import type { Graph, OpDef } from "@adjoint/graph";
import { defineOp, nth } from "../core/define.js";
import { checkArguments, resultTypes } from "./body.js";
import { inline, type OpLookup } from "./inline.js";

export type CallAttrs = {
  graph: Graph;
  /** What dumps show. */
  name: string;
};

/**
 * The operator that applies a graph as one node. It knows other operators by name only, and so is made with their lookup.
 */
export function callOp(lookup: OpLookup): OpDef<CallAttrs> {
  return defineOp<CallAttrs>({
    name: "call",
    arity: { min: 1 },
    attrs: { graph: "graph", name: "string" },
    infer(ins, { graph }) {
      checkArguments("call", graph, ins);
      return resultTypes(graph);
    },
    compose: (ins, { graph }) => inline(graph, nth("call", ins, 0).emitter, ins, lookup),
    docs: [
      "A graph applied to arguments, one per input but for its own constants; its outputs are the results.",
      "Derivative: that of the graph.",
    ].join("\n"),
  });
}

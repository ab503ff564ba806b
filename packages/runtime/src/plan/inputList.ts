import { ArgumentError, type Graph } from "@adjoint/graph";
import type { Tensor } from "../tensor.js";

/** Inputs of a graph by name, or in the order of the graph's inputs without its constants. */
export type GraphInputs = Readonly<Record<string, Tensor>> | readonly Tensor[];

/** The inputs in order. Throws an ArgumentError where a name is missing or unknown. */
export function inputList(graph: Graph, inputs: GraphInputs): readonly Tensor[] {
  return isList(inputs) ? inputs : byName(graph, inputs);
}

function isList(inputs: GraphInputs): inputs is readonly Tensor[] {
  return Array.isArray(inputs);
}

function byName(graph: Graph, inputs: Readonly<Record<string, Tensor>>): Tensor[] {
  const wanted = graph.inputs.filter(({ role }) => role !== "const").map(({ name }) => name);
  const unknown = Object.keys(inputs).find((name) => !wanted.includes(name));
  const missing = wanted.find((name) => inputs[name] === undefined);
  if (unknown !== undefined || missing !== undefined) {
    throw new ArgumentError({
      op: graph.name,
      problem: unknown === undefined ? `input ${missing} is missing` : `no input ${unknown}`,
      received: Object.keys(inputs).join(", "),
      allowed: wanted.join(", "),
    });
  }
  return wanted.flatMap((name) => inputs[name] ?? []);
}

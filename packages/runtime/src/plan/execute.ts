import { ArgumentError, type Graph, type Registry } from "@adjoint/graph";
import type { Tensor } from "../tensor.js";
import { type PlanOptions, plan, type RunOptions } from "./plan.js";

/**
 * Plans a graph and runs it once. `inputs` by name, or in the order of the graph's inputs without
 * its constants. Throws what `plan` and `Plan.run` throw, and an ArgumentError where a name is
 * missing.
 *
 * @example
 * ```ts
 * const [y] = execute(graph, { x: tensorOf([1, 2], "float32") }, registry);
 * ```
 */
export function execute(
  graph: Graph,
  inputs: Readonly<Record<string, Tensor>> | readonly Tensor[],
  registry: Registry,
  options: PlanOptions & RunOptions = {},
): Tensor[] {
  const list = isList(inputs) ? inputs : byName(graph, inputs);
  return plan(graph, registry, options).run(list, options);
}

function isList(
  inputs: Readonly<Record<string, Tensor>> | readonly Tensor[],
): inputs is readonly Tensor[] {
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

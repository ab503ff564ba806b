import type { Graph, Registry } from "@adjoint/graph";
import type { Tensor } from "../tensor.js";
import { type GraphInputs, inputList } from "./inputList.js";
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
  inputs: GraphInputs,
  registry: Registry,
  options: PlanOptions & RunOptions = {},
): Tensor[] {
  return plan(graph, registry, options).run(inputList(graph, inputs), options);
}

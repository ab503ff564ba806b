import type { GraphRunner } from "@adjoint/autograd";
import type { Graph } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import { createTensor, type Plan, plan, toNumbers } from "@adjoint/runtime";
import { lowered } from "../lowered.js";

/** Runs graphs on plain numbers by the interpreter; each graph is planned once. */
export function graphRunner(): GraphRunner {
  const plans = new WeakMap<Graph, Plan>();
  return (graph, inputs) => {
    let known = plans.get(graph);
    if (known === undefined) {
      known = plan(lowered(graph), registry, { lower: lowered });
      plans.set(graph, known);
    }
    const tensors = graph.inputs.flatMap(({ role, type }, position) =>
      role === "const" ? [] : [createTensor(type, inputs[position] ?? [])],
    );
    return known.run(tensors).map(toNumbers);
  };
}

import { gradientPasses } from "@adjoint/autograd";
import { type Graph, lower, runPasses } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import { type Plan, plan } from "@adjoint/runtime";
import { lowered } from "../lowered.js";

/** A graph as it was traced, simplified: forward and backward share what they have in common. */
export function simplified(graph: Graph): Graph {
  return runPasses(graph, gradientPasses, { registry }).graph;
}

/** A plan for a traced graph. Composites are expanded first, and what their parts have in common is merged. */
export function planProgram(graph: Graph): Plan {
  const parts = runPasses(graph, [lower, ...gradientPasses], { registry }).graph;
  return plan(parts, registry, { lower: lowered });
}

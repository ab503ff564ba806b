import { gradientPasses, planPasses } from "@adjoint/autograd";
import { type Graph, runPasses } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import type { Plan, PlanOptions } from "@adjoint/runtime";

/** Plans graphs for compiled functions. */
export interface PlanHost {
  /** A plan for a graph of primitive operators; `memory` says whose memory its results may take. */
  planOf(graph: Graph, memory: PlanMemory): Plan;
}

export type PlanMemory = Pick<PlanOptions, "donate" | "reuse">;

/** Makes the plans of one compiled function, and counts them. */
export class Planner {
  plans = 0;

  constructor(private readonly host: PlanHost) {}

  /** A plan for a traced graph. Composites are expanded first, and what their parts have in common is merged. */
  plan(graph: Graph, memory: PlanMemory): Plan {
    this.plans++;
    const parts = runPasses(graph, planPasses, { registry }).graph;
    return this.host.planOf(parts, memory);
  }
}

/** A graph as it was traced, simplified: forward and backward share what they have in common. */
export function simplified(graph: Graph): Graph {
  return runPasses(graph, gradientPasses, { registry }).graph;
}

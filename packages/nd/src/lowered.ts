import { type Graph, lower, runPasses } from "@adjoint/graph";
import { registry } from "@adjoint/ops";

/** The graph with every composite operator expanded, as the runtime wants it. */
export function lowered(graph: Graph): Graph {
  return runPasses(graph, [lower], { registry }).graph;
}

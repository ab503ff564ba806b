import type { Graph, Registry } from "@adjoint/graph";

export function tidyGradient(graph: Graph, _registry: Registry): Graph {
  return graph;
}

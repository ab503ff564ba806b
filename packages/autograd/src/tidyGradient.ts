import {
  commonSubexpressions,
  deadCode,
  type Graph,
  type Pass,
  type Registry,
  runPasses,
} from "@adjoint/graph";

/** What every gradient graph goes through: nothing here changes a number. */
export const gradientPasses: readonly Pass[] = [commonSubexpressions, deadCode];

/** The gradient graph without what the reverse pass made in vain; saved values that nobody reads go too. */
export function tidyGradient(graph: Graph, registry: Registry): Graph {
  return runPasses(graph, gradientPasses, { registry }).graph;
}

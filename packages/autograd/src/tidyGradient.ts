import {
  commonSubexpressions,
  deadCode,
  type Graph,
  type Pass,
  type PassResult,
  type Registry,
  lower,
  runPasses,
} from "@adjoint/graph";
import { algebraicSimplification } from "@adjoint/ops";

/** What every derived graph goes through: nothing here changes a number. */
export const gradientPasses: readonly Pass[] = [
  // First, since a rule makes many values that nobody uses, and none of them is worth simplifying.
  deadCode,
  algebraicSimplification(),
  commonSubexpressions,
  deadCode,
];

/** What a tidied graph goes through before compiled functions plan it: what the parts of composites share is merged. */
export const planPasses: readonly Pass[] = [lower, ...gradientPasses];

/** What a program goes through, from as it was recorded until it is planned. */
export const programPasses: readonly Pass[] = [...gradientPasses, ...planPasses];

/**
 * A derived graph without what its derivation made in vain, and what each pass did to it. Saved values that nobody
 * reads any more go too.
 */
export function tidied(graph: Graph, registry: Registry): PassResult {
  return runPasses(graph, gradientPasses, { registry });
}

/** The gradient graph without what the reverse pass made in vain; saved values that nobody reads go too. */
export function tidyGradient(graph: Graph, registry: Registry): Graph {
  return tidied(graph, registry).graph;
}

import type { Graph, Registry } from "@adjoint/graph";
import { registry as allOperators } from "@adjoint/ops";
import { type GradientOptions, gradient } from "./gradient.js";
import { joint } from "./joint.js";
import { floatInputs, floatOutputs, namesOf } from "./naming.js";
import { tidyGradient } from "./tidyGradient.js";

/**
 * The vector-Jacobian product as one graph: arguments and head gradients `head.…` in, results and gradients `grad.…`
 * out. By default from all outputs to all inputs that are of a floating dtype.
 *
 * @throws ArgumentError for a name that the graph does not have
 * @example
 * ```ts
 * const pullback = vjp(graph); // (x, head.y) -> (y, grad.x)
 * ```
 */
export function vjp(graph: Graph, options: GradientOptions = {}): Graph {
  const { heads = namesOf(floatOutputs(graph)), wrt = namesOf(floatInputs(graph)) } = options;
  const registry: Registry = options.registry ?? allOperators;
  const both = joint(gradient(graph, { heads, wrt, registry }), registry);
  return tidyGradient(renamed(both, `${graph.name}.vjp`), registry);
}

function renamed(graph: Graph, name: string): Graph {
  return Object.freeze({ ...graph, name });
}

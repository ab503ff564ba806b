import {
  type Graph,
  lower,
  type Node,
  type NodeId,
  nodesOf,
  type Registry,
  runPasses,
} from "@adjoint/graph";
import { type InterpretedPlan, plan } from "./plan.js";

/** A graph with composite operators, ready to run. */
export interface PlannedGraph {
  readonly plan: InterpretedPlan;
  /** The row of the graph that each planned node computes, or computes a part of. */
  readonly rowOf: ReadonlyMap<NodeId, NodeId>;
}

/** The graph with every node as its own origin: what a node is expanded to keeps that. */
function withOwnOrigins(graph: Graph): Graph {
  const nodes: Record<NodeId, Node> = {};
  for (const node of nodesOf(graph)) nodes[node.id] = { ...node, origin: node.id };
  return { ...graph, nodes };
}

/**
 * Expands the composites of a graph and plans it for the interpreter.
 *
 * @throws what `plan` throws
 * @example
 * ```ts
 * const { plan, rowOf } = planGraph(graph, registry);
 * plan.steps.map(({ node }) => rowOf.get(node));
 * ```
 */
export function planGraph(graph: Graph, registry: Registry): PlannedGraph {
  const lowered = (body: Graph) => runPasses(body, [lower], { registry }).graph;
  const expanded = lowered(withOwnOrigins(graph));
  const rowOf = new Map<NodeId, NodeId>();
  for (const { id, origin } of nodesOf(expanded)) rowOf.set(id, origin ?? id);
  return { plan: plan(expanded, registry, { lower: lowered }), rowOf };
}

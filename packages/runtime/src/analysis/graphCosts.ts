import {
  byteLengthOf,
  type Graph,
  type Node,
  type NodeId,
  nodesOf,
  RefTable,
  type Registry,
  type TensorType,
} from "@adjoint/graph";
import { planGraph } from "../plan/planGraph.js";
import { addCosts, type Cost, kernelCost, noCost } from "./kernelCost.js";
import { liveBytes } from "./liveBytes.js";
import { nodeGraph } from "./nodeGraph.js";

/** What one node takes. */
export interface NodeCost extends Cost {
  readonly node: NodeId;
  /** Bytes that the run holds while this node is computed: temporaries and results so far. */
  readonly live: number;
  /** Bytes of its results that are handed over to the gradient. */
  readonly saved: number;
}

/** What a graph takes, by the descriptions of its kernels; nothing is run. Plain data. */
export interface GraphCosts extends Cost {
  /** In the graph's order. */
  readonly nodes: readonly NodeCost[];
  /** The most bytes held at one time, besides inputs and constants. */
  readonly peak: number;
  /** Bytes of all values that are handed over to the gradient, inputs included. */
  readonly saved: number;
}

/** Types of all values of a graph. */
export function typesOf(graph: Graph): RefTable<TensorType> {
  const types = new RefTable<TensorType>();
  for (const { id, type } of graph.inputs) types.set({ node: id, out: 0 }, type);
  for (const { id, types: outs } of nodesOf(graph)) {
    outs.forEach((type, out) => {
      types.set({ node: id, out }, type);
    });
  }
  return types;
}

/** Costs by kernel descriptions; bodies are looked at once. */
class CostModel {
  private readonly bodies = new Map<Graph, Cost>();

  constructor(private readonly registry: Registry) {}

  node(node: Node, types: RefTable<TensorType>): Cost {
    const ins = node.inputs.flatMap((ref) => types.get(ref) ?? []);
    const { kernel } = this.registry.get(node.op);
    if (kernel === undefined) return this.total(nodeGraph(node, ins, this.registry));
    const described = kernel(ins, node.attrs, node.types);
    return kernelCost(described, { ins, outs: node.types }, (body) => this.body(body));
  }

  private body(graph: Graph): Cost {
    const known = this.bodies.get(graph) ?? this.total(graph);
    this.bodies.set(graph, known);
    return known;
  }

  private total(graph: Graph): Cost {
    const types = typesOf(graph);
    return nodesOf(graph)
      .map((node) => this.node(node, types))
      .reduce(addCosts, noCost);
  }
}

/** Bytes of each row's results that outputs `saved.…` hand over. */
function savedBytes(graph: Graph, types: RefTable<TensorType>): Map<NodeId, number> {
  const saved = new Map<NodeId, number>();
  for (const { name, ref } of graph.outputs) {
    const type = types.get(ref);
    if (!name.startsWith("saved.") || type === undefined) continue;
    saved.set(ref.node, (saved.get(ref.node) ?? 0) + byteLengthOf(type));
  }
  return saved;
}

/**
 * Operations, memory traffic, memory held and values saved, per node and in all, by the rules of
 * `kernelCost` and by the plan. A composite takes what it expands to.
 *
 * @throws what `plan` throws
 * @example
 * ```ts
 * const { flops, peak } = graphCosts(graph, registry);
 * ```
 */
export function graphCosts(graph: Graph, registry: Registry): GraphCosts {
  const model = new CostModel(registry);
  const types = typesOf(graph);
  const saved = savedBytes(graph, types);
  const live = liveBytes(planGraph(graph, registry));
  const nodes = nodesOf(graph).map((node) => ({
    node: node.id,
    ...model.node(node, types),
    live: live.byRow.get(node.id) ?? 0,
    saved: saved.get(node.id) ?? 0,
  }));
  return {
    nodes,
    ...nodes.reduce<Cost>(addCosts, noCost),
    peak: live.peak,
    saved: [...saved.values()].reduce((sum, bytes) => sum + bytes, 0),
  };
}

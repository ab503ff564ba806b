import {
  GraphError,
  type Graph,
  type Kernel,
  type Node,
  nodesOf,
  type Ref,
  refKey,
  type Registry,
  type TensorType,
  typeOf,
} from "@adjoint/graph";
import type { KernelProgram } from "../fuse/index.js";

/** The kernels of a graph of primitive operators. Throws a GraphError where a composite is left. */
export function kernelProgram(
  graph: Graph,
  registry: Registry,
  keep: "outputs" | "all",
): KernelProgram {
  const types = new Map<string, TensorType>();
  for (const { id, type } of graph.inputs) types.set(refKey({ node: id, out: 0 }), type);
  const nodes = nodesOf(graph).map((node) => {
    node.types.forEach((type, out) => {
      types.set(refKey({ node: node.id, out }), type);
    });
    return { node, kernel: kernelOf(graph, registry, node, types) };
  });
  return {
    inputs: graph.inputs,
    nodes,
    outputs: resultsOf(graph, keep),
    typeOf: (ref) => types.get(refKey(ref)) ?? typeOf(graph, ref),
  };
}

/** What a run returns: the outputs, and with `all` every other value of a node after them. */
export function resultsOf(graph: Graph, keep: "outputs" | "all"): Ref[] {
  const results = graph.outputs.map(({ ref }) => ref);
  if (keep === "outputs") return results;
  const known = new Set(results.map(refKey));
  for (const { id, types } of nodesOf(graph)) {
    for (let out = 0; out < types.length; out++) {
      const ref = { node: id, out };
      if (!known.has(refKey(ref))) results.push(ref);
    }
  }
  return results;
}

function kernelOf(
  graph: Graph,
  registry: Registry,
  node: Node,
  types: ReadonlyMap<string, TensorType>,
): Kernel {
  const op = registry.get(node.op);
  if (op.kernel === undefined) {
    throw new GraphError({
      op: node.op,
      problem: "a composite operator has no kernel; lower the graph first",
      received: `node %${node.id} of ${graph.name}`,
      allowed: "primitive operators",
      site: node.site,
    });
  }
  const ins = node.inputs.map((ref) => types.get(refKey(ref)) ?? typeOf(graph, ref));
  return op.kernel(ins, node.attrs, node.types);
}

import {
  Builder,
  type Graph,
  lower,
  type Node,
  type Registry,
  runPasses,
  type TensorType,
} from "@adjoint/graph";

/** The graph with every composite operator expanded. */
export function loweredGraph(graph: Graph, registry: Registry): Graph {
  return runPasses(graph, [lower], { registry }).graph;
}

/** One node as a graph of its own, with composites expanded: its arguments in, its results out. */
export function nodeGraph(node: Node, ins: readonly TensorType[], registry: Registry): Graph {
  const op = registry.get(node.op);
  const builder = new Builder(node.op);
  const values = ins.map((type, position) => builder.input(`x${position}`, type));
  const results = builder.within({ site: node.site }, () => builder.emit(op, values, node.attrs));
  results.forEach((value, out) => {
    builder.output(`y${out}`, value);
  });
  return loweredGraph(builder.finish(), registry);
}

import {
  ArgumentError,
  Builder,
  type Graph,
  type Node,
  type NodeId,
  nodesOf,
  type Ref,
  type Registry,
  refKey,
  typeOf,
} from "@adjoint/graph";
import { registry as allOperators, checkInteger, nth } from "@adjoint/ops";
import { addInputs, lookUp, repeatNode, type ValueTable } from "./inline.js";

export interface CheckpointOptions {
  /** Into how many parts of equally many nodes the graph is cut; 1 unless given. */
  readonly segments?: number;
  /** Default: all operators of this library. */
  readonly registry?: Registry;
}

/**
 * The same program as a chain of `call` nodes, one per segment. The gradient of a `call` computes again what it needs
 * of the call's inside, so that only values between segments are saved: less memory for one more forward run. With
 * `segments` near the square root of the number of layers, memory grows with that root (Chen et al., "Training deep
 * nets with sublinear memory cost", 2016).
 *
 * @throws AttributeError for a number of segments that is not a positive integer; ArgumentError for a graph without
 *   inputs
 * @example
 * ```ts
 * const { forward } = gradient(checkpoint(deep, { segments: 8 }));
 * ```
 */
export function checkpoint(graph: Graph, options: CheckpointOptions = {}): Graph {
  const registry = options.registry ?? allOperators;
  const count = checkInteger("checkpoint", "segments", options.segments ?? 1, 1);
  const builder = new Builder(graph.name);
  const values = addInputs(builder, graph);
  if (builder.inputNames.size === 0) {
    throw new ArgumentError({
      op: "checkpoint",
      problem: "graph has no inputs that its values could be computed from again",
      received: graph.name,
    });
  }
  const dependent = dependentRows(graph);
  const nodes = nodesOf(graph);
  for (const node of nodes)
    if (!dependent.has(node.id)) repeatNode(builder, node, values, registry);
  const segments = cutInto(
    nodes.filter(({ id }) => dependent.has(id)),
    count,
  );
  const readers = readersOf(graph, segments);
  segments.forEach((segment, index) => {
    const name = segments.length === 1 ? graph.name : `${graph.name}.${index + 1}`;
    const isRead = (ref: Ref) => [...(readers.get(refKey(ref)) ?? [])].some((by) => by !== index);
    const { body, ins, outs } = bodyOf(graph, name, segment, isRead, registry);
    if (outs.length === 0) return;
    const given = ins.map((ref) => lookUp(values, ref));
    const results = builder.emit(registry.get("call"), given, { graph: body, name });
    for (const [out, ref] of outs.entries()) values.set(refKey(ref), nth("call", results, out));
  });
  for (const { name, ref } of graph.outputs) builder.output(name, lookUp(values, ref));
  return builder.finish();
}

/** Rows that depend on an input. The others cost nothing to keep, and a call without arguments is none. */
function dependentRows(graph: Graph): ReadonlySet<NodeId> {
  const rows = new Set(graph.inputs.map(({ id }) => id));
  for (const { id, inputs } of nodesOf(graph)) {
    if (inputs.some(({ node }) => rows.has(node))) rows.add(id);
  }
  return rows;
}

function cutInto(nodes: readonly Node[], count: number): readonly (readonly Node[])[] {
  const length = Math.ceil(nodes.length / count);
  const segments: Node[][] = [];
  for (let start = 0; start < nodes.length; start += length) {
    segments.push(nodes.slice(start, start + length));
  }
  return segments;
}

/** Who reads a value: positions of segments, and -1 for the graph's outputs. */
function readersOf(
  graph: Graph,
  segments: readonly (readonly Node[])[],
): ReadonlyMap<string, ReadonlySet<number>> {
  const readers = new Map<string, Set<number>>();
  const add = (ref: Ref, reader: number) => {
    const key = refKey(ref);
    readers.set(key, (readers.get(key) ?? new Set<number>()).add(reader));
  };
  segments.forEach((nodes, index) => {
    for (const { inputs } of nodes) for (const ref of inputs) add(ref, index);
  });
  for (const { ref } of graph.outputs) add(ref, -1);
  return readers;
}

interface Body {
  readonly body: Graph;
  /** What the body's inputs and outputs are in the whole graph. */
  readonly ins: readonly Ref[];
  readonly outs: readonly Ref[];
}

/** Some of a graph's nodes as a graph of its own. Filled arrays and the like are made inside. */
function bodyOf(
  graph: Graph,
  name: string,
  nodes: readonly Node[],
  isReadElsewhere: (ref: Ref) => boolean,
  registry: Registry,
): Body {
  const builder = new Builder(name);
  const values: ValueTable = new Map();
  const ins: Ref[] = [];
  const outs: Ref[] = [];
  for (const node of nodes) {
    for (const ref of node.inputs) {
      if (values.has(refKey(ref))) continue;
      const source = graph.nodes[ref.node];
      if (source?.inputs.length === 0) repeatNode(builder, source, values, registry);
      else {
        values.set(refKey(ref), builder.input(`in${ins.length}`, typeOf(graph, ref)));
        ins.push(ref);
      }
    }
    repeatNode(builder, node, values, registry);
    for (const out of node.types.keys()) {
      const ref = { node: node.id, out };
      if (!isReadElsewhere(ref)) continue;
      builder.output(`out${outs.length}`, lookUp(values, ref));
      outs.push(ref);
    }
  }
  return { body: builder.finish(), ins, outs };
}

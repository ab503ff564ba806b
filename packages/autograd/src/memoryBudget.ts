import {
  byteLengthOf,
  type Graph,
  type Node,
  type NodeId,
  nodesOf,
  type Ref,
  type Registry,
  refKey,
  typeOf,
} from "@adjoint/graph";

/** Bytes of intermediate values, as the order of the graphs has them alive: inputs and results aside. */
export interface PlannedMemory {
  /** Handed over from the program to its gradient. */
  readonly saved: number;
  /** The most at one time. */
  readonly peak: number;
}

/** A program and its gradient. */
interface Pair {
  readonly forward: Graph;
  readonly backward: Graph;
}

/**
 * Derives a gradient that stays within a budget. Choices of values to give up are tried in a fixed order, from none to
 * nearly all; the first whose peak fits is taken. So a larger budget never gives up more, nor lowers the peak.
 *
 * Of a chain of n values, first every other one is given up, then every other one of the rest, and so on: with a
 * distance d between those that are kept, memory is about n / d + d (Chen et al., "Training deep nets with sublinear
 * memory cost", 2016). Products and convolutions, which cost more to repeat than their memory is worth, come last.
 */
export function withinBudget<P extends Pair>(
  budget: number,
  graph: Graph,
  registry: Registry,
  derive: (kept?: ReadonlySet<string>) => P,
): P & { readonly memory: PlannedMemory } {
  const measured = (kept?: ReadonlySet<string>) => {
    const pair = derive(kept);
    return { ...pair, memory: plannedMemory(pair) };
  };
  let best = measured();
  if (best.memory.peak <= budget) return best;
  for (const kept of choices(graph, best.backward, registry)) {
    const next = measured(kept);
    if (next.memory.peak <= budget) return next;
    if (next.memory.peak < best.memory.peak) best = next;
  }
  return best;
}

/** Sets of values to keep, each with fewer of them than the one before. */
function choices(graph: Graph, backward: Graph, registry: Registry): ReadonlySet<string>[] {
  const positions = new Map(graph.order.map((id, position) => [id, position]));
  const saved = backward.inputs
    .flatMap(({ role, of }) => (role === "saved" && of !== undefined ? [of] : []))
    .filter(({ node }) => positions.has(node))
    .sort((a, b) => (positions.get(a.node) ?? 0) - (positions.get(b.node) ?? 0));
  const kept = new Set(saved.map(refKey));
  const dear = dearValues(graph, kept, registry);
  const [first, second] = [false, true].map((wanted) =>
    saved.filter(({ node }) => dear.has(node) === wanted),
  );
  return [...levels(first ?? []), ...levels(second ?? [])].map((level) => {
    for (const ref of level) kept.delete(refKey(ref));
    return new Set(kept);
  });
}

/** Every other value, then every other one of the rest, down to the last. */
function levels(refs: readonly Ref[]): Ref[][] {
  const result: Ref[][] = [];
  for (let rest = refs; rest.length > 0; ) {
    result.push(rest.filter((_, position) => position % 2 === 0));
    rest = rest.filter((_, position) => position % 2 === 1);
  }
  return result;
}

/** Rows that take a product or the like to compute again from what is saved. */
function dearValues(
  graph: Graph,
  saved: ReadonlySet<string>,
  registry: Registry,
): ReadonlySet<NodeId> {
  const dear = new Set<NodeId>();
  for (const node of nodesOf(graph)) {
    const behind = node.inputs.some((ref) => dear.has(ref.node) && !saved.has(refKey(ref)));
    if (behind || isDear(graph, node, registry)) dear.add(node.id);
  }
  return dear;
}

function isDear(graph: Graph, node: Node, registry: Registry): boolean {
  const op = registry.get(node.op);
  if (op.kernel === undefined) return op.name === "call";
  const ins = node.inputs.map((ref) => typeOf(graph, ref));
  const { kind } = op.kernel(ins, node.attrs, node.types);
  return kind !== "map" && kind !== "reduce" && kind !== "view" && kind !== "pack";
}

/** Walks through both graphs in order and counts what is alive. */
export function plannedMemory({ forward, backward }: Pair): PlannedMemory {
  const handed = backward.inputs.flatMap(({ role, of }) =>
    role === "saved" && of !== undefined && forward.nodes[of.node] !== undefined ? [of] : [],
  );
  const saved = handed.reduce((sum, ref) => sum + byteLengthOf(typeOf(forward, ref)), 0);
  const results = new Set(forward.outputs.map(({ ref }) => refKey(ref)));
  const kept = new Set(handed.map(refKey));
  const own = [...results].filter((key) => !kept.has(key));
  const first = walk(forward, new Map(), new Set(own), kept);
  const arriving = new Map(
    backward.inputs.flatMap(({ id, role, of, type }): [NodeId, number][] =>
      role === "saved" && of !== undefined && kept.has(refKey(of))
        ? [[id, byteLengthOf(type)]]
        : [],
    ),
  );
  const given = new Set(backward.outputs.map(({ ref }) => refKey(ref)));
  return { saved, peak: Math.max(first, walk(backward, arriving, given, new Set())) };
}

/**
 * The most bytes alive at one node: values from their node to their last reader; those of `results` count nothing,
 * those of `kept` stay. `arriving`: bytes of inputs that are there from the start to their last reader.
 */
function walk(
  graph: Graph,
  arriving: ReadonlyMap<NodeId, number>,
  results: ReadonlySet<string>,
  kept: ReadonlySet<string>,
): number {
  const nodes = nodesOf(graph);
  const last = new Map<string, number>();
  nodes.forEach(({ inputs }, step) => {
    for (const ref of inputs) last.set(refKey(ref), step);
  });
  const ending: number[] = nodes.map(() => 0);
  const end = (key: string, from: number, bytes: number) => {
    const step = last.get(key) ?? from;
    if (step >= 0) ending[step] = (ending[step] ?? 0) + bytes;
    return step >= 0;
  };
  let live = 0;
  for (const [id, bytes] of arriving) {
    if (end(refKey({ node: id, out: 0 }), -1, bytes)) live += bytes;
  }
  let peak = live;
  nodes.forEach(({ id, types }, step) => {
    for (const [out, type] of types.entries()) {
      const key = refKey({ node: id, out });
      if (results.has(key)) continue;
      live += byteLengthOf(type);
      if (!kept.has(key)) end(key, step, byteLengthOf(type));
    }
    peak = Math.max(peak, live);
    live -= ending[step] ?? 0;
  });
  return peak;
}

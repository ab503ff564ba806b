import { GraphError } from "../errors.js";
import type { Graph, Node, NodeId, Output } from "../graph.js";

interface Visit {
  readonly node: Node;
  /** How many of the node's inputs have been looked at. */
  next: number;
}

function cycle(visits: readonly Visit[], again: NodeId): GraphError {
  const start = visits.findIndex(({ node }) => node.id === again);
  const ids = [...visits.slice(start).map(({ node }) => node.id), again];
  const shown = ids.length > 8 ? [...ids.slice(0, 4), "…", ...ids.slice(-3)] : ids;
  return new GraphError({
    op: "topologicalOrder",
    problem: "nodes read each other in a circle",
    received: shown.map((id) => (typeof id === "number" ? `%${id}` : id)).join(" reads "),
  });
}

/**
 * The wanted nodes in the wanted order, each one preceded by what it reads and what does not stand before it yet. So an
 * order that is valid already comes back as it was. Linear time, no recursion.
 *
 * @throws GraphError where nodes read each other in a circle
 */
export function orderFrom(
  wanted: Iterable<NodeId>,
  nodeAt: (id: NodeId) => Node | undefined,
): NodeId[] {
  const order: NodeId[] = [];
  const state: ("open" | "done" | undefined)[] = [];
  const visits: Visit[] = [];
  const enter = (id: NodeId): void => {
    const known = state[id];
    if (known === "open") throw cycle(visits, id);
    if (known === "done") return;
    const node = nodeAt(id);
    // The usual case, in which an order is valid already.
    const isReady = node === undefined || node.inputs.every((ref) => state[ref.node] === "done");
    state[id] = isReady ? "done" : "open";
    if (node === undefined) return;
    if (isReady) order.push(id);
    else visits.push({ node, next: 0 });
  };
  for (const id of wanted) {
    enter(id);
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const input = visit.node.inputs[visit.next++];
      if (input !== undefined) {
        enter(input.node);
        continue;
      }
      state[visit.node.id] = "done";
      order.push(visit.node.id);
      visits.pop();
    }
  }
  return order;
}

/**
 * The nodes that `outputs` depend on, every node after what it reads.
 *
 * @throws GraphError where nodes read each other in a circle
 */
export function topologicalOrder(nodes: Graph["nodes"], outputs: readonly Output[]): NodeId[] {
  return orderFrom(
    outputs.map(({ ref }) => ref.node),
    (id) => nodes[id],
  );
}

import { type Graph, GraphError, nodeOf, orderFrom, topologicalOrder } from "@adjoint/graph";
import fc from "fast-check";
import { arbitraryGraph } from "./arbitraryGraph.js";
import { chain, sampleGraph } from "./sampleGraphs.js";

const shuffled = fc
  .tuple(arbitraryGraph, fc.infiniteStream(fc.double({ noNaN: true })))
  .map(([graph, keys]) => {
    const ranked = graph.order.map((id) => [id, keys.next().value ?? 0] as const);
    const wanted = ranked.sort(([, a], [, b]) => a - b).map(([id]) => id);
    return { graph, wanted };
  });

function isValid(graph: Graph, order: readonly number[]): boolean {
  const places = new Map(order.map((id, place) => [id, place]));
  return order.every((id, place) =>
    nodeOf(graph, id).inputs.every(({ node }) => (places.get(node) ?? -1) < place),
  );
}

describe("orderFrom", () => {
  test("keeps an order that is valid", () => {
    fc.assert(
      fc.property(arbitraryGraph, (graph) => {
        expect(orderFrom(graph.order, (id) => graph.nodes[id])).toEqual(graph.order);
      }),
      { numRuns: 30 },
    );
  });

  test("puts every node after what it reads, whatever order is wanted", () => {
    fc.assert(
      fc.property(shuffled, ({ graph, wanted }) => {
        const order = orderFrom(wanted, (id) => graph.nodes[id]);
        expect(isValid(graph, order)).toBe(true);
        expect([...order].sort((a, b) => a - b)).toEqual([...graph.order].sort((a, b) => a - b));
      }),
      { numRuns: 30 },
    );
  });

  test("names the nodes of a circle", () => {
    const graph = sampleGraph();
    const reshape = { ...nodeOf(graph, 1), inputs: [{ node: 4, out: 0 }] };
    const nodes: Graph["nodes"] = { ...graph.nodes, 1: reshape };
    expect(() => orderFrom(graph.order, (id) => nodes[id])).toThrow(GraphError);
    expect(() => orderFrom(graph.order, (id) => nodes[id])).toThrow(
      /%1 reads %4 reads %3 reads %1/,
    );
  });
});

describe("topologicalOrder", () => {
  test("holds only what outputs depend on", () => {
    const graph = sampleGraph();
    expect(topologicalOrder(graph.nodes, graph.outputs.slice(1))).toEqual([5]);
    expect(topologicalOrder(graph.nodes, graph.outputs)).toEqual([1, 2, 3, 4, 5]);
  });

  test("needs no stack", () => {
    const graph = chain(100_000);
    expect(topologicalOrder(graph.nodes, graph.outputs)).toHaveLength(100_000);
  });
});

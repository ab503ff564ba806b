import { inspect } from "node:util";
import { Builder, fromJson, type Graph, parseText, toJson, toText } from "@adjoint/graph";
import { produce } from "immer";
import { chain, column, sampleGraph } from "./sampleGraphs.js";
import { apply, callOp } from "./testOps.js";

/** A graph as whoever made it otherwise would have it. */
function plain(graph: Graph): unknown {
  return JSON.parse(JSON.stringify(graph));
}

describe("a graph in the console", () => {
  test.each([
    ["built", sampleGraph()],
    ["read from JSON", fromJson(toJson(sampleGraph()))],
    ["read from text", parseText(toText(sampleGraph(), { full: true }))],
  ])("shows as its text when %s", (_, graph) => {
    expect(inspect(graph)).toBe(toText(sampleGraph()));
    expect(inspect({ graph })).toContain(`graph: ${toText(graph).split("\n")[0]}\n    %1 = `);
    expect(inspect({ a: { b: { c: graph } } })).toContain("c: [graph sample (5 nodes)]");
    expect(`${graph}`).toBe("graph sample (5 nodes)");
    expect(Number(graph)).toBe(Number.NaN);
  });

  test("shows the beginning of a long one", () => {
    const lines = inspect(chain(1000)).split("\n");
    expect(lines).toHaveLength(201);
    expect(lines.slice(-2)).toEqual(["  … 802 more lines", "}"]);
  });

  test("is plain data for all others", () => {
    const graph = sampleGraph();
    expect(Reflect.ownKeys({ ...graph })).toEqual(Object.keys(graph));
    expect(plain(graph)).toStrictEqual(graph);
    expect(graph).toStrictEqual(plain(graph));
    expect(structuredClone(graph)).toStrictEqual(graph);
    expect(Object.getPrototypeOf(graph)).toBe(Object.prototype);
    const renamed = produce(graph, (draft) => {
      draft.name = "renamed";
    });
    expect(renamed).toStrictEqual({ ...graph, name: "renamed" });
    expect(graph.nodes).toBe(renamed.nodes);
  });

  test("shows bodies as well", () => {
    const builder = new Builder("outer");
    const x = builder.input("x", column);
    builder.output("y", apply(callOp, [x], { body: sampleGraph(), note: null }));
    const graph = builder.finish();
    expect(inspect(graph)).toBe(toText(graph));
    expect(inspect(graph.nodes[1]?.attrs.body)).toBe(toText(sampleGraph()));
  });
});

import { Builder, type Graph, GraphError, type Node, nodeOf, verify } from "@adjoint/graph";
import fc from "fast-check";
import { arbitraryGraph } from "./arbitraryGraph.js";
import { jointGraphs, sampleGraph, sortGraph } from "./sampleGraphs.js";
import { apply, callOp, registry } from "./testOps.js";

/** The sample with one node changed. */
function withNode(id: number, change: Partial<Node>): Graph {
  const graph = sampleGraph();
  return { ...graph, nodes: { ...graph.nodes, [id]: { ...nodeOf(graph, id), ...change } } };
}

const graph = sampleGraph();

/** Broken graphs, and what the error says. Rows of the sample: x, reshape 1, 2, mul 3, add 4, literal 5. */
const broken: readonly (readonly [string, Graph, RegExp])[] = [
  [
    "unknown operator",
    withNode(3, { op: "mull" }),
    /^verify: graph \w+: %3 mull: unknown operator \(allowed: mul\); model.ts:\d+$/,
  ],
  ["arity", withNode(3, { inputs: [{ node: 1, out: 0 }] }), /%3 mul: .*wrong number of arguments/],
  ["unknown attribute", withNode(3, { attrs: { constructor: 1 } }), /%3 mul: .*unknown attribute/],
  ["ill-typed attribute", withNode(1, { attrs: { shape: [4.5] } }), /%1 reshape: .*wrong kind/],
  ["type", withNode(3, { types: [{ dtype: "float64", shape: [4] }] }), /%3 mul: types are not/],
  [
    "dtype alone",
    withNode(2, { types: [{ dtype: "int32", shape: [] }] }),
    /%2 full: types are not/,
  ],
  [
    "inference",
    withNode(1, { attrs: { shape: [5] } }),
    /%1 reshape: sizes differ: \[5\]; model.ts:\d+$/,
  ],
  [
    "dangling",
    withNode(3, {
      inputs: [
        { node: 99, out: 0 },
        { node: 2, out: 0 },
      ],
    }),
    /%3 mul reads %99.0, which does not exist/,
  ],
  [
    "read too early",
    withNode(1, { inputs: [{ node: 4, out: 0 }] }),
    /%1 reshape reads %4.0, which does not stand before/,
  ],
  [
    "result out of range",
    withNode(3, {
      inputs: [
        { node: 1, out: 1 },
        { node: 2, out: 0 },
      ],
    }),
    /%3 mul reads a result that %1 does not have: 1/,
  ],
  ["id of another", withNode(3, { id: 4 }), /node 3 has another id/],
  ["no results", withNode(3, { types: [] }), /%3 mul: no results/],
  ["order too short", { ...graph, order: graph.order.slice(0, -1) }, /order does not name node %5/],
  ["order names nothing", { ...graph, order: [...graph.order, 77] }, /order names %77/],
  ["order twice", { ...graph, order: [1, ...graph.order] }, /%1 is taken/],
  ["nextId", { ...graph, nextId: 5 }, /nextId is not above all ids: 5/],
  [
    "output name",
    { ...graph, outputs: [...graph.outputs, ...graph.outputs] },
    /output y: name is taken/,
  ],
  [
    "input name",
    {
      ...graph,
      inputs: graph.inputs.concat(graph.inputs.map((one) => ({ ...one, id: 9 }))),
      nextId: 10,
    },
    /input x: name is taken/,
  ],
  [
    "head of nothing",
    { ...graph, inputs: graph.inputs.map((one) => ({ ...one, role: "head" as const })) },
    /does not say what it stands for/,
  ],
  [
    "constant of an arg",
    { ...graph, inputs: graph.inputs.map((one) => ({ ...one, constant: "ab" })) },
    /only a const input/,
  ],
  ["constant missing", { ...sortGraph(), constants: {} }, /constant is not in the table/],
  ["constant of other content", otherContent(), /does not have the content/],
];

function otherContent(): Graph {
  const sorted = sortGraph();
  const entries = Object.entries(sorted.constants).map(
    ([key, one]) => [key, { ...one, bytes: "AAAAAAAAAAAAAAAA" }] as const,
  );
  return { ...sorted, constants: Object.fromEntries(entries) };
}

describe("verify", () => {
  test("accepts what the builder makes", () => {
    const { forward, backward } = jointGraphs();
    for (const one of [sampleGraph(), sortGraph(), forward, backward]) verify(one, registry);
    fc.assert(
      fc.property(arbitraryGraph, (one) => verify(one, registry)),
      { numRuns: 50 },
    );
  });

  test.each(broken)("refuses %s", (_, one, message) => {
    expect(() => verify(one, registry)).toThrow(GraphError);
    expect(() => verify(one, registry)).toThrow(message);
  });

  test("names the user's own line", () => {
    const one = withNode(3, { types: [{ dtype: "int8", shape: [4] }] });
    expect(() => verify(one, registry)).toThrow(/; model.ts:4$/);
  });

  test("looks into sub-graphs, and names the way there", () => {
    const builder = new Builder("outer");
    const x = builder.input("x", { dtype: "float32", shape: [4, 1] });
    const body = withNode(3, { op: "nothing" });
    builder.output("y", apply(callOp, [x], { body, note: [null, "text", [-0]] }));
    expect(() => verify(builder.finish(), registry)).toThrow(/graph outer\/sample: %3 nothing/);
  });

  test("refuses attributes that are not plain data", () => {
    const { backward } = jointGraphs();
    const builder = new Builder("outer");
    const x = builder.input("x", { dtype: "float32", shape: [] });
    builder.output("y", apply(callOp, [x], { body: backward, note: JSON.parse('{"a": 1}') }));
    expect(() => verify(builder.finish(), registry)).toThrow(
      /%1 call: an attribute is not plain data/,
    );
  });
});

import {
  Builder,
  commonSubexpressions,
  constantFolding,
  deadCode,
  type Graph,
  lower,
  type Pass,
  type Rule,
  replay,
  rewritePass,
  runPasses,
  sizeOf,
  toJson,
  undo,
  verify,
} from "@adjoint/graph";
import fc from "fast-check";
import { arbitraryGraph } from "./arbitraryGraph.js";
import { chain, sampleGraph } from "./sampleGraphs.js";
import { add, addNOp, apply, mul, neg, registry, squareOp } from "./testOps.js";

const minusToFactor: Rule = {
  name: "minus to factor",
  ops: ["neg"],
  apply: ({ ins: [x] }, tools) =>
    x === undefined || x.type.shape.length === 0
      ? undefined
      : mul(x, tools.constant(new Float32Array(sizeOf(x.type.shape)).fill(-1), x.type)),
};

/** Numbers do not matter here: every result is 1, 2, 3 … */
const count = constantFolding({
  evaluate: (_op, _ins, _attrs, outs) =>
    outs.map(({ dtype, shape }) => {
      const data =
        dtype === "int32" ? new Int32Array(sizeOf(shape)) : new Float32Array(sizeOf(shape));
      return { data: data.map((_, at) => at) };
    }),
});

const passes: readonly Pass[] = [
  lower,
  rewritePass("minus", [minusToFactor]),
  commonSubexpressions,
  count,
  deadCode,
];

function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeepFrozen);
}

describe("runPasses", () => {
  test("keeps graphs valid and frozen, replays and reverses every pass", () => {
    fc.assert(
      fc.property(arbitraryGraph, (graph) => {
        const before = toJson(graph);
        const { graph: result, history } = runPasses(graph, passes, { registry });
        let current: Graph = graph;
        for (const record of history) {
          const next = replay(current, [record]);
          verify(next, registry);
          expect(undo(next, [record])).toEqual(current);
          current = next;
        }
        expect(current).toEqual(result);
        expect(isDeepFrozen(result) && isDeepFrozen(history)).toBe(true);
        expect(isDeepFrozen(replay(graph, history))).toBe(true);
        expect(toJson(undo(result, history))).toBe(before);
        expect(toJson(graph)).toBe(before);
      }),
      { numRuns: 60 },
    );
  });

  test("records what each pass did", () => {
    const { history } = runPasses(sampleGraph(), [lower, deadCode, passes[1] ?? lower], {
      registry,
    });
    expect(
      history.map(({ pass, nodesBefore, nodesAfter }) => [pass, nodesBefore, nodesAfter]),
    ).toEqual([
      ["lower", 5, 5],
      ["deadCode", 5, 5],
      ["minus", 5, 5],
    ]);
    expect(history.flatMap(({ patches, inverse }) => [...patches, ...inverse])).toEqual([]);
  });

  test("says which value a rule put in the place of which", () => {
    const builder = new Builder("equal");
    const x = builder.input("x", { dtype: "float32", shape: [2] });
    const [first, second] = [neg(x), neg(x)];
    builder.output("y", add(first, second));
    const { history } = runPasses(
      builder.finish(),
      [commonSubexpressions, rewritePass("factor", [minusToFactor])],
      { registry },
    );
    const ref = (node: number) => ({ node, out: 0 });
    expect(history.map(({ replaced }) => replaced)).toEqual([
      [{ rule: "merge", from: ref(second.id), to: ref(first.id) }],
      [{ rule: "minus to factor", from: ref(first.id), to: ref(5) }],
    ]);
  });

  test("shares what did not change, and patches only rows that did", () => {
    const graph = chain(100, (x) => add(x, x));
    const rule: Rule = {
      name: "one",
      ops: ["add"],
      apply: ({ node, ins: [x] }) => (node.id === 50 && x !== undefined ? neg(x) : undefined),
    };
    const { graph: result, history } = runPasses(graph, [rewritePass("one", [rule])], { registry });
    expect(result.nodes[10]).toBe(graph.nodes[10]);
    expect(history[0]?.patches.map(({ path }) => path.join("."))).toEqual(
      expect.arrayContaining(["nodes.101", "nodes.50", "nodes.51", "order", "nextId"]),
    );
    expect(history[0]?.patches).toHaveLength(5);
  });

  test("leaves the graph as it was when a pass throws", () => {
    const graph = sampleGraph();
    const before = toJson(graph);
    const fail: Rule = {
      name: "fail",
      ops: ["add"],
      apply: () => {
        throw new Error("no");
      },
    };
    expect(() => runPasses(graph, [rewritePass("fail", [fail])], { registry })).toThrow("no");
    expect(toJson(graph)).toBe(before);
  });

  // Quadratic time would end these tests at their time limit.
  test("takes chains of 100,000 nodes without recursion and in linear time", () => {
    const squares = chain(25_000, (x) => apply(squareOp, [apply(squareOp, [x])]));
    const cases: readonly (readonly [Graph, readonly Pass[], number])[] = [
      [chain(100_000), [lower, commonSubexpressions, deadCode], 100_000],
      [chain(100_000), doubling, 0],
      [squares, [lower, commonSubexpressions], 50_000],
    ];
    for (const [graph, some, left] of cases) {
      const result = runPasses(graph, some, { registry });
      verify(result.graph, registry);
      expect(result.graph.order).toHaveLength(left);
    }
  });

  test("takes a node with 50,000 arguments, all replaced one by one, that 50,000 nodes read", () => {
    const builder = new Builder("wide");
    const x = builder.input("x", { dtype: "float32", shape: [] });
    const terms = Array.from({ length: 50_000 }, () => neg(neg(x)));
    const sum = apply(addNOp, [x, ...terms]);
    for (let at = 0; at < 50_000; at++) builder.output(`y${at}`, neg(sum));
    const graph = builder.finish();
    const result = runPasses(graph, [...doubling, commonSubexpressions], { registry });
    expect(result.graph.order).toHaveLength(2);
  });

  test("merges equal nodes all along a chain", () => {
    const graph = chain(50_000, (x) => add(x, neg(neg(x))));
    const { graph: result } = runPasses(graph, [...doubling, commonSubexpressions], { registry });
    expect(result.order).toHaveLength(50_000);
  });
});

const doubling: readonly Pass[] = [
  rewritePass("double negation", [
    {
      name: "double negation",
      ops: ["neg"],
      apply({ ins: [x] }, tools) {
        const inner = x === undefined ? undefined : tools.producer(x);
        return inner?.node.op === "neg" ? inner.ins[0] : undefined;
      },
    },
  ]),
];

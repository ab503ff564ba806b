import {
  ArgumentError,
  around,
  BoundsError,
  Builder,
  collapseScopes,
  type Graph,
  type GraphView,
  mergeDecorations,
  selectNodes,
  toDot,
  toMermaid,
  toText,
} from "@adjoint/graph";
import { instance } from "@viz-js/viz";
import fc from "fast-check";
import { arbitraryGraph } from "./arbitraryGraph.js";
import { chain, jointGraphs, sampleGraph, sortGraph } from "./sampleGraphs.js";
import { add, literal, mul, neg } from "./testOps.js";

const size4 = { dtype: "float32", shape: [4] } as const;

/** Two dense layers of two nodes each, in `mlp`; the first reads what the second gives, and the other way round. */
function layers(): Graph {
  const builder = new Builder("layers");
  const x = builder.input("x", size4);
  const within = (scope: string) => (make: () => ReturnType<typeof neg>) =>
    builder.within({ scope, site: `${scope}.ts:1` }, make);
  const first = within("mlp/dense1");
  const second = within("mlp/dense2");
  const a = first(() => neg(mul(x, literal(x, 2))));
  const b = second(() => neg(a));
  const c = first(() => add(a, b));
  const d = second(() => mul(c, c));
  builder.output("y", add(d, x));
  return builder.finish();
}

const ids = ({ rows }: GraphView): number[] => [...rows];

describe("selectNodes", () => {
  test.each([
    ["op=mul", [2, 6]],
    ["op != mul", [1, 3, 4, 5, 7]],
    ["op~*", [1, 2, 3, 4, 5, 6, 7]],
    ["op~?dd", [5, 7]],
    ["op!~m*, op!=full", [3, 4, 5, 7]],
    ["scope=mlp/dense1", [1, 2, 3, 5]],
    ["scope~*2 and op=neg", [4]],
    ['scope=""', [7]],
    ["site~*dense2*", [4, 6]],
    ['site="mlp/dense1.ts:1", op=add', [5]],
    ["shape=[]", [1]],
    ["shape=[ 4 ], dtype=float32, id!=7", [0, 2, 3, 4, 5, 6]],
    ["name=y", [7]],
    ["name~?", [0, 7]],
    ["id=%3", [3]],
    ["op=dot", []],
  ])("takes %s", (predicate, expected) => {
    expect(ids(selectNodes(layers(), predicate))).toEqual(expected);
  });

  test("looks at all results of a node, and tells float32 from int32", () => {
    expect(ids(selectNodes(sortGraph(), "dtype=int32"))).toEqual([3]);
    expect(ids(selectNodes(sortGraph(), "name=positions"))).toEqual([3]);
  });

  test.each([
    ["", "not understood at character 1: its end (allowed: field=value; fields: op, scope"],
    ["op", 'at character 1: "op"'],
    ["op=", 'at character 1: "op="'],
    ["opp=dot", '"opp=dot" (allowed: op)'],
    ["op=dot or op=mul", 'at character 8: "or op=mul" (allowed: "," or "and")'],
    ["op=dot and", "at character 11: its end"],
    ['op="dot', 'at character 1: "op=\\"dot"'],
    ['op="\\x"', "a string as JSON writes it"],
    ["toString=1", '"toString=1"'],
  ])("refuses the predicate %j", (predicate, message) => {
    expect(() => selectNodes(layers(), predicate)).toThrow(ArgumentError);
    expect(() => selectNodes(layers(), predicate)).toThrow(message);
  });

  test("takes a pattern of many stars in reasonable time", () => {
    const builder = new Builder("stars");
    builder.output("y", builder.input("a".repeat(2000), size4));
    const view = selectNodes(builder.finish(), `name~${"*a".repeat(1000)}*b`);
    expect(ids(view)).toEqual([]);
  });

  test("shows where it was cut", () => {
    expect(toText(selectNodes(layers(), "id=5"))).toMatchInlineSnapshot(`
"view of graph layers, id=5: 1 of 6 nodes {
  left out: %3 = neg : float32[4]
  left out: %4 = neg : float32[4]
  %5 = add(%3, %4) : float32[4] @mlp/dense1  // mlp/dense1.ts:1
    // read by 1 node left out
}"
`);
    expect(toMermaid(selectNodes(layers(), "id=5"))).toMatchInlineSnapshot(`
"flowchart TB
f5_more["1 reader"]:::stub
subgraph cluster_f0["mlp"]
subgraph cluster_f1["dense1"]
f5("add<br/>%5"):::operator
fcut3["neg<br/>%3"]:::stub
end
subgraph cluster_f2["dense2"]
fcut4["neg<br/>%4"]:::stub
end
end
fcut3 -->|"float32[4]"| f5
fcut4 -->|"float32[4]"| f5
f5 -.-> f5_more
classDef arg fill:#56B4E9,stroke:#333333,color:#000000
classDef const fill:#CCCCCC,stroke:#333333,color:#000000
classDef head fill:#E69F00,stroke:#333333,color:#000000
classDef saved fill:#F0E442,stroke:#333333,color:#000000
classDef operator fill:#FFFFFF,stroke:#333333,color:#000000
classDef savedResult fill:#F0E442,stroke:#333333,color:#000000
classDef output fill:#009E73,stroke:#333333,color:#000000
classDef group fill:#FFFFFF,stroke:#333333,color:#000000
classDef stub fill:#FFFFFF,stroke:#333333,color:#000000,stroke-dasharray:4 3
"
`);
  });
});

describe("around", () => {
  test("follows values both ways, not through numbers", () => {
    const graph = layers();
    expect(ids(around(graph, 4, 0))).toEqual([4]);
    expect(ids(around(graph, 4, 1)).sort()).toEqual([3, 4, 5]);
    expect(ids(around(graph, 0, 1)).sort()).toEqual([0, 2, 7]);
    expect(ids(around(graph, 4, 100)).sort()).toEqual([0, 2, 3, 4, 5, 6, 7]);
  });

  test("refuses rows that are not there, and radii that are none", () => {
    expect(() => around(layers(), 99, 1)).toThrow("around: graph layers: no such row: %99");
    expect(() => around(layers(), 99, 1)).toThrow(ArgumentError);
    for (const radius of [-1, 1.5, Number.NaN]) {
      expect(() => around(layers(), 4, radius)).toThrow(BoundsError);
    }
  });
});

describe("collapseScopes", () => {
  test("makes one row of each scope below the depth, with counts and what goes in and out", () => {
    expect(toText(collapseScopes(layers(), 0))).toMatchInlineSnapshot(`
"view of graph layers, scopes to depth 0: 1 of 6 nodes, 1 group {
  %x: float32[4]
  [mlp] 5 nodes: 2 mul, 2 neg, 1 add; reads %x; gives %6
  %7 = add(%6, %x) : float32[4]
  output y: %7
}"
`);
    expect(toText(collapseScopes(layers(), 1))).toMatchInlineSnapshot(`
"view of graph layers, scopes to depth 1: 1 of 6 nodes, 2 groups {
  %x: float32[4]
  [mlp/dense1] 3 nodes: 1 add, 1 mul, 1 neg; reads %x, %4; gives %3, %5
  [mlp/dense2] 2 nodes: 1 mul, 1 neg; reads %3, %5; gives %4, %6
  %7 = add(%6, %x) : float32[4]
  output y: %7
}"
`);
  });

  test("leaves a graph as it is where no scope is deeper", () => {
    const graph = layers();
    expect(collapseScopes(graph, 2).groups).toEqual([]);
    expect(toDot(collapseScopes(graph, 2))).toBe(toDot(graph));
  });

  test("draws scopes that feed each other as two rows with an edge each way", () => {
    const dot = toDot(collapseScopes(layers(), 1));
    expect(dot).toContain('fg0 [label="dense1\\n3 nodes\\n1 add, 1 mul, 1 neg"');
    expect(dot).toContain('fg0 -> fg1 [label="2 values"');
    expect(dot).toContain('fg1 -> fg0 [label="float32[4]"');
  });

  test("goes with saved values that come from within a group", () => {
    const { forward, backward } = jointGraphs();
    const views = { forward: collapseScopes(forward, 0), backward: collapseScopes(backward, 0) };
    expect(toDot(views)).toContain(
      'fg0 -> b5 [label="float32[4,1]", tooltip="argument 1 of %5", style=dashed]',
    );
  });

  test("shows what a decoration says of a group", () => {
    const view = collapseScopes(layers(), 1);
    const group = (_: Graph, rows: readonly number[]) => ({
      lines: [`rows ${rows.join(" ")}`],
      fill: "#56B4E9",
    });
    const decoration = mergeDecorations({ row: () => undefined, group }, { row: () => undefined });
    expect(toText(view, { decoration })).toContain("gives %3, %5\n    // rows 2 3 5\n");
    expect(toDot(view, { decoration })).toMatch(/fg1 .*\\nrows 4 6".*fillcolor="#56B4E9"/);
  });

  test("refuses what is no depth", () => {
    expect(() => collapseScopes(layers(), -1)).toThrow(BoundsError);
    expect(() => collapseScopes(layers(), Number.NaN)).toThrow(BoundsError);
  });

  test("counts a large graph in one row per scope", () => {
    const builder = new Builder("large");
    let x = builder.input("x", size4);
    for (let at = 0; at < 20_000; at++) {
      x = builder.within({ scope: `block${at % 10}/inner` }, () => neg(x));
    }
    builder.output("y", x);
    const dot = toDot(collapseScopes(builder.finish(), 0));
    expect(dot.match(/label="block\d\\n2000 nodes\\n2000 neg"/g)).toHaveLength(10);
    expect(dot.match(/ -> /g)).toHaveLength(12);
  });
});

/** Rows that edges of a DOT text name, and those that it declares. */
function rowsOf(dot: string): { named: Set<string>; declared: Set<string> } {
  const named = new Set(
    [...dot.matchAll(/^(\w+) -> (\w+) /gm)].flatMap(([, a = "", b = ""]) => [a, b]),
  );
  const declared = new Set([...dot.matchAll(/^(\w+) \[label=.*shape=/gm)].map(([, id = ""]) => id));
  return { named, declared };
}

test("views of any graph draw no edge to a row that is not drawn, and Graphviz takes them", async () => {
  const viz = await instance();
  fc.assert(
    fc.property(arbitraryGraph, fc.nat(40), fc.nat(3), (graph, choice, radius) => {
      const row = graph.order[choice % Math.max(1, graph.order.length)] ?? 0;
      const center = graph.nodes[row]?.op === "full" ? 0 : row;
      const views = [
        selectNodes(graph, "op=mul"),
        around(graph, center, radius),
        collapseScopes(graph, radius),
      ];
      for (const view of views) {
        const { named, declared } = rowsOf(toDot(view));
        for (const id of named) expect(declared).toContain(id);
        expect(toText(view)).toMatch(/^view of graph .* \{\n/);
      }
      const [first = collapseScopes(graph, 0)] = views;
      expect(viz.render(toDot(first), { format: "svg" }).status).toBe("success");
    }),
    { numRuns: 20 },
  );
});

test("a view of everything draws what the graph draws", () => {
  for (const graph of [sampleGraph(), sortGraph(), chain(3)]) {
    expect(toDot(selectNodes(graph, "id~*"))).toBe(toDot(graph));
  }
});

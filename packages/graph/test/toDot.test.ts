import { AttributeError, Builder, type Graph, mergeDecorations, toDot } from "@adjoint/graph";
import { instance, type Viz } from "@viz-js/viz";
import fc from "fast-check";
import { arbitraryGraph } from "./arbitraryGraph.js";
import { chain, column, jointGraphs, sampleGraph, sortGraph } from "./sampleGraphs.js";
import { add, apply, callOp, literal, mul, neg } from "./testOps.js";

const odd = 'q"uo\\te\\\n<b>&amp; & \u0000\u0007 ünïcödé \ud800 \\N {x|y}\\';

/** Odd text wherever text can be. */
function oddGraph(): Graph {
  const builder = new Builder(odd);
  const x = builder.input(odd, column);
  const y = builder.within({ scope: `${odd}/${odd}`, site: odd }, () => neg(x));
  builder.output(odd, y);
  return builder.finish();
}

describe("toDot", () => {
  let viz: Viz;
  beforeAll(async () => {
    viz = await instance();
  });

  /** What Graphviz makes of the text; fails on warnings as well, but for missing font metrics. */
  function draw(dot: string): string {
    const result = viz.render(dot, { format: "svg" });
    const warnings = result.errors.filter(({ message }) => !message.includes("no value for width"));
    expect(warnings).toEqual([]);
    expect(result.status).toBe("success");
    return result.output ?? "";
  }

  test("draws one graph", () => {
    const dot = toDot(sampleGraph());
    draw(dot);
    expect(dot).toMatchInlineSnapshot(`
"digraph "sample" {
graph [rankdir=TB, fontname="Helvetica"];
node [fontname="Helvetica", fontsize=11];
edge [fontname="Helvetica", fontsize=9];
f0 [label="x\\nfloat32[4,1]", tooltip="%x: float32[4,1]", shape=ellipse, style=filled, fillcolor="#56B4E9"];
f4 [label="add\\n%4", tooltip="%4 = add(%3, %1) : float32[4]\\nmodel.ts:5", shape=box, style="rounded,filled", fillcolor="#FFFFFF"];
f_out0 [label="y", tooltip="output y: %4", shape=doubleoctagon, style=filled, fillcolor="#009E73"];
f_out1 [label="one = 1:float32", tooltip="output one: 1:float32", shape=doubleoctagon, style=filled, fillcolor="#009E73"];
subgraph cluster_f0 {
label="mlp";
subgraph cluster_f1 {
label="dense1";
f1 [label="reshape\\n%1", tooltip="%1 = reshape(%x) {shape=[4]} : float32[4]\\nmodel.ts:3", shape=box, style="rounded,filled", fillcolor="#FFFFFF"];
}
subgraph cluster_f2 {
label="dense2";
f3 [label="mul(_, 2)\\n%3", tooltip="%3 = mul(%1, 2) : float32[4]\\nmodel.ts:4", shape=box, style="rounded,filled", fillcolor="#FFFFFF"];
}
}
f0 -> f1 [label="float32[4,1]", tooltip="argument 1 of %1"];
f1 -> f3 [label="float32[4]", tooltip="argument 1 of %3"];
f3 -> f4 [label="float32[4]", tooltip="argument 1 of %4"];
f1 -> f4 [label="float32[4]", tooltip="argument 2 of %4"];
f4 -> f_out0 [label="float32[4]", tooltip="output y"];
}
"
`);
  });

  test("draws a program with its gradient", () => {
    const dot = toDot(jointGraphs(), { direction: "right" });
    draw(dot);
    expect(dot).toMatchInlineSnapshot(`
"digraph "square" {
graph [rankdir=LR, fontname="Helvetica"];
node [fontname="Helvetica", fontsize=11];
edge [fontname="Helvetica", fontsize=9];
subgraph cluster_f0 {
label="forward";
f0 [label="x\\nfloat32[4,1]", tooltip="%x: float32[4,1]", shape=ellipse, style=filled, fillcolor="#56B4E9"];
f3 [label="mul\\n%3", tooltip="%3 = mul(%2, %x) : float32[4,1]\\nmodel.ts:2", shape=box, style="rounded,filled", fillcolor="#FFFFFF"];
f_out0 [label="y", tooltip="output y: %3", shape=doubleoctagon, style=filled, fillcolor="#009E73"];
subgraph cluster_f1 {
label="twice";
f2 [label="mul(_, 2)\\n%2", tooltip="%2 = mul(%x, 2) : float32[4,1]\\nmodel.ts:1", shape=note, style=filled, fillcolor="#F0E442"];
}
}
subgraph cluster_b0 {
label="backward";
b0 [label="head.y\\nfloat32[4,1]", tooltip="head %head.y: float32[4,1] of %3", shape=invhouse, style=filled, fillcolor="#E69F00"];
b4 [label="mul(_, 2)\\n%4\\nd(%3 mul)", tooltip="%4 = mul(%saved.x, 2) : float32[4,1]\\nmodel.ts:2", shape=box, style="rounded,filled", fillcolor="#FFFFFF"];
b5 [label="add\\n%5\\nd(%3 mul)", tooltip="%5 = add(%saved.2, %4) : float32[4,1]\\nmodel.ts:2", shape=box, style="rounded,filled", fillcolor="#FFFFFF"];
b6 [label="mul\\n%6\\nd(%3 mul)", tooltip="%6 = mul(%head.y, %5) : float32[4,1]\\nmodel.ts:2", shape=box, style="rounded,filled", fillcolor="#FFFFFF"];
b_out0 [label="grad.x", tooltip="output grad.x: %6", shape=doubleoctagon, style=filled, fillcolor="#009E73"];
}
f0 -> f2 [label="float32[4,1]", tooltip="argument 1 of %2"];
f2 -> f3 [label="float32[4,1]", tooltip="argument 1 of %3"];
f0 -> f3 [label="float32[4,1]", tooltip="argument 2 of %3"];
f3 -> f_out0 [label="float32[4,1]", tooltip="output y"];
f0 -> b4 [label="float32[4,1]", tooltip="argument 1 of %4", style=dashed];
f2 -> b5 [label="float32[4,1]", tooltip="argument 1 of %5", style=dashed];
b4 -> b5 [label="float32[4,1]", tooltip="argument 2 of %5"];
b0 -> b6 [label="float32[4,1]", tooltip="argument 1 of %6"];
b5 -> b6 [label="float32[4,1]", tooltip="argument 2 of %6"];
b6 -> b_out0 [label="float32[4,1]", tooltip="output grad.x"];
}
"
`);
  });

  test("draws a gradient alone, with rows for saved values", () => {
    const dot = toDot(jointGraphs().backward);
    draw(dot);
    expect(dot).toContain('b2 [label="saved.2\\nfloat32[4,1]"');
    expect(dot).toContain(
      'b2 -> b5 [label="float32[4,1]", tooltip="argument 1 of %5", style=dashed]',
    );
    expect(dot).toContain("d(%3)");
  });

  test("finds saved values by name where a pass has renamed rows of the forward graph", () => {
    const { forward, backward } = jointGraphs();
    const builder = new Builder("renumbered", 50);
    const x = builder.input("x", column);
    const doubled = mul(x, literal(x, 2));
    builder.output("y", mul(doubled, x));
    builder.output("saved.x", x);
    builder.output("saved.2", doubled);
    const dot = toDot({ forward: builder.finish(), backward });
    expect(dot).toContain("f52 -> b5");
    expect(dot).not.toContain("f_out1");
    draw(dot);
    // A saved value that the forward graph does not have is a row of its own.
    const orphan = toDot({ forward: chain(1), backward });
    expect(orphan).toContain("b2 -> b5");
    draw(orphan);
    expect(toDot({ forward, backward })).toContain("f2 -> b5");
  });

  test("tells results of one node apart, shows small constants in tooltips", () => {
    const dot = toDot(sortGraph());
    draw(dot);
    expect(dot).toContain('[label=".1: int32[3]"');
    expect(dot).toContain("= [0.5,-0,nan]");
  });

  test("shows any text as it is", () => {
    const svg = draw(toDot(oddGraph()));
    expect(svg).toContain("q&quot;uo\\te\\");
    expect(svg).toContain("&lt;b&gt;&amp;amp; &amp; U+0000U+0007 ünïcödé U+D800 \\N {x|y}\\");
  });

  test("gives the same bytes for the same graph, and Graphviz takes any graph", () => {
    fc.assert(
      fc.property(arbitraryGraph, (graph) => {
        const dot = toDot(graph);
        expect(toDot(graph)).toBe(dot);
        draw(dot);
      }),
      { numRuns: 10 },
    );
  });

  test("writes every row and edge of a long graph", () => {
    const dot = toDot(chain(50_000, (x) => add(x, literal(x, 1))));
    expect(dot.match(/ -> /g)).toHaveLength(50_001);
    expect(dot.match(/^f\w+ \[label/gm)).toHaveLength(50_002);
  });

  test("adds lines and colours of a decoration to rows, also of bodies", () => {
    const body = sampleGraph();
    const builder = new Builder("outer");
    const x = builder.input("x", column);
    builder.output("y", apply(callOp, [x], { body, note: null }));
    const decoration = mergeDecorations(
      { row: (graph, id) => ({ lines: [`"${graph.name}" ${id}`] }) },
      {
        row: (graph, id) => (graph === body && id === 3 ? { lines: ["hot"], fill: "#D55E00" } : {}),
      },
      { row: (_, id) => (id === 3 ? { fill: "#000000" } : undefined) },
    );
    const dot = toDot(builder.finish(), { decoration });
    draw(dot);
    expect(dot).toContain('f0 [label="x\\nfloat32[4,1]\\n\\"outer\\" 0"');
    expect(dot).toContain('f1_0_3 [label="mul(_, 2)\\n%3\\n\\"sample\\" 3\\nhot"');
    expect(dot.match(/fillcolor="#D55E00"/g)).toHaveLength(1);
    expect(dot).not.toContain("#000000");
  });

  test("refuses a colour that would be other text", () => {
    const decoration = { row: () => ({ fill: 'red", label="' }) };
    expect(() => toDot(sampleGraph(), { decoration })).toThrow(AttributeError);
    expect(() => toDot(sampleGraph(), { decoration })).toThrow(/fill is not a colour.*#RRGGBB/);
  });

  test("takes scopes of any depth", () => {
    const builder = new Builder("deep");
    const x = builder.input("x", column);
    const y = builder.within({ scope: "a/".repeat(20_000) }, () => neg(x));
    builder.output("y", y);
    expect(toDot(builder.finish()).match(/^subgraph /gm)).toHaveLength(20_000);
  });
});

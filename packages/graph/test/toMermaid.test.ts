import { Builder, type Graph, toMermaid } from "@adjoint/graph";
import fc from "fast-check";
import { arbitraryGraph } from "./arbitraryGraph.js";
import { column, jointGraphs, sampleGraph } from "./sampleGraphs.js";
import { neg } from "./testOps.js";

/** One input with this name, one node in a scope of this name. */
function named(name: string): Graph {
  const builder = new Builder("named");
  const x = builder.input(name, column);
  builder.output(
    "y",
    builder.within({ scope: name.replaceAll("/", "") }, () => neg(x)),
  );
  return builder.finish();
}

/** What Mermaid shows of the label of the first row: it decodes `#34;` and breaks lines at `<br/>`. */
function firstLabel(mermaid: string): string {
  const [, label = ""] = /^f0\(\["(.*)"\]\):::arg$/m.exec(mermaid) ?? [];
  return label
    .replaceAll("<br/>", "\n")
    .replace(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

describe("toMermaid", () => {
  test("draws one graph, scopes as sub-graphs", () => {
    expect(toMermaid(sampleGraph())).toMatchInlineSnapshot(`
"flowchart TB
f0(["x<br/>float32[4,1]"]):::arg
f4("add<br/>%4"):::operator
f_out0{{"y"}}:::output
f_out1{{"one = 1:float32"}}:::output
subgraph cluster_f0["mlp"]
subgraph cluster_f1["dense1"]
f1("reshape<br/>%1"):::operator
end
subgraph cluster_f2["dense2"]
f3("mul(#95;, 2)<br/>%3"):::operator
end
end
f0 -->|"float32[4,1]"| f1
f1 -->|"float32[4]"| f3
f3 -->|"float32[4]"| f4
f1 -->|"float32[4]"| f4
f4 -->|"float32[4]"| f_out0
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

  test("draws a program with its gradient, saved values as dashed bridges", () => {
    const mermaid = toMermaid(jointGraphs(), { direction: "right" });
    expect(mermaid).toMatch(/^flowchart LR\nsubgraph cluster_f0\["forward"\]\n/);
    expect(mermaid).toContain('subgraph cluster_b0["backward"]');
    expect(mermaid).toContain('f2 -.->|"float32[4,1]"| b5');
    expect(mermaid).toContain('b0[\\"head#46;y<br/>float32[4,1]"/]:::head');
    expect(mermaid).not.toContain("f_out1");
  });

  // What would be taken for syntax of Mermaid, for an entity, a comment, a directive, HTML, or a block of Markdown.
  test.each([
    'q"uo\\te <b>&amp; #35; `c` *a* _b_ {x|y} ~~s~~',
    "%%{init: {}}%% %% comment",
    "1. list",
    "1) list",
    "- list",
    "    code",
    "===",
    "[x](y) [x]: y",
    "http://a.b user@host",
    "end",
    "ünïcödé 🙂",
    "U",
  ])("shows the text %j as it is", (name) => {
    const mermaid = toMermaid(named(name));
    expect(firstLabel(mermaid)).toBe(`${name}\nfloat32[4,1]`);
    const [, quoted = ""] = /^f0\(\["(.*)"\]\):::arg$/m.exec(mermaid) ?? [];
    for (const line of quoted.split("<br/>")) {
      expect(line).toMatch(/^(?:[\p{L}\p{M}\p{N} ,:()[\]=+%-]|#\d+;)*$/u);
      expect(line).not.toMatch(/%%|\]\(|^[-+=[ ]|^\d+\)/);
    }
  });

  test("shows control characters by their codes", () => {
    expect(firstLabel(toMermaid(named("a\u0000b\ud800")))).toBe("aU+0000bU+D800\nfloat32[4,1]");
  });

  test("colours rows as a decoration says", () => {
    const decoration = { row: (_: Graph, id: number) => (id === 4 ? { fill: "#D55E00" } : {}) };
    expect(toMermaid(sampleGraph(), { decoration })).toContain(
      'f4("add<br/>%4"):::operator\nstyle f4 fill:#D55E00\n',
    );
  });

  test("gives the same text for the same graph, one statement per row and edge", () => {
    fc.assert(
      fc.property(arbitraryGraph, (graph) => {
        const mermaid = toMermaid(graph);
        expect(toMermaid(graph)).toBe(mermaid);
        const statement =
          /^(?:flowchart TB|subgraph \w+\[".*"\]|end|\w+\S*".*"\S+:::\w+|\w+ -->\|".*"\| \w+|classDef .*|)$/;
        for (const line of mermaid.split("\n")) expect(line).toMatch(statement);
      }),
      { numRuns: 30 },
    );
  });
});

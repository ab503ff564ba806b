import {
  Builder,
  countDifferences,
  deadCode,
  diffGraphs,
  type Graph,
  lower,
  parseText,
  type RowChange,
  runPasses,
  toDot,
  toMermaid,
  toText,
  type Value,
} from "@adjoint/graph";
import { instance } from "@viz-js/viz";
import fc from "fast-check";
import { arbitraryGraph } from "./arbitraryGraph.js";
import { chain } from "./sampleGraphs.js";
import { apply, literal, mul, neg, registry, squareOp } from "./testOps.js";

const size4 = { dtype: "float32", shape: [4] } as const;

/** `neg`, six products, and its square; `change` may put something before the fourth product. */
function program(change: (value: Value) => Value = (value) => value): Graph {
  const builder = new Builder("program");
  let value = neg(builder.input("x", size4));
  for (let at = 0; at < 6; at++) {
    if (at === 3) value = change(value);
    value = mul(value, literal(value, at));
  }
  builder.output("y", apply(squareOp, [value]));
  return builder.finish();
}

const kindsOf = (rows: readonly RowChange[]): string => rows.map(({ kind }) => kind[0]).join("");

describe("diffGraphs", () => {
  test("finds nothing between equal graphs, whatever their ids, sites, names and order", () => {
    const before = parseText(`graph a(%x: float32[2]) -> (y: %3) {
      %1 = neg(%x) : float32[2]  // a.ts:1
      %2 = mul(%x, 2) : float32[2]
      %3 = add(%1, %2) : float32[2]
    }`);
    const after = parseText(`graph b(%x#7: float32[2]) -> (y: %30) {
      %20 = mul(%x, 2) : float32[2]
      %10 = neg(%x) : float32[2]  // b.ts:1
      %30 = add(%10, %20) : float32[2]
    }`);
    const diff = diffGraphs(before, after);
    expect(countDifferences(diff)).toBe(0);
    expect(toText(diff)).toBe("diff of graph a -> b: no differences");
  });

  test("matches what passes leave by id", () => {
    const before = program();
    const after = runPasses(before, [lower, deadCode], { registry }).graph;
    expect(toText(diffGraphs(before, after))).toMatchInlineSnapshot(`
"diff of graph program, rows matched by id: 1 added, 1 removed, 0 changed, 8 same
  … 6 the same
  %11 = mul(%9, 4) : float32[4]
  %13 = mul(%11, 5) : float32[4]
- %14 = square(%13) : float32[4]
+ %15 = mul(%13, %13) : float32[4]
- output y: %14
+ output y: %15"
`);
  });

  test("matches separate recordings by what rows compute and what they are used for", () => {
    const diff = diffGraphs(program(), program(neg));
    expect(diff.matchedBy).toBe("structure");
    expect(kindsOf(diff.rows)).toBe("sssssacsss");
    expect(toText(diff)).toMatchInlineSnapshot(`
"diff of graph program, rows matched by structure: 1 added, 0 removed, 1 changed, 8 same
  … 3 the same
  %5 = mul(%3, 1) : float32[4]
  %7 = mul(%5, 2) : float32[4]
+ %8 = neg(%7) : float32[4]
- %9 = mul(%7, 3) : float32[4]
+ %10 = mul(%8, 3) : float32[4]
  %12 = mul(%10, 4) : float32[4]
  %14 = mul(%12, 5) : float32[4]
  … 1 the same"
`);
    expect(countDifferences(diffGraphs(program(), program(neg), { by: "id" }))).toBeGreaterThan(2);
  });

  test.each<readonly [string, string, string, RowChange["kind"], readonly string[]]>([
    ["an operator", "mul(%x, %x)", "add(%x, %x)", "changed", ["operator"]],
    ["an operand", "add(%x, %y)", "add(%x, %x)", "changed", ["inputs"]],
    ["a number", "add(%x, 2)", "add(%x, 3)", "changed", ["inputs"]],
    ["the dtype of a number", "add(%x, 2)", "add(%x, 2:int32)", "changed", ["inputs"]],
    ["-0", "add(%x, 0)", "add(%x, -0)", "changed", ["inputs"]],
    ["an attribute", "sum(%x) {axis=0}", "sum(%x) {axis=1}", "changed", ["attributes"]],
    ["a type", "neg(%x)", "neg(%x) : float32[3]", "changed", ["types"]],
    ["a scope", "neg(%x)", "neg(%x) : float32[2] @a", "changed", ["scope"]],
  ])("tells %s", (_, before, after, kind, aspects) => {
    const graph = (row: string) =>
      parseText(`graph g(%x: float32[2], %y: float32[2]) -> (z: %2) {
        %2 = ${row.includes(" : ") ? row : `${row} : float32[2]`}
      }`);
    const diff = diffGraphs(graph(before), graph(after));
    expect(diff.rows.at(-1)).toEqual({ kind, before: 2, after: 2, aspects });
  });

  test("tells inputs and outputs that come, go, change or move", () => {
    const before =
      parseText(`graph g(%x: float32[2], %y: float32[2]) -> (a: %2, b: %2, c: 1:int32) {
      %2 = add(%x, %y) : float32[2]
    }`);
    const moved =
      parseText(`graph g(%y#1: float32[2], %x#0: float32[2]) -> (b: %2, a: %2, c: 2:int32) {
      %2 = add(%x, %y) : float32[2]
    }`);
    const diff = diffGraphs(before, moved);
    expect(diff.outputs.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "changed b",
      "changed a",
      "changed c",
    ]);
    expect(toText(diff)).toMatchInlineSnapshot(`
"diff of graph g, rows matched by id: 0 added, 0 removed, 2 changed, 1 same
- %y: float32[2]
+ %y#1: float32[2]
- %x: float32[2]
+ %x#0: float32[2]
  %2 = add(%x, %y) : float32[2]
- output b: %2
+ output b: %2
- output a: %2
+ output a: %2
- output c: 1:int32
+ output c: 2:int32"
`);
    const other = parseText(`graph g(%x: int32[2]) -> (d: %x) {}`);
    expect(toText(diffGraphs(before, other))).toMatchInlineSnapshot(`
"diff of graph g, rows matched by id: 0 added, 2 removed, 1 changed, 0 same
- %x: float32[2]
+ %x: int32[2]
- %y: float32[2]
- %2 = add(%x, %y) : float32[2]
- output a: %2
- output b: %2
- output c: 1:int32
+ output d: %x"
`);
  });

  test("shows the difference in colours, removed rows beside the later graph", async () => {
    const viz = await instance();
    const before = program();
    const diff = diffGraphs(before, runPasses(before, [lower, deadCode], { registry }).graph);
    const dot = toDot(diff, { decoration: { row: (_, id) => ({ lines: [`row ${id}`] }) } });
    expect(viz.render(dot, { format: "svg" }).status).toBe("success");
    expect(dot).toMatch(/f15 \[label="mul\\n%15\\nadded\\nrow 15".*fillcolor="#009E73"/);
    expect(dot).toMatch(/r14 \[label="square\\n%14\\nremoved\\nrow 14".*fillcolor="#D55E00"/);
    expect(dot).toContain(
      'f13 -> r14 [label="float32[4]", tooltip="argument 1 of %14", style=dashed]',
    );
    expect(toMermaid(diff)).toContain("style r14 fill:#D55E00");
  });

  test("of any two graphs, names each row of both once", () => {
    fc.assert(
      fc.property(
        arbitraryGraph,
        arbitraryGraph,
        fc.constantFrom("id" as const, "structure" as const, undefined),
        (before, after, by) => {
          const { rows } = diffGraphs(before, after, { by });
          const earlier = rows.flatMap((row) => (row.kind === "added" ? [] : [row.before]));
          const later = rows.flatMap((row) => (row.kind === "removed" ? [] : [row.after]));
          const shown = ({ inputs, nodes, order }: Graph) => [
            ...inputs.map(({ id }) => id),
            ...order.filter((id) => nodes[id]?.op !== "full" || nodes[id]?.types[0]?.shape.length),
          ];
          expect([...earlier].sort()).toEqual(shown(before).sort());
          expect(later).toEqual(shown(after));
          expect(countDifferences(diffGraphs(after, after, { by }))).toBe(0);
          expect(toText(diffGraphs(before, after, { by }))).toMatch(/^diff of graph /);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("compares long graphs row by row", () => {
    const { rows } = diffGraphs(chain(2_000), chain(2_001), { by: "structure" });
    expect(rows).toHaveLength(2_002);
    expect(rows.filter(({ kind }) => kind === "same")).toHaveLength(2_001);
    expect(rows.at(-1)).toEqual({ kind: "added", after: 2_001 });
  });
});

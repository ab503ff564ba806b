import {
  Builder,
  type Decoration,
  deadCode,
  parseText,
  parseTexts,
  runPasses,
  toText,
} from "@adjoint/graph";
import { column, jointGraphs, sampleGraph, sortGraph } from "./sampleGraphs.js";
import { add, apply, callOp, literal, mul, neg, registry, sortOp } from "./testOps.js";

describe("toText", () => {
  test("shows literals in place, scopes and sites", () => {
    expect(toText(sampleGraph())).toMatchInlineSnapshot(`
"graph sample(%x: float32[4,1]) -> (y: %4, one: 1:float32) {
  %1 = reshape(%x) {shape=[4]} : float32[4] @mlp/dense1  // model.ts:3
  %3 = mul(%1, 2) : float32[4] @mlp/dense2  // model.ts:4
  %4 = add(%3, %1) : float32[4]  // model.ts:5
}"
`);
  });

  test("shows several results, constants and names in quotes", () => {
    expect(toText(sortGraph())).toMatchInlineSnapshot(`
"graph "sort by"(
  const %const:cd190f2db0235f9aa82a8ecfb00bd06e: float32[3] = [0.5,-0,nan],
  %"the key": float32[3],
) -> (values: %4, positions: %3.1) {
  %2 = add(%"the key", %const:cd190f2db0235f9aa82a8ecfb00bd06e) : float32[3]
  %3 = sort(%2) {ascending=true} : float32[3], int32[3]
  %4 = neg(%3.0) : float32[3]
}"
`);
  });

  test("shows heads, saved values and where gradient nodes come from", () => {
    const { forward, backward } = jointGraphs();
    expect(toText(forward)).toMatchInlineSnapshot(`
"graph square(%x: float32[4,1]) -> (y: %3, saved.x: %x, saved.2: %2) {
  %2 = mul(%x, 2) : float32[4,1] @twice  // model.ts:1
  %3 = mul(%2, %x) : float32[4,1]  // model.ts:2
}"
`);
    expect(toText(backward)).toMatchInlineSnapshot(`
"graph square.backward(
  head %head.y: float32[4,1] of %3,
  saved %saved.x: float32[4,1] of %0,
  saved %saved.2: float32[4,1] of %2,
) -> (grad.x: %6) {
  %4 = mul(%saved.x, 2) : float32[4,1] ~%3  // model.ts:2
  %5 = add(%saved.2, %4) : float32[4,1] ~%3  // model.ts:2
  %6 = mul(%head.y, %5) : float32[4,1] ~%3  // model.ts:2
}"
`);
  });

  test("shows sub-graphs as blocks", () => {
    const builder = new Builder("outer");
    const x = builder.input("x", { dtype: "float32", shape: [4, 1] });
    builder.output("y", apply(callOp, [x], { body: sampleGraph(), note: ["a\nb", null, -0] }));
    expect(toText(builder.finish())).toMatchInlineSnapshot(`
"graph outer(%x: float32[4,1]) -> (y: %1) {
  %1 = call(%x) {body=graph sample(%x: float32[4,1]) -> (y: %4, one: 1:float32) {
    %1 = reshape(%x) {shape=[4]} : float32[4] @mlp/dense1  // model.ts:3
    %3 = mul(%1, 2) : float32[4] @mlp/dense2  // model.ts:4
    %4 = add(%3, %1) : float32[4]  // model.ts:5
  }, note=["a\\nb",null,-0]} : float32[4,1]
}"
`);
  });

  test("shows odd literals, long constants by hash, ids of inputs that are not positions", () => {
    const builder = new Builder("odd", 3);
    const x = builder.input("x", { dtype: "float64", shape: [9] });
    const c = builder.constant(new Float64Array(9), { dtype: "float64", shape: [9] });
    const values = [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-30];
    const site = "a\nb.ts:1";
    let sum = builder.within({ site, scope: "odd scope" }, () => add(x, c));
    for (const value of values) sum = mul(sum, literal(x, value));
    builder.output("y", neg(sum));
    expect(toText(builder.finish())).toMatchInlineSnapshot(`
"graph odd(
  %x#3: float64[9],
  const %const:9529d6813e5680a95f6d3bea60a0b094#4: float64[9] = #9529d6813e5680a95f6d3bea60a0b094,
) -> (y: %16) {
  %5 = add(%x, %const:9529d6813e5680a95f6d3bea60a0b094) : float64[9] @"odd scope"  // "a\\nb.ts:1"
  %7 = mul(%5, -0) : float64[9]
  %9 = mul(%7, nan) : float64[9]
  %11 = mul(%9, inf) : float64[9]
  %13 = mul(%11, -inf) : float64[9]
  %15 = mul(%13, 1e-30) : float64[9]
  %16 = neg(%15) : float64[9]
}"
`);
  });

  test("in full, leaves nothing out", () => {
    const builder = new Builder("full", 3);
    const x = builder.input("x", column, "arg", { site: "model.ts:1" });
    const long = builder.constant(new Float32Array(9).fill(1), { dtype: "float32", shape: [9] });
    const one = literal(x, 1);
    const [sorted] = builder.emit(sortOp, [mul(x, literal(x, 2))], { ascending: false });
    if (sorted === undefined) throw new Error("sort: no results");
    builder.output("y", add(add(sorted, one), one));
    builder.output("c", long);
    neg(x);
    const graph = runPasses(builder.finish(), [deadCode], { registry }).graph;
    expect(toText(graph, { full: true })).toMatchInlineSnapshot(`
"graph full(
  %x#3: float32[4,1],  // model.ts:1
  const %const:4e56ba6b627b9805e48d933cad632655#4: float32[9] = #4e56ba6b627b9805e48d933cad632655,
) -> (y: %10, c: %const:4e56ba6b627b9805e48d933cad632655) next %12 {
  %5 = full() {shape=[], dtype="float32", value=1} : float32[]
  %7 = mul(%x, 2) : float32[4,1]
  %8 = sort(%7) {ascending=false} : float32[4,1], int32[4,1]
  %9 = add(%8.0, %5) : float32[4,1]
  %10 = add(%9, %5) : float32[4,1]
  #4e56ba6b627b9805e48d933cad632655: float32[9] = "AACAPwAAgD8AAIA/AACAPwAAgD8AAIA/AACAPwAAgD8AAIA/"
}"
`);
  });

  test("writes what a decoration adds as comments below rows, which parse", () => {
    const graph = sampleGraph();
    const decoration: Decoration = {
      row: (_, id) => (id === 0 || id === 3 ? { lines: [`row ${id}`, "\n"] } : undefined),
    };
    const text = toText(graph, { full: true, decoration });
    expect(text).toMatchInlineSnapshot(`
"graph sample(
  %x: float32[4,1],
    // row 0
    // "\\n"
) -> (y: %4, one: %5) {
  %1 = reshape(%x) {shape=[4]} : float32[4] @mlp/dense1  // model.ts:3
  %3 = mul(%1, 2) : float32[4] @mlp/dense2  // model.ts:4
    // row 3
    // "\\n"
  %4 = add(%3, %1) : float32[4]  // model.ts:5
  %5 = full() {shape=[], dtype="float32", value=1} : float32[]
}"
`);
    expect(parseText(text)).toEqual(graph);
  });

  test("of a program with its gradient is two graphs", () => {
    const { forward, backward } = jointGraphs();
    const text = toText({ forward, backward }, { full: true });
    expect(parseTexts(text)).toEqual([forward, backward]);
  });
});

import { Builder, toText } from "@adjoint/graph";
import { jointGraphs, sampleGraph, sortGraph } from "./sampleGraphs.js";
import { add, apply, callOp, literal, mul, neg } from "./testOps.js";

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
});

import {
  Builder,
  callsHost,
  commonSubexpressions,
  constantFolding,
  deadCode,
  type Evaluate,
  type Graph,
  lower,
  nodesOf,
  type Pass,
  runPasses,
  sizeOf,
  toText,
  verify,
} from "@adjoint/graph";
import { jointGraphs, sortGraph } from "./sampleGraphs.js";
import {
  add,
  apply,
  callOp,
  distanceOp,
  endlessOp,
  fill,
  hostOp,
  literal,
  mul,
  neg,
  randomOp,
  registry,
  reshape,
  squareOp,
  sub,
} from "./testOps.js";

const pair = { dtype: "float32", shape: [2] } as const;

function run(graph: Graph, ...passes: Pass[]) {
  const { graph: result, history } = runPasses(graph, passes, { registry });
  verify(result, registry);
  return { graph: result, fired: history.map(({ fired }) => fired) };
}

const opsOf = (graph: Graph) => nodesOf(graph).map(({ op }) => op);

describe("deadCode", () => {
  test("drops nodes, saved and constant inputs and constants that nobody reads, but no args or heads", () => {
    const builder = new Builder("g");
    builder.input("unused", pair);
    builder.input("head.y", pair, "head", { of: { node: 0, out: 0 } });
    const saved = builder.input("saved.1", pair, "saved", { of: { node: 1, out: 0 } });
    const x = builder.input("x", pair);
    const c = builder.constant(Float32Array.of(1, 2), pair);
    mul(add(x, c), saved);
    builder.output("y", neg(x));
    const before = builder.finish();
    const stray = {
      ...before.constants,
      ["f".repeat(32)]: { dtype: "bool", shape: [0], bytes: "" } as const,
    };
    const { graph, fired } = run({ ...before, constants: stray }, deadCode);
    expect(fired).toEqual([{ node: 2, input: 2, constant: 2 }]);
    expect(graph.inputs.map(({ name }) => name)).toEqual(["unused", "head.y", "x"]);
    expect(graph.constants).toEqual({});
    expect(opsOf(graph)).toEqual(["neg"]);
    expect(graph.nextId).toBe(before.nextId);
  });

  test("drops an unused host call, and keeps a node of which one result is used", () => {
    const builder = new Builder("g");
    const x = builder.input("x", { dtype: "float64", shape: [1026] });
    apply(hostOp, [x], { key: 1 });
    builder.output("sample", apply(randomOp, [x]));
    expect(opsOf(run(builder.finish(), deadCode).graph)).toEqual(["random"]);
  });

  test("changes nothing where all is used", () => {
    for (const graph of [sortGraph(), jointGraphs().forward, jointGraphs().backward]) {
      expect(run(graph, deadCode).graph).toBe(graph);
    }
  });
});

describe("commonSubexpressions", () => {
  test("merges equal nodes, those of commutative operators in any order of arguments", () => {
    const builder = new Builder("g");
    const x = builder.input("x", pair);
    const y = builder.input("y", pair);
    builder.output("same", sub(add(x, y), add(y, x)));
    builder.output("other", sub(sub(x, y), sub(y, x)));
    const { graph, fired } = run(builder.finish(), commonSubexpressions);
    expect(fired).toEqual([{ merge: 1 }]);
    expect(toText(graph)).toMatchInlineSnapshot(`
"graph g(%x: float32[2], %y: float32[2]) -> (same: %4, other: %7) {
  %2 = add(%x, %y) : float32[2]
  %4 = sub(%2, %2) : float32[2]
  %5 = sub(%x, %y) : float32[2]
  %6 = sub(%y, %x) : float32[2]
  %7 = sub(%5, %6) : float32[2]
}"
`);
  });

  test("tells attributes and dtypes apart, 0 and -0 as well", () => {
    const builder = new Builder("g");
    const x = builder.input("x", pair);
    const d = builder.input("d", { dtype: "float64", shape: [2] });
    builder.output("a", mul(fill(x, [2], 0), fill(x, [2], -0)));
    builder.output("b", mul(fill(x, [2], 0), fill(x, [2], Number.NaN)));
    builder.output("c", fill(d, [2], 0));
    builder.output("d", reshape(reshape(x, [2, 1]), [2]));
    expect(run(builder.finish(), commonSubexpressions).fired).toEqual([{ merge: 1 }]);
  });

  test("merges random numbers of one state, but no calls of the host, whatever their depth", () => {
    const inner = new Builder("body");
    inner.output("y", apply(hostOp, [inner.input("x", pair)], { key: 1 }));
    const pure = new Builder("pure");
    pure.output("y", neg(pure.input("x", pair)));
    const bodies = [inner.finish(), pure.finish()] as const;
    const builder = new Builder("g");
    const state = builder.input("state", { dtype: "float64", shape: [1026] });
    const x = builder.input("x", pair);
    builder.output("random", add(apply(randomOp, [state]), apply(randomOp, [state])));
    builder.output("host", add(apply(hostOp, [x], { key: 1 }), apply(hostOp, [x], { key: 1 })));
    for (const body of bodies) {
      const attrs = { body, note: [body] };
      builder.output(body.name, add(apply(callOp, [x], attrs), apply(callOp, [x], { ...attrs })));
    }
    const { graph } = run(builder.finish(), commonSubexpressions);
    const counts = (name: string) => opsOf(graph).filter((op) => op === name).length;
    expect([counts("random"), counts("host"), counts("call")]).toEqual([1, 2, 3]);
    const applied = { op: callOp, ins: [pair], attrs: { body: bodies[0], note: 1 }, outs: [pair] };
    expect(callsHost(applied, registry)).toBe(true);
  });

  test("merges chains in one go", () => {
    const builder = new Builder("g");
    const x = builder.input("x", pair);
    builder.output("y", add(neg(neg(neg(x))), neg(neg(neg(x)))));
    expect(opsOf(run(builder.finish(), commonSubexpressions).graph)).toEqual([
      "neg",
      "neg",
      "neg",
      "add",
    ]);
  });
});

describe("lower", () => {
  test("expands composites of composites in their place, with site, scope and origin", () => {
    const builder = new Builder("g");
    const x = builder.input("x", pair);
    const origin = { site: "model.ts:7", scope: "loss", origin: 3 };
    const y = builder.within(origin, () => apply(distanceOp, [x]));
    builder.output("y", neg(y));
    const { graph, fired } = run(builder.finish(), lower);
    expect(fired).toEqual([{ distance: 1, square: 1 }]);
    expect(toText(graph)).toMatchInlineSnapshot(`
"graph g(%x: float32[2]) -> (y: %2) {
  %4 = sub(%x, 1) : float32[2] @loss ~%3  // model.ts:7
  %6 = mul(%4, %4) : float32[2] @loss ~%3  // model.ts:7
  %2 = neg(%6) : float32[2]
}"
`);
  });

  test("expands composites in sub-graphs, at any depth", () => {
    const body = new Builder("body");
    body.output("y", apply(squareOp, [body.input("x", pair)]));
    const middle = new Builder("middle");
    const m = middle.input("x", pair);
    middle.output("y", apply(callOp, [m], { body: body.finish(), note: null }));
    const builder = new Builder("g");
    const x = builder.input("x", pair);
    builder.output("y", apply(callOp, [x], { body: middle.finish(), note: [1] }));
    const text = toText(run(builder.finish(), lower).graph);
    expect(text).not.toContain("square");
    expect(text).toContain("mul(%x, %x)");
  });

  test("leaves a lowered graph as it is", () => {
    const { graph } = run(sortGraph(), lower);
    expect(graph).toBe(run(graph, lower).graph);
  });

  test("names composites that expand without end", () => {
    const builder = new Builder("g");
    const x = builder.input("x", pair);
    builder.output(
      "y",
      builder.within({ site: "model.ts:1" }, () => apply(endlessOp, [x])),
    );
    expect(() => run(builder.finish(), lower)).toThrow(
      /^lower: composites nest deeper than \d+; kept expanding: endless; model.ts:1/,
    );
  });
});

/** Runs the test operators that the tests of folding use. */
const evaluate: Evaluate = (op, ins, _attrs, outs) =>
  outs.map(({ shape }) => {
    const size = sizeOf(shape);
    const at = (position: number, index: number) => {
      const data = ins[position]?.data ?? new Float32Array();
      return Number(data[data.length === 1 ? 0 : index]);
    };
    const data = new Float32Array(size);
    for (let index = 0; index < size; index++) {
      const a = at(0, index);
      data[index] = op.name === "neg" ? -a : op.name === "mul" ? a * at(1, index) : a;
    }
    return { data };
  });

describe("constantFolding", () => {
  const folding = constantFolding({ evaluate, maxElements: 8 });

  test("computes what depends on constants only; uniform results become full, others constants", () => {
    const builder = new Builder("g");
    const x = builder.input("x", pair);
    const c = builder.constant(Float32Array.of(1, 2), pair);
    builder.output("uniform", add(x, neg(mul(fill(x, [2], 3), literal(x, 2)))));
    builder.output("tensor", add(x, reshape(neg(c), [2])));
    const { graph, fired } = run(builder.finish(), folding, deadCode);
    expect(fired[0]).toEqual({ mul: 1, neg: 2, reshape: 1 });
    expect(toText(graph)).toMatchInlineSnapshot(`
"graph g(
  %x: float32[2],
  const %const:1e5ff9fdfbccabfc2086bcf386b95c7c#12: float32[2] = [-1,-2],
) -> (uniform: %6, tensor: %9) {
  %11 = full() {shape=[2], dtype="float32", value=-6} : float32[2]
  %6 = add(%x, %11) : float32[2]
  %9 = add(%x, %const:1e5ff9fdfbccabfc2086bcf386b95c7c) : float32[2]
}"
`);
  });

  test("keeps -0 and NaN", () => {
    const builder = new Builder("g");
    const x = builder.input("x", pair);
    builder.output("zero", neg(fill(x, [2], 0)));
    builder.output("nan", neg(literal(x, Number.NaN)));
    builder.output("both", neg(builder.constant(Float32Array.of(0, -0), pair)));
    const { graph } = run(builder.finish(), folding, deadCode);
    expect(nodesOf(graph).map(({ attrs }) => attrs.value)).toEqual([-0, Number.NaN]);
    expect(toText(graph)).toContain("[-0,0]");
  });

  test("leaves random numbers, calls, composites, large tensors and storage formats to run time", () => {
    const builder = new Builder("g");
    const large = { dtype: "float32", shape: [9] } as const;
    const half = { dtype: "float16", shape: [2] } as const;
    const state = builder.constant(Float32Array.of(1, 2), pair);
    builder.output("random", apply(randomOp, [state]));
    builder.output("host", apply(hostOp, [state], { key: 1 }));
    builder.output("composite", apply(squareOp, [state]));
    builder.output("large", neg(builder.constant(new Float32Array(9), large)));
    builder.output("half", neg(builder.constant(Uint16Array.of(0x3c00, 0), half)));
    const before = builder.finish();
    expect(run(before, folding).graph).toBe(before);
  });
});

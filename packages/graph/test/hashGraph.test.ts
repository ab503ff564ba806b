import { Builder, equalGraphs, type Graph, hashGraph, type Shape } from "@adjoint/graph";
import { add, apply, callOp, fill, sub } from "./testOps.js";

interface Variation {
  readonly firstId?: number;
  readonly name?: string;
  readonly site?: string;
  readonly scope?: string;
  readonly value?: number;
  readonly shape?: Shape;
  readonly dtype?: "float32" | "float64";
  readonly swap?: boolean;
  readonly role?: "arg" | "head";
  readonly constant?: number;
  readonly outputs?: readonly string[];
}

/** y = (x + value) - c, varied. */
function build(variation: Variation = {}): Graph {
  const { firstId = 0, name = "x", value = 0, shape = [2], dtype = "float32" } = variation;
  const builder = new Builder(`graph of ${name}`, firstId);
  const type = { dtype, shape };
  const details = variation.role === "head" ? { of: { node: 0, out: 0 } } : {};
  const x = builder.input(name, type, variation.role ?? "arg", details);
  const data = dtype === "float32" ? new Float32Array(2) : new Float64Array(2);
  const c = builder.constant(data.fill(variation.constant ?? 3), type);
  const { site, scope } = variation;
  const sum = builder.within({ site, scope, origin: firstId }, () => add(x, fill(x, shape, value)));
  const difference = variation.swap === true ? sub(c, sum) : sub(sum, c);
  const results = new Map([
    ["a", sum],
    ["b", difference],
  ]);
  for (const output of variation.outputs ?? ["a", "b"]) {
    builder.output(`${name}.${output}`, results.get(output) ?? x);
  }
  return builder.finish();
}

const sameHash: readonly Variation[] = [
  { firstId: 100 },
  { name: "other" },
  { site: "model.ts:1", scope: "mlp" },
];

const otherHash: readonly Variation[] = [
  { value: -0 },
  { value: Number.NaN },
  { value: Number.POSITIVE_INFINITY },
  { value: Number.NEGATIVE_INFINITY },
  { shape: [2, 1] },
  { dtype: "float64" },
  { swap: true },
  { role: "head" },
  { constant: 4 },
  { outputs: ["b", "a"] },
  { outputs: ["a"] },
];

describe("hashGraph", () => {
  test.each(sameHash)("does not cover %j", (variation) => {
    expect(hashGraph(build(variation))).toBe(hashGraph(build()));
    expect(equalGraphs(build(variation), build())).toBe(true);
  });

  test("covers everything that changes results", () => {
    const graphs = [build(), ...otherHash.map(build)];
    expect(new Set(graphs.map(hashGraph)).size).toBe(graphs.length);
    for (const graph of graphs.slice(1)) expect(equalGraphs(graph, build())).toBe(false);
  });

  test("covers sub-graphs by structure", () => {
    const call = (body: Graph) => {
      const builder = new Builder("outer");
      const x = builder.input("x", { dtype: "float32", shape: [2] });
      builder.output("y", apply(callOp, [x], { body, note: "n" }));
      return builder.finish();
    };
    expect(hashGraph(call(build({ firstId: 7 })))).toBe(hashGraph(call(build())));
    expect(hashGraph(call(build({ value: -0 })))).not.toBe(hashGraph(call(build())));
  });

  test("does not depend on the order in which attributes were written", () => {
    const call = (attrs: object) => {
      const builder = new Builder("outer");
      const x = builder.input("x", { dtype: "float32", shape: [2] });
      builder.output("y", apply(callOp, [x], { body: build(), note: 1, ...attrs }));
      return builder.finish();
    };
    const reversed = { ...call({}) };
    const node = reversed.nodes[1];
    if (node === undefined) throw new Error("no node");
    const attrs = Object.fromEntries(Object.entries(node.attrs).reverse());
    expect(hashGraph({ ...reversed, nodes: { 1: { ...node, attrs } } })).toBe(hashGraph(reversed));
  });
});

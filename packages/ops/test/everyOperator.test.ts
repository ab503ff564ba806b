import { Builder, isFloat, nodesOf, type OpDef, sizeOf, typeOf } from "@adjoint/graph";
import { registry } from "../src/index.js";
import { arrayExamples } from "./examples/arrays.js";
import { elementwiseExamples } from "./examples/elementwise.js";
import { type Example, exampleGraph } from "./examples/example.js";
import { layerExamples } from "./examples/layers.js";
import { programExamples } from "./examples/programs.js";
import { expectGraphDerivatives, gradientGraph, irregular, run } from "./support.js";

const examples = { ...elementwiseExamples, ...arrayExamples, ...layerExamples, ...programExamples };

/** Asking for the derivative of these throws, as control.test.ts shows. */
const refusing = ["customFunctionBackward"];

const operators: readonly OpDef[] = registry.names.map((name) => registry.get(name));
const constant = operators.filter(({ vjp }) => vjp !== undefined && "none" in vjp);
const sources = operators.filter(({ arity }) => arity === 0);
const differentiable = operators.filter(
  (op) => !constant.includes(op) && !sources.includes(op) && !refusing.includes(op.name),
);

describe("the table of examples", () => {
  test("has an entry for each differentiable operator, and for no other", () => {
    expect(Object.keys(examples).sort()).toEqual(differentiable.map(({ name }) => name).sort());
  });

  test("differentiates three times what is computed element by element", () => {
    const isMap = (name: string) => {
      const [example] = examples[name] ?? [];
      const node = example && nodesOf(exampleGraph(name, example)).find(({ op }) => op === name);
      const { kernel } = registry.get(name);
      const types = example?.ins.map(({ dtype, shape }) => ({ dtype, shape })) ?? [];
      return node !== undefined && kernel?.(types, node.attrs, node.types).kind === "map";
    };
    const maps = differentiable.map(({ name }) => name).filter(isMap);
    expect(maps.length).toBeGreaterThan(40);
    expect(
      maps.filter((name) => !(name in elementwiseExamples) && !(name in programExamples)),
    ).toEqual([]);
  });

  test.each(Object.entries(examples))("%s: has examples", (_, list) => {
    expect(list).not.toHaveLength(0);
  });
});

test.each(constant.map(({ name, vjp }) => [name, vjp] as const))(
  "%s: says why it has no derivative",
  (_, vjp) => {
    expect(vjp).toEqual({ none: expect.stringMatching(/^[a-z].*\w$/) });
  },
);

test.each(sources.map((op) => [op.name, op.vjp] as const))(
  "%s: has no arguments and gives no gradients",
  (_, vjp) => {
    if (vjp === undefined || "none" in vjp) throw new Error("no rule");
    const context = { ins: [], outs: [], heads: [], attrs: {}, active: [] };
    const differentiate = () => new Builder("unused").finish();
    expect(vjp.rule({ ...context, differentiate })).toEqual([]);
  },
);

const rows = Object.entries(examples).flatMap(([name, list]) =>
  list.map((example, index) => [name, index, example] as const),
);

/** Of a decreed gradient, only its own derivatives can be compared. */
function expectExample(name: string, example: Example, order: number): void {
  const graph = exampleGraph(name, example);
  const data = example.ins.map((one) => one.data);
  if (example.decreed === undefined) {
    expectGraphDerivatives(graph, data, { order, ...example });
    return;
  }
  const wrt = graph.inputs.filter(({ type }) => isFloat(type.dtype)).map((input) => input.name);
  const derived = gradientGraph(graph, wrt);
  const heads = derived.inputs.slice(data.length).map(({ type }) => irregular(type.shape, 5).data);
  expectGraphDerivatives(derived, [...data, ...heads], { order: order - 1 });
}

describe("derivatives agree with difference quotients", () => {
  test.each(rows)("%s, example %i", (name, _, example) => {
    expectExample(name, example, name in elementwiseExamples ? 3 : 2);
  });
});

describe("what an operator says of itself holds", () => {
  test.each(rows)("%s, example %i: results have the types inferred", (name, _, example) => {
    const graph = exampleGraph(name, example);
    const op = registry.get(name);
    const results = run(graph, example.ins, example.hosts);
    for (const { data, shape } of results) expect(data).toHaveLength(sizeOf(shape));
    if (op.compose === undefined) return;
    const node = graph.nodes[graph.order.at(-1) ?? -1];
    expect(node?.op).toBe(name);
    const builder = new Builder("parts");
    const types = (node?.inputs ?? []).map((ref) => typeOf(graph, ref));
    const ins = types.map((type, at) => builder.input(`x${at}`, type));
    const parts = op.compose(ins, example.attrs ?? {});
    expect(parts.map(({ type }) => type)).toEqual(op.infer(types, example.attrs ?? {}));
  });
});

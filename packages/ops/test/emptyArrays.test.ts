import { type Attrs, sizeOf } from "@adjoint/graph";
import { registry } from "../src/index.js";
import { elementwiseExamples } from "./examples/elementwise.js";
import { emptyCases } from "./examples/empty.js";
import { argument, type Case, int32 } from "./examples/emptyCase.js";
import { exampleGraph } from "./examples/example.js";
import { gradientGraph, irregular, run } from "./support.js";

function expectShapes(name: string, { ins, attrs = {}, outs }: Case): void {
  const givens = ins.map(argument);
  const graph = exampleGraph(name, { ins: givens, attrs });
  const results = run(graph, givens);
  expect(results.map(({ shape }) => shape)).toEqual(outs);
  expect(results.map(({ data }) => data.length)).toEqual(outs.map(sizeOf));
  const derived = gradientGraph(graph);
  const heads = derived.inputs.slice(givens.length).map(({ type }) => irregular(type.shape));
  const gradients = run(derived, [...givens, ...heads]);
  expect(gradients.map(({ shape }) => shape)).toEqual(givens.map(({ shape }) => shape));
  expect(gradients.map(({ data }) => data.length)).toEqual(
    givens.map(({ shape }) => sizeOf(shape)),
  );
}

describe("an axis of length 0: results and gradients have their shapes", () => {
  const rows = Object.entries(emptyCases).flatMap(([name, list]) =>
    list.map((one, index) => [name, index, one] as const),
  );
  test.each(rows)("%s, case %i", (name, _, one) => {
    expectShapes(name, one);
  });
});

/** Piecewise constant functions of one or two arrays have no examples of their derivatives. */
const stepFunctions = registry.names.flatMap((name) => {
  const { arity, vjp, attrs } = registry.get(name);
  const isConstant = vjp !== undefined && "none" in vjp && Object.keys(attrs).length === 0;
  return isConstant && typeof arity === "number" ? [[name, arity, {}] as const] : [];
});

/** Name, number of arguments and attributes. */
const elementwise: readonly (readonly [string, number, Attrs])[] = [
  ...stepFunctions,
  ...Object.entries(elementwiseExamples).flatMap(([name, [example]]) =>
    example === undefined ? [] : [[name, example.ins.length, example.attrs ?? {}] as const],
  ),
];

test("every operator takes empty arrays, but for those without arguments and those of bodies", () => {
  const bodies = ["call", "scan", "whileLoop", "cond", "customFunction", "customFunctionBackward"];
  const known = [...Object.keys(emptyCases), ...elementwise.map(([name]) => name), ...bodies];
  const taking = registry.names.filter((name) => registry.get(name).arity !== 0);
  expect(known.sort()).toEqual([...taking].sort());
});

describe("elementwise functions of nothing give nothing", () => {
  test.each(elementwise)("%s", (name, count, attrs) => {
    for (const shape of [[0], [2, 0, 3]]) {
      const ins = Array.from({ length: count }, () => shape);
      expectShapes(name, { ins, attrs, outs: [shape] });
    }
  });

  const binary = registry.names.filter((name) => {
    const { arity, kernel, attrs } = registry.get(name);
    const pair = [argument([0, 1]), argument([3])];
    const broadcasts = arity === 2 && Object.keys(attrs).length === 0 && kernel !== undefined;
    return broadcasts && kernel(pair, {}, []).kind === "map";
  });
  test.each(binary)("%s broadcasts an axis of length 1 to none", (name) => {
    expectShapes(name, { ins: [[0, 1], [3]], outs: [[0, 3]] });
    expectShapes(name, {
      ins: [
        [2, 1],
        [2, 0],
      ],
      outs: [[2, 0]],
    });
  });
});

describe("elementwise functions of one element, with any number of axes", () => {
  test.each(elementwise)("%s", (name, count, attrs) => {
    for (const shape of [[], [1], [1, 1]]) {
      const ins = Array.from({ length: count }, () => shape);
      expectShapes(name, { ins, attrs, outs: [shape] });
    }
  });
});

test.each<[string, Case]>([
  ["sum", { ins: [[]], attrs: { axes: [], keepdims: false }, outs: [[]] }],
  ["mean", { ins: [[]], attrs: { axes: [], keepdims: false }, outs: [[]] }],
  ["prod", { ins: [[]], attrs: { axes: [], keepdims: false }, outs: [[]] }],
  ["max", { ins: [[]], attrs: { axes: [], keepdims: false }, outs: [[]] }],
  ["norm", { ins: [[]], attrs: { ord: 2, axes: [], keepdims: false }, outs: [[]] }],
  ["moments", { ins: [[]], attrs: { axes: [], keepdims: true }, outs: [[], []] }],
  ["broadcastTo", { ins: [[]], attrs: { shape: [2, 1] }, outs: [[2, 1]] }],
  ["reshape", { ins: [[]], attrs: { shape: [1, 1] }, outs: [[1, 1]] }],
  ["transpose", { ins: [[]], attrs: { axes: [] }, outs: [[]] }],
  ["slice", { ins: [[]], attrs: { starts: [], sizes: [], steps: [] }, outs: [[]] }],
  ["pad", { ins: [[]], attrs: { low: [], high: [], interior: [], value: 0 }, outs: [[]] }],
  ["take", { ins: [[3, 2], int32()], attrs: { axis: 0, mode: "clip" }, outs: [[2]] }],
  ["gatherNd", { ins: [[3], int32(1)], outs: [[]] }],
  ["Embedding", { ins: [int32(), [2, 3]], attrs: { inputDim: 2, outputDim: 3 }, outs: [[3]] }],
])("%s takes arrays without axes", expectShapes);

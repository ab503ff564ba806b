import { GradientError, isFloat, typeOf, verify } from "@adjoint/graph";
import { fronts, mul, registry } from "@adjoint/ops";
import { jvp, vjp } from "../src/index.js";
import { graphOf, numbersFor, sampleOf } from "./operatorSamples.js";
import { anyInputs, close, dotProduct, f64, program, runNamed } from "./support.js";

/** Without arguments, or without a sample of values alone. */
const without = ["full", "arange", "eye", "whileLoop", "customFunction", "customFunctionBackward"];

/** Their gradient is not linear in the head gradient: it ignores that, so that the tangent is 0. */
const losses = [
  "makeLoss",
  "SoftmaxOutput",
  "LinearRegressionOutput",
  "LogisticRegressionOutput",
  "MAERegressionOutput",
  "SVMOutput",
];

const names = registry.names.filter((name) => !without.includes(name) && !losses.includes(name));

function transforms(name: string) {
  const given = sampleOf(name);
  if (given === undefined) throw new Error(`no sample of ${name}`);
  const graph = graphOf(name, given);
  const [pushforward, pullback] = [jvp(graph), vjp(graph)];
  const point = Object.fromEntries(
    graph.inputs.map(({ name, type }, at) => [name, numbersFor(given, name, type.shape, at)]),
  );
  const numbers = { ...anyInputs(pushforward, 2), ...anyInputs(pullback, 4), ...point };
  return { graph, pushforward, pullback, numbers };
}

test.each(names)("%s: <u, J v> = <Jᵀ u, v>", (name) => {
  const { graph, pushforward, pullback, numbers } = transforms(name);
  verify(pushforward, registry);
  const [tangents, gradients] = [runNamed(pushforward, numbers), runNamed(pullback, numbers)];
  const results = graph.outputs.filter(({ ref }) => isFloat(typeOf(graph, ref).dtype));
  const left = results.reduce(
    (sum, { name }) =>
      sum + dotProduct(numbers[`head.${name}`] ?? [], tangents[`tangent.${name}`] ?? []),
    0,
  );
  const right = graph.inputs.reduce(
    (sum, { name }) =>
      sum + dotProduct(gradients[`grad.${name}`] ?? [], numbers[`tangent.${name}`] ?? []),
    0,
  );
  expect(Math.abs(left - right)).toBeLessThan(1e-6 * (1 + Math.abs(right)));
});

test.each(losses)("%s ignores its head gradient, and passes no tangent on", (name) => {
  const { graph, pushforward, numbers } = transforms(name);
  const tangents = runNamed(pushforward, numbers);
  for (const { name } of graph.outputs) {
    expect(new Set(tangents[`tangent.${name}`]?.map(Math.abs))).toEqual(new Set([0]));
  }
});

test("whileLoop: the tangent of as many iterations as ran", () => {
  const condition = program("small", { x: f64(1) }, ({ x }) => ({ y: fronts.lesser(x, 3) }));
  const body = program("next", { x: f64(1) }, ({ x }) => ({ x: mul(x, x), y: mul(x, 2) }));
  const attrs = { states: 1, stacked: 1, length: 4, history: false, condition, body };
  const pushforward = jvp(graphOf("whileLoop", { ins: [f64(1)], attrs }));
  verify(pushforward, registry);
  // x, x², x⁴, then x⁸ is above 3: derivatives 8 x⁷, and 2, 4 x, 8 x³ of the stacked results.
  const x = 1.2;
  const results = runNamed(pushforward, { in0: [x], "tangent.in0": [1] });
  expect(results["tangent.out0"]).toEqual(close([8 * x ** 7]));
  expect(results["tangent.out1"]).toEqual(close([2, 4 * x, 8 * x ** 3, 0]));
});

test("forward mode of a custom function is refused as its second derivative is", () => {
  const attrs = { key: 1, name: "mine", inputs: 1 };
  const sample = {
    ins: [
      { dtype: "float64", shape: [2] },
      { dtype: "float64", shape: [2] },
    ],
    attrs,
  } as const;
  const graph = graphOf("customFunction", sample);
  expect(() => jvp(graph)).toThrow(GradientError);
});

import { isFloat } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import { vjp } from "../src/index.js";
import { graphOf, numbersFor, sampleOf } from "./operatorSamples.js";
import { anyInputs, runNamed } from "./support.js";

const constant = registry.names.filter((name) => {
  const { vjp: rule, arity } = registry.get(name);
  return rule !== undefined && "none" in rule && arity !== 0;
});

test("there are operators whose derivative is 0, each with a sample", () => {
  expect(constant).toEqual(expect.arrayContaining(["floor", "sign", "argmax", "lesser", "oneHot"]));
  expect(constant.filter((name) => sampleOf(name) === undefined)).toEqual([]);
});

test.each(constant)("%s: the derivative is 0", (name) => {
  const given = sampleOf(name);
  if (given === undefined) throw new Error(`no sample of ${name}`);
  const graph = graphOf(name, given);
  const pullback = vjp(graph);
  const point = Object.fromEntries(
    graph.inputs.map(({ name: of, type }, at) => [of, numbersFor(given, of, type.shape, at)]),
  );
  const results = runNamed(pullback, { ...anyInputs(pullback), ...point });
  const floats = graph.inputs.filter(({ type }) => isFloat(type.dtype));
  for (const { name: of } of floats) {
    expect(new Set(results[`grad.${of}`]?.map(Math.abs))).toEqual(new Set([0]));
  }
});

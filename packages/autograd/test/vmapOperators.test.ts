import { lower, runPasses } from "@adjoint/graph";
import { fronts, registry } from "@adjoint/ops";
import { vmap } from "../src/index.js";
import { mappedByLoop } from "./mapping.js";
import { graphOf, numbersFor, sampleOf, samples } from "./operatorSamples.js";
import { f32, f64, program, scattered, typed } from "./support.js";

/** Operators that can't be mapped, and why. */
const refused: Readonly<Record<string, string>> = {
  customFunction: "the user's backward function takes one example",
  customFunctionBackward: "the user's backward function takes one example",
};

/** Nothing to map: no arguments. */
const constants = ["full", "arange", "eye"];

function subsets(count: number): number[][] {
  return Array.from({ length: 2 ** count - 1 }, (_, bits) =>
    Array.from({ length: count }, (_, at) => at).filter((at) => ((bits + 1) >> at) & 1),
  );
}

const mappable = registry.names.filter(
  (name) => refused[name] === undefined && !constants.includes(name),
);

test("every operator can be mapped, or is refused for a reason", () => {
  expect(mappable.filter((name) => sampleOf(name) === undefined)).toEqual([]);
  expect(Object.keys(samples).filter((name) => !mappable.includes(name))).toEqual([]);
});

test.each(mappable)("%s over any of its arguments equals a loop", (name) => {
  const given = sampleOf(name);
  if (given === undefined) throw new Error("no sample");
  const graph = graphOf(name, given);
  for (const positions of given.only ?? subsets(given.ins.length)) {
    const { have, want } = mappedByLoop(
      graph,
      positions.map((at) => `in${at}`),
      3,
      (input, shape, seed) => numbersFor(given, input, shape, seed),
    );
    expect(have).toEqual(want.map((values) => values.map(near)));
  }
});

function near(value: number): unknown {
  return Number.isFinite(value) ? expect.closeTo(value, 5) : value;
}

test("what is refused says which operator and why", () => {
  const custom = graphOf("customFunction", {
    ins: [f64(2), f64(2)],
    attrs: { key: 1, name: "mine", inputs: 1 },
  });
  expect(() => vmap(custom, { size: 2 })).toThrow(
    /vmap: operator customFunction can't be mapped.*one example/,
  );
});

test("lowered graphs are mapped alike", () => {
  const graph = program("layers", { x: f32(2, 3) }, ({ x }) => ({ y: fronts.softmax(x) }));
  const lowered = runPasses(graph, [lower], { registry }).graph;
  const { have, want } = mappedByLoop(lowered, ["x"], 2);
  expect(have).toEqual(want.map((values) => values.map(near)));
});

test("an integer input may be mapped, too", () => {
  const graph = program("rows", { x: f32(4, 3), at: typed("int32") }, ({ x, at }) => ({
    y: fronts.take(x, at),
  }));
  const { have, want } = mappedByLoop(graph, ["at"], 3, (name, shape, seed) =>
    name === "at" ? [seed % 4] : scattered(shape, seed),
  );
  expect(have).toEqual(want);
});

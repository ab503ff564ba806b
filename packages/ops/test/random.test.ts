import {
  ArgumentError,
  AttributeError,
  Builder,
  DTypeError,
  ShapeError,
  type Value,
} from "@adjoint/graph";
import { initialRandomState, toNumbers } from "@adjoint/runtime";
import {
  exponentialSample,
  gammaSample,
  multinomialSample,
  normalSample,
  poissonSample,
  randintSample,
  sequenceSample,
  uniformSample,
} from "../src/index.js";
import { decimalFloat } from "../src/random/decimalFloat.js";
import { evaluate, evaluateAll, type Given, given, gradientsOf } from "./support.js";

type Sampler = (state: Value) => readonly [Value, Value];

const float = { shape: [2, 3], dtype: "float32" } as const;
const samplers: readonly (readonly [string, Sampler])[] = [
  ["uniform", (state) => uniformSample(state, { low: 2, high: 4, ...float })],
  ["normal", (state) => normalSample(state, { mean: 3, deviation: 0.1, ...float })],
  ["exponential", (state) => exponentialSample(state, { scale: 2, ...float })],
  ["sequence", (state) => sequenceSample(state, float)],
  ["randint", (state) => randintSample(state, { low: 2, high: 5, shape: [2, 3], dtype: "int32" })],
];

function seeded(seed: number): Given {
  return given(toNumbers(initialRandomState(seed)));
}

/** Two samples, drawn one after the other from the state of a seed; then the last state. */
function drawTwice(sampler: Sampler, seed: number): readonly (readonly number[])[] {
  const draws = (state: Value) => {
    const [first, next] = sampler(state);
    return [first, ...sampler(next)];
  };
  return evaluateAll(draws, seeded(seed)).map(({ data }) => data);
}

describe.each(samplers)("%s", (name, sampler) => {
  test("draws the same numbers from the same state, others from the next", () => {
    const [first, second, last] = drawTwice(sampler, 7);
    expect(drawTwice(sampler, 7)).toEqual([first, second, last]);
    expect(second).not.toEqual(first);
    expect(drawTwice(sampler, 8)[0]).not.toEqual(first);
    expect(last?.[0]).toBe(7);
  });

  test("gives a sample of the type asked for, and a state", () => {
    const builder = new Builder("types");
    const [sample, next] = sampler(builder.input("state", { dtype: "float64", shape: [1026] }));
    expect(sample.type).toEqual({ shape: [2, 3], dtype: name === "randint" ? "int32" : "float32" });
    expect(next.type).toEqual({ shape: [1026], dtype: "float64" });
  });

  test("refuses what is not a state", () => {
    const builder = new Builder("wrong");
    expect(() => sampler(builder.input("x", { dtype: "float64", shape: [624] }))).toThrow(
      ArgumentError,
    );
    expect(() => sampler(builder.input("y", { dtype: "float32", shape: [1026] }))).toThrow(
      `${name}: argument is not a random state: float32[1026] (allowed: float64[1026])`,
    );
  });
});

test("samples stay within the range asked for", () => {
  const [uniform, , , , randint] = samplers.map(([, sampler]) => drawTwice(sampler, 1)[0] ?? []);
  expect(uniform?.every((x) => x >= 2 && x < 4)).toBe(true);
  expect(randint?.every((x) => [2, 3, 4].includes(x))).toBe(true);
});

test("a state gets gradient 0 from its samples", () => {
  const [gradient] = gradientsOf(
    (x) => normalSample(x, { mean: 0, deviation: 1, shape: [2], dtype: "float64" })[0],
    [seeded(3)],
  );
  expect(gradient).toEqual(new Array(1026).fill(0));
});

describe("parameters that make no distribution", () => {
  const shape = [2];
  const dtype = "float32";
  test.each<[string, Sampler, typeof AttributeError | typeof DTypeError | typeof ShapeError]>([
    [
      "deviation 0",
      (s) => normalSample(s, { mean: 0, deviation: 0, shape, dtype }),
      AttributeError,
    ],
    ["NaN mean", (s) => normalSample(s, { mean: NaN, deviation: 1, shape, dtype }), AttributeError],
    ["high < low", (s) => uniformSample(s, { low: 1, high: 0, shape, dtype }), AttributeError],
    ["NaN bound", (s) => uniformSample(s, { low: NaN, high: 0, shape, dtype }), AttributeError],
    ["infinite", (s) => uniformSample(s, { low: 0, high: Infinity, shape, dtype }), AttributeError],
    ["scale < 0", (s) => exponentialSample(s, { scale: -1, shape, dtype }), AttributeError],
    [
      "no integers",
      (s) => randintSample(s, { low: 1, high: 1, shape, dtype: "int32" }),
      AttributeError,
    ],
    [
      "fraction",
      (s) => randintSample(s, { low: 0, high: 1.5, shape, dtype: "int32" }),
      AttributeError,
    ],
    [
      "too wide",
      (s) => randintSample(s, { low: 0, high: 2 ** 33, shape, dtype: "int64" }),
      AttributeError,
    ],
    ["integers", (s) => uniformSample(s, { low: 0, high: 1, shape, dtype: "int32" }), DTypeError],
    ["fractions", (s) => randintSample(s, { low: 0, high: 2, shape, dtype }), DTypeError],
    ["length < 0", (s) => uniformSample(s, { low: 0, high: 1, shape: [-1], dtype }), ShapeError],
  ])("%s", (_, sampler, error) => {
    const state = new Builder("refused").input("s", { dtype: "float64", shape: [1026] });
    expect(() => sampler(state)).toThrow(error);
  });

  test("the error says what was received", () => {
    const state = new Builder("refused").input("s", { dtype: "float64", shape: [1026] });
    expect(() => normalSample(state, { mean: 0, deviation: -2, shape, dtype })).toThrow(
      "normal: deviation must be positive: -2 (allowed: above 0)",
    );
  });
});

describe("parameters as arrays", () => {
  const builder = new Builder("arrays");
  const state = builder.input("state", { dtype: "float64", shape: [1026] });
  const pair = builder.input("pair", { dtype: "float32", shape: [2] });
  const triple = builder.input("triple", { dtype: "float32", shape: [3] });
  const whole = builder.input("whole", { dtype: "int32", shape: [2] });
  const attrs = { shape: [4], dtype: "float64" } as const;

  test("give their shape, and then what is drawn for each element", () => {
    expect(gammaSample(state, pair, pair, attrs)[0].type).toEqual({
      dtype: "float64",
      shape: [2, 4],
    });
    expect(poissonSample(state, pair, attrs)[0].type.shape).toEqual([2, 4]);
    expect(multinomialSample(state, pair, [3])[0].type).toEqual({ dtype: "int32", shape: [3] });
  });

  test("are refused where their types differ, or are integers", () => {
    expect(() => gammaSample(state, pair, triple, attrs)).toThrow(
      "randomGamma: parameters differ in type: float32[2] and float32[3]",
    );
    expect(() => poissonSample(state, whole, attrs)).toThrow(DTypeError);
    expect(() => poissonSample(state, pair, { ...attrs, dtype: "int32" })).toThrow(DTypeError);
    expect(() => multinomialSample(state, whole, [1])).toThrow(DTypeError);
    expect(() => multinomialSample(state, pair, [-1])).toThrow(ShapeError);
  });
});

test("an empty sample leaves the state as it is", () => {
  const attrs = { low: 0, high: 1, shape: [0], dtype: "float32" } as const;
  const next = evaluate((state) => uniformSample(state, attrs)[1], seeded(5));
  expect(next).toEqual(seeded(5));
});

test.each([
  [0.43, Math.fround(0.43)],
  [1.43, 1.4300000667572021],
  [-1.43, -1.4300000667572021],
  [1e-5, Math.fround(1e-5)],
  [16777217, 16777216],
  [Infinity, Infinity],
])("MXNet reads %d as a float", (given, expected) => {
  expect(decimalFloat(given)).toBe(expected);
});

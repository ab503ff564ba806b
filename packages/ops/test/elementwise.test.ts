import { DTypeError, ShapeError, type Value } from "@adjoint/graph";
import { fronts } from "../src/index.js";
import {
  evaluate,
  expectDerivatives,
  float32,
  given,
  gradientsOf,
  type Program,
} from "./support.js";

const samples = {
  real: [-1.7, -0.4, 0.3, 2.2],
  positive: [0.2, 0.9, 1.6, 3.1],
  unit: [-0.8, -0.1, 0.35, 0.7],
  aboveOne: [1.1, 1.9, 4.2],
} as const;

interface Case {
  readonly on: keyof typeof samples;
  /** An independent formula of the value. */
  readonly value: (x: number) => number;
}

const unary: Readonly<Record<string, Case & { readonly fn: (x: Value) => Value }>> = {
  abs: { fn: fronts.abs, on: "real", value: Math.abs },
  negative: { fn: fronts.negative, on: "real", value: (x) => 0 - x },
  reciprocal: { fn: fronts.reciprocal, on: "real", value: (x) => 1 / x },
  square: { fn: fronts.square, on: "real", value: (x) => x * x },
  sqrt: { fn: fronts.sqrt, on: "positive", value: Math.sqrt },
  rsqrt: { fn: fronts.rsqrt, on: "positive", value: (x) => x ** -0.5 },
  cbrt: { fn: fronts.cbrt, on: "real", value: Math.cbrt },
  rcbrt: { fn: fronts.rcbrt, on: "real", value: (x) => 1 / Math.cbrt(x) },
  exp: { fn: fronts.exp, on: "real", value: Math.exp },
  expm1: { fn: fronts.expm1, on: "real", value: (x) => Math.exp(x) - 1 },
  log: { fn: fronts.log, on: "positive", value: Math.log },
  log1p: { fn: fronts.log1p, on: "positive", value: (x) => Math.log(1 + x) },
  log2: { fn: fronts.log2, on: "positive", value: (x) => Math.log(x) / Math.LN2 },
  log10: { fn: fronts.log10, on: "positive", value: (x) => Math.log(x) / Math.LN10 },
  sin: { fn: fronts.sin, on: "real", value: Math.sin },
  cos: { fn: fronts.cos, on: "real", value: Math.cos },
  tan: { fn: fronts.tan, on: "unit", value: (x) => Math.sin(x) / Math.cos(x) },
  arcsin: { fn: fronts.arcsin, on: "unit", value: Math.asin },
  arccos: { fn: fronts.arccos, on: "unit", value: Math.acos },
  arctan: { fn: fronts.arctan, on: "real", value: Math.atan },
  sinh: { fn: fronts.sinh, on: "real", value: (x) => (Math.exp(x) - Math.exp(-x)) / 2 },
  cosh: { fn: fronts.cosh, on: "real", value: (x) => (Math.exp(x) + Math.exp(-x)) / 2 },
  tanh: { fn: fronts.tanh, on: "real", value: (x) => 1 - 2 / (Math.exp(2 * x) + 1) },
  arcsinh: { fn: fronts.arcsinh, on: "real", value: (x) => Math.log(x + Math.sqrt(x * x + 1)) },
  arccosh: { fn: fronts.arccosh, on: "aboveOne", value: Math.acosh },
  arctanh: { fn: fronts.arctanh, on: "unit", value: (x) => Math.log((1 + x) / (1 - x)) / 2 },
  degrees: { fn: fronts.degrees, on: "real", value: (x) => (x / Math.PI) * 180 },
  radians: { fn: fronts.radians, on: "real", value: (x) => (x / 180) * Math.PI },
  sigmoid: { fn: fronts.sigmoid, on: "real", value: (x) => 1 / (1 + Math.exp(-x)) },
  softsign: { fn: fronts.softsign, on: "real", value: (x) => x / (1 + Math.abs(x)) },
  relu: { fn: fronts.relu, on: "real", value: (x) => Math.max(x, 0) },
  hardSigmoid: {
    fn: (x) => fronts.hardSigmoid(x, { alpha: 0.4, beta: 0.45 }),
    on: "real",
    value: (x) => Math.min(1, Math.max(0, 0.4 * x + 0.45)),
  },
  smoothL1: {
    fn: (x) => fronts.smoothL1(x, { scalar: 1.2 }),
    on: "real",
    value: (x) => (Math.abs(x) < 1 / 1.44 ? 0.72 * x * x : Math.abs(x) - 0.5 / 1.44),
  },
  erf: { fn: fronts.erf, on: "real", value: (x) => integral(0, x) },
  erfc: { fn: fronts.erfc, on: "real", value: (x) => 1 - integral(0, x) },
  gammaln: { fn: fronts.gammaln, on: "positive", value: (x) => logFactorial(x - 1) },
  gamma: { fn: fronts.gamma, on: "positive", value: (x) => Math.exp(logFactorial(x - 1)) },
};

/** Simpson's rule on the density of erf. */
function integral(from: number, to: number): number {
  const steps = 2000;
  const width = (to - from) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((from + i * width) ** 2));
  }
  return ((2 / Math.sqrt(Math.PI)) * sum * width) / 3;
}

/** Stirling's series, after shifting the argument up. */
function logFactorial(x: number): number {
  let shift = 0;
  let z = x + 1;
  for (; z < 20; z++) shift += Math.log(z);
  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5);
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift;
}

function expectClose(have: readonly number[], want: readonly number[], tolerance: number): void {
  expect(have).toHaveLength(want.length);
  have.forEach((number, index) => {
    const wanted = want[index] ?? Number.NaN;
    expect(Math.abs(number - wanted)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(wanted)));
  });
}

describe("functions of one array", () => {
  test.each(Object.entries(unary))("%s: value and derivative", (_, { fn, on, value }) => {
    const points = given(samples[on]);
    expectClose(evaluate(fn, points).data, points.data.map(value), 1e-12);
    const slopes = points.data.map((x) => (value(x + 1e-5) - value(x - 1e-5)) / 2e-5);
    expectClose(gradientsOf(fn, [points])[0] ?? [], slopes, 1e-8);
  });

  test.each(Object.entries(unary))("%s: derivatives to third order", (_, { fn, on }) => {
    expectDerivatives(fn, [given(samples[on])], { order: 3 });
  });

  test("erfinv undoes erf, and its derivative is the reciprocal", () => {
    const points = given(samples.unit);
    const there = (x: Value) => fronts.erf(fronts.erfinv(x));
    expectClose(evaluate(there, points).data, samples.unit, 1e-12);
    expectClose(gradientsOf(there, [points])[0] ?? [], [1, 1, 1, 1], 1e-10);
  });

  test("polygamma: known values, and each is the derivative of the one before", () => {
    const one = given([1]);
    const zeta3 = 1.2020569031595942;
    expectClose(evaluate(fronts.digamma, one).data, [-0.5772156649015329], 1e-14);
    expectClose(gradientsOf(fronts.digamma, [one])[0] ?? [], [Math.PI ** 2 / 6], 1e-13);
    const trigamma = (x: Value) => fronts.polygamma(1, x);
    expectClose(gradientsOf(trigamma, [one])[0] ?? [], [-2 * zeta3], 1e-13);
  });

  test.each([
    ["ceil", fronts.ceil, [-2, -1, -0, 1, 3]],
    ["floor", fronts.floor, [-3, -2, -1, 0, 2]],
    ["round", fronts.round, [-3, -2, -1, 1, 3]],
    ["rint", fronts.rint, [-3, -2, -1, 0, 2]],
    ["trunc", fronts.trunc, [-2, -1, -0, 0, 2]],
    ["fix", fronts.fix, [-2, -1, -0, 0, 2]],
  ])("%s at halves, with derivative 0", (_, fn: (x: Value) => Value, want) => {
    const halves = float32([-2.5, -1.5, -0.5, 0.5, 2.5]);
    expect(evaluate(fn, halves).data.map((x) => x + 0)).toEqual(want.map((x) => x + 0));
    expect(gradientsOf(fn, [halves])).toEqual([[0, 0, 0, 0, 0]]);
  });
});

describe("functions of two arrays", () => {
  const binary: readonly (readonly [string, Program, (a: number, b: number) => number])[] = [
    ["add", (a, b) => fronts.add(a, b), (a, b) => a + b],
    ["subtract", (a, b) => fronts.subtract(a, b), (a, b) => a - b],
    ["multiply", (a, b) => fronts.multiply(a, b), (a, b) => a * b],
    ["divide", (a, b) => fronts.divide(a, b), (a, b) => a / b],
    ["modulo", (a, b) => fronts.modulo(a, b), (a, b) => a - b * Math.floor(a / b)],
    ["power", (a, b) => fronts.power(a, b), (a, b) => a ** b],
    ["maximum", (a, b) => fronts.maximum(a, b), Math.max],
    ["minimum", (a, b) => fronts.minimum(a, b), Math.min],
    ["hypot", (a, b) => fronts.hypot(a, b), (a, b) => Math.sqrt(a * a + b * b)],
    ["arctan2", (a, b) => fronts.arctan2(a, b), (a, b) => Math.atan(a / b)],
  ];
  const a = given([2.7, 1.3], [2, 1]);
  const b = given([0.6, 1.7, 2.2]);
  const grid = a.data.flatMap((x) => b.data.map((y) => [x, y] as const));

  test.each(binary)("%s broadcasts, and its gradients are summed back", (_, program, value) => {
    const result = evaluate(program, a, b);
    expect(result.shape).toEqual([2, 3]);
    expectClose(
      result.data,
      grid.map(([x, y]) => value(x, y)),
      1e-13,
    );
    const [da, db] = gradientsOf(program, [a, b]);
    const h = 1e-6;
    const by = (x: number, y: number) => (value(x + h, y) - value(x - h, y)) / (2 * h);
    const and = (x: number, y: number) => (value(x, y + h) - value(x, y - h)) / (2 * h);
    const sum = (terms: readonly number[]) => terms.reduce((total, term) => total + term, 0);
    expectClose(
      da ?? [],
      a.data.map((x) => sum(b.data.map((y) => by(x, y)))),
      1e-8,
    );
    expectClose(
      db ?? [],
      b.data.map((y) => sum(a.data.map((x) => and(x, y)))),
      1e-8,
    );
  });

  test.each(binary)("%s: derivatives to third order", (_, program) => {
    expectDerivatives(program, [a, b], { order: 3 });
  });

  test.each([
    ["equal", fronts.equal, [0, 1, 0, 0]],
    ["notEqual", fronts.notEqual, [1, 0, 1, 1]],
    ["greater", fronts.greater, [0, 0, 1, 0]],
    ["greaterEqual", fronts.greaterEqual, [0, 1, 1, 0]],
    ["lesser", fronts.lesser, [1, 0, 0, 0]],
    ["lesserEqual", fronts.lesserEqual, [1, 1, 0, 0]],
    ["logicalAnd", fronts.logicalAnd, [0, 1, 0, 1]],
    ["logicalOr", fronts.logicalOr, [1, 1, 1, 1]],
    ["logicalXor", fronts.logicalXor, [1, 0, 1, 0]],
  ])("%s gives 0 and 1 in the arguments' dtype", (_, fn: (a: Value, b: Value) => Value, want) => {
    const [x, y] = [float32([0, 2, 3, Number.NaN]), float32([1, 2, 0, 2])];
    expect(evaluate(fn, x, y)).toEqual(float32(want));
    expect(gradientsOf(fn, [x, y])).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  test("different dtypes are refused, never promoted", () => {
    expect(() => evaluate(fronts.add, float32([1]), given([1], [1], "int32"))).toThrow(DTypeError);
  });

  test("elemwise functions refuse what broadcasting would accept", () => {
    expect(evaluate(fronts.elemwiseSub, float32([5, 7]), float32([1, 2])).data).toEqual([4, 5]);
    expect(() => evaluate(fronts.elemwiseMul, float32([1, 2]), float32([3]))).toThrow(ShapeError);
    expect(() => evaluate(fronts.add, float32([1, 2]), float32([3, 4, 5]))).toThrow(ShapeError);
  });

  test("addN adds any number of arrays, and passes the head gradient to each", () => {
    const ones = float32([1, 2]);
    expect(evaluate((x) => fronts.addN(x), ones).data).toEqual([1, 2]);
    const three = (...ins: readonly Value[]) => fronts.addN(...ins);
    expect(evaluate(three, ones, float32([3, 4]), float32([5, 6])).data).toEqual([9, 12]);
    expect(gradientsOf(three, [ones, ones, ones], [[7, 8]])).toEqual([
      [7, 8],
      [7, 8],
      [7, 8],
    ]);
    expect(() => fronts.addN()).toThrow("addN: nothing to add");
    expect(() => evaluate(three, ones, float32([1]))).toThrow(ShapeError);
  });
});

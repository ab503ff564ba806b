import { ArgumentError, Builder, GradientError } from "@adjoint/graph";
import { add, fronts, mul } from "@adjoint/ops";
import { checkGraphGradients } from "../src/index.js";
import { f32, f64, program, run, typed } from "./support.js";

const cube = program("cube", { x: f64(2), n: typed("int32", 2) }, ({ x, n }) => ({
  y: mul(mul(x, x), x),
  n: add(n, 1),
}));

const inputs = [
  [0.5, -1.25],
  [1, 2],
];

test("every comparison is given, order by order", () => {
  const comparisons = checkGraphGradients(cube, run, inputs, { order: 3, directions: 2 });
  expect(comparisons.map(({ order }) => order)).toEqual([1, 1, 2, 2, 3, 3]);
  for (const { symbolic, numeric } of comparisons) expect(symbolic).toBeCloseTo(numeric, 6);
});

test("a gradient that is not the derivative is found", () => {
  const wrong = program("wrong", { x: f64(2) }, ({ x }) => ({
    y: mul(x, fronts.stopGradient(x)),
  }));
  expect(() => checkGraphGradients(wrong, run, [[1, 2]])).toThrow(GradientError);
  expect(() => checkGraphGradients(wrong, run, [[1, 2]])).toThrow(/order 1 differs/);
});

test("so is a layer that ignores its head gradient", () => {
  const loss = program("loss", { x: f64(1, 2), t: f64(1, 2) }, ({ x, t }) => ({
    y: fronts.LinearRegressionOutput(x, t),
  }));
  const point = [
    [1, 2],
    [0, 0],
  ];
  expect(() => checkGraphGradients(loss, run, point, { wrt: ["x"] })).toThrow(GradientError);
});

test("only the inputs asked for are moved", () => {
  const half = program("half", { a: f64(1), b: f64(1) }, ({ a, b }) => ({
    y: mul(a, fronts.stopGradient(b)),
  }));
  const all = [[2], [3]];
  expect(checkGraphGradients(half, run, all, { wrt: ["a"] })).toHaveLength(4);
  expect(() => checkGraphGradients(half, run, all, { wrt: ["b"] })).toThrow(GradientError);
});

test("single precision is refused, as differences would be noise", () => {
  const single = program("single", { x: f32(2) }, ({ x }) => ({ y: mul(x, x) }));
  expect(() => checkGraphGradients(single, run, [[1, 2]])).toThrow(ArgumentError);
  expect(() => checkGraphGradients(single, run, [[1, 2]])).toThrow(/input x of float32/);
});

test("a graph without floating inputs has nothing to compare but zeros", () => {
  const builder = new Builder("integers");
  builder.output("n", add(builder.input("n", typed("int32", 2)), 1));
  const comparisons = checkGraphGradients(builder.finish(), run, [[1, 2]]);
  for (const { symbolic, numeric } of comparisons) expect([symbolic, numeric]).toEqual([0, 0]);
});

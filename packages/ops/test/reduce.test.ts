import { AttributeError, BoundsError, type Operand, ShapeError } from "@adjoint/graph";
import { fronts } from "../src/index.js";
import {
  counting,
  evaluate,
  expectDerivatives,
  expectError,
  float32,
  given,
  gradientsOf,
  irregular,
  type Program,
} from "./support.js";

const { argmax, argmin, max, mean, min, moments, nanprod, nansum, norm, prod, sum } = fronts;

type Reduction = <T extends Operand<T>>(
  x: T,
  options?: { axis?: number | null; keepdims?: boolean },
) => T;

function derivative(program: Program) {
  return (...numbers: number[]) => gradientsOf(program, [given(numbers)])[0];
}

describe("values", () => {
  const x = counting([2, 3]);
  test.each<[string, Reduction, readonly number[], readonly number[]]>([
    ["sum", sum, [5, 7, 9], [21]],
    ["mean", mean, [2.5, 3.5, 4.5], [3.5]],
    ["prod", prod, [4, 10, 18], [720]],
    ["max", max, [4, 5, 6], [6]],
    ["min", min, [1, 2, 3], [1]],
    ["nansum", nansum, [5, 7, 9], [21]],
    ["nanprod", nanprod, [4, 10, 18], [720]],
    ["argmax", argmax, [1, 1, 1], [5]],
    ["argmin", argmin, [0, 0, 0], [0]],
  ])("%s over one axis, over all, with and without the axes kept", (_, fn, byColumn, overAll) => {
    expect(evaluate((v) => fn(v, { axis: 0 }), x)).toEqual(given(byColumn, [3]));
    expect(evaluate((v) => fn(v, { axis: -2, keepdims: true }), x)).toEqual(
      given(byColumn, [1, 3]),
    );
    expect(evaluate((v) => fn(v), x)).toEqual(given(overAll, [1]));
    expect(evaluate((v) => fn(v, { keepdims: true }), x)).toEqual(given(overAll, [1, 1]));
  });

  test("exclude reduces the axes that are not named", () => {
    const totals = evaluate((v) => sum(v, { axis: 1, exclude: true }), counting([2, 3, 2]));
    expect(totals).toEqual(given([18, 26, 34]));
  });

  test("a single NaN makes max and min NaN, and is left out by nansum and nanprod", () => {
    const x = given([3, Number.NaN, 2]);
    expect(evaluate((v) => max(v), x).data).toEqual([Number.NaN]);
    expect(evaluate((v) => min(v), x).data).toEqual([Number.NaN]);
    expect(evaluate((v) => nansum(v), x).data).toEqual([5]);
    expect(evaluate((v) => nanprod(v), x).data).toEqual([6]);
  });

  test("norm is the Euclidean length, or with ord 1 the sum of absolute values", () => {
    expect(evaluate((v) => norm(v), given([3, -4]))).toEqual(given([5]));
    expect(evaluate((v) => norm(v, { ord: 1 }), given([3, -4]))).toEqual(given([7]));
  });

  test("norm neither overflows nor underflows where the length fits float32", () => {
    const [huge, tiny] = [float32([3e30, -4e30]), float32([3e-30, 4e-30])];
    expect(evaluate((v) => norm(v), huge).data).toEqual([Math.fround(5e30)]);
    expect(evaluate((v) => norm(v), tiny).data).toEqual([Math.fround(5e-30)]);
  });

  test("moments far from zero keep the variance's digits", () => {
    const x = given([1e8, 1e8 + 2, 1e8 + 4]);
    expect(evaluate((v) => moments(v)[0] ?? v, x)).toEqual(given([1e8 + 2]));
    expect(evaluate((v) => moments(v)[1] ?? v, x).data).toEqual([expect.closeTo(8 / 3, 9)]);
  });
});

describe("dtypes", () => {
  test("the mean of integers truncates", () => {
    expect(evaluate((v) => mean(v), given([1, 2], [2], "int32"))).toEqual(given([1], [1], "int32"));
    expect(evaluate((v) => mean(v), given([-1, -2], [2], "int32")).data).toEqual([-1]);
  });

  test.each([
    ["float32", "float32"],
    ["float64", "float64"],
    ["int32", "int32"],
    ["uint8", "int32"],
  ] as const)("positions in %s come as %s, the first of tied ones", (dtype, positions) => {
    const x = given([1, 3, 3, 1], [4], dtype);
    expect(evaluate((v) => argmax(v), x)).toEqual(given([1], [1], positions));
    expect(evaluate((v) => argmin(v), x)).toEqual(given([0], [1], positions));
  });
});

describe("empty axes", () => {
  const none = given([]);
  test.each<[string, Reduction, number]>([
    ["sum", sum, 0],
    ["prod", prod, 1],
    ["max", max, -Infinity],
    ["min", min, Infinity],
    ["mean", mean, Number.NaN],
  ])("%s of nothing is its neutral element", (_, fn, neutral) => {
    expect(evaluate((v) => fn(v), none).data).toEqual([neutral]);
  });

  test("there is no position in nothing, and no extreme of no integers", () => {
    expect(() => evaluate((v) => argmax(v), none)).toThrow(ShapeError);
    expect(() => evaluate((v) => max(v), given([], [0], "int32"))).toThrow(ShapeError);
  });
});

describe("gradients", () => {
  test("every tied element gets the whole gradient, and NaN nobody", () => {
    expect(derivative((v) => max(v))(1, 3, 3)).toEqual([0, 1, 1]);
    expect(derivative((v) => min(v))(1, 1, 3)).toEqual([1, 1, 0]);
    expect(derivative((v) => max(v))(Number.NaN, 1)).toEqual([0, 0]);
  });

  test("prod gives each element the product of the others, zeros included", () => {
    expect(derivative((v) => prod(v))(2, 0, 3)).toEqual([0, 6, 0]);
    expect(derivative((v) => prod(v))(0, 0, 3)).toEqual([0, 0, 0]);
    expect(derivative((v) => nanprod(v))(Number.NaN, 2, 3)).toEqual([0, 3, 2]);
  });

  test("the Euclidean norm has no gradient at 0, the sum of absolute values has gradient 0", () => {
    expect(derivative((v) => norm(v))(0, 0)).toEqual([Number.NaN, Number.NaN]);
    expect(derivative((v) => norm(v, { ord: 1 }))(0, -2)).toEqual([0, -1]);
  });

  test.each<[string, Program]>([
    ["sum", (v) => sum(v, { axis: [0, 2] })],
    ["mean", (v) => mean(v, { axis: 1, keepdims: true })],
    ["prod", (v) => prod(v, { axis: [2, 0] })],
    ["prod of all", (v) => prod(v)],
    ["max", (v) => max(v, { axis: 1 })],
    ["nanprod", (v) => nanprod(v, { axis: 2 })],
    ["norm", (v) => norm(v, { axis: 1 })],
    ["norm 1", (v) => norm(v, { ord: 1, axis: [0, 1] })],
    ["variance", (v) => moments(v, { axes: [0, 2] })[1] ?? v],
  ])("%s agrees with difference quotients, to second order", (_, program) => {
    expectDerivatives(program, [irregular([2, 3, 2])]);
  });

  test("prod agrees with difference quotients at zeros, to third order", () => {
    expectDerivatives((v) => prod(v), [given([0, 2, 0, 3, -1])], { order: 3 });
  });
});

describe("errors", () => {
  const x = counting([2, 3]);
  test.each<[string, Program, typeof AttributeError, string]>([
    ["axis out of range", (v) => sum(v, { axis: 2 }), BoundsError, "sum: axis is out of range: 2"],
    ["axis named twice", (v) => max(v, { axis: [0, -2] }), AttributeError, "named twice"],
    ["unknown order", (v) => norm(v, Object({ ord: 3 })), AttributeError, "allowed: 1, 2"],
    ["unknown option", (v) => mean(v, Object({ axes: 1 })), AttributeError, "allowed: axis"],
  ])("%s", (_, program, error, message) => {
    expectError(() => evaluate(program, x), error, message);
  });
});

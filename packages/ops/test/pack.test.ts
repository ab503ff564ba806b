import { ArgumentError, AttributeError, DTypeError, ShapeError } from "@adjoint/graph";
import { fronts } from "../src/index.js";
import {
  counting,
  evaluate,
  expectDerivatives,
  expectError,
  given,
  irregular,
  type Program,
} from "./support.js";

const { concat, multiply, pad, shapeArray, sizeArray, stack } = fronts;

describe("concat and stack", () => {
  test("concat joins along the second axis unless told otherwise", () => {
    const [a, b] = [counting([2, 1]), given([5, 6], [2, 1])];
    expect(evaluate((v, w) => concat(v, w), a, b)).toEqual(given([1, 5, 2, 6], [2, 2]));
    expect(evaluate((v, w) => concat(v, w, { dim: 0 }), a, b)).toEqual(given([1, 2, 5, 6], [4, 1]));
    expect(evaluate((v, w) => concat(v, w, { dim: -2 }), a, b).shape).toEqual([4, 1]);
  });

  test("empty parts add nothing, and a single array stays as it is", () => {
    const [a, none] = [counting([2]), given([])];
    expect(evaluate((v, w) => concat(w, v, w, { dim: 0 }), a, none)).toEqual(a);
    expect(evaluate((v) => concat(v, { dim: 0 }), a)).toEqual(a);
  });

  test("stack joins along a new axis", () => {
    const [a, b] = [counting([2]), given([5, 6])];
    expect(evaluate((v, w) => stack(v, w), a, b)).toEqual(given([1, 2, 5, 6], [2, 2]));
    expect(evaluate((v, w) => stack(v, w, { axis: -1 }), a, b)).toEqual(
      given([1, 5, 2, 6], [2, 2]),
    );
  });

  test.each<[string, Program]>([
    ["concat", (v, w) => concat(multiply(v, w), w, v)],
    ["stack", (v, w) => stack(multiply(v, w), w, { axis: 1 })],
  ])("%s agrees with difference quotients, to second order", (_, program) => {
    expectDerivatives(
      (v, w) => multiply(program(v, w), program(w, v)),
      [irregular([2, 2]), counting([2, 2])],
    );
  });
});

describe("pad", () => {
  const x = counting([2, 3]);
  test.each<[string, Program, readonly number[], readonly number[]]>([
    [
      "constant",
      (v) => pad(v, { padWidth: [0, 1, 1, 0], constantValue: 9 }),
      [3, 4],
      [9, 1, 2, 3, 9, 4, 5, 6, 9, 9, 9, 9],
    ],
    [
      "edge",
      (v) => pad(v, { mode: "edge", padWidth: [1, 0, 0, 2] }),
      [3, 5],
      [1, 2, 3, 3, 3, 1, 2, 3, 3, 3, 4, 5, 6, 6, 6],
    ],
    [
      "reflect",
      (v) => pad(v, { mode: "reflect", padWidth: [0, 1, 2, 1] }),
      [3, 6],
      [3, 2, 1, 2, 3, 2, 6, 5, 4, 5, 6, 5, 3, 2, 1, 2, 3, 2],
    ],
  ])("%s", (_, program, shape, data) => {
    expect(evaluate(program, x)).toEqual(given(data, shape));
    expectDerivatives((v) => multiply(program(v), program(v)), [x]);
  });

  test("the value takes the array's dtype", () => {
    const padded = evaluate(
      (v) => pad(v, { padWidth: [1, 0], constantValue: 1.7 }),
      given([5], [1], "int32"),
    );
    expect(padded).toEqual(given([1, 5], [2], "int32"));
  });
});

test("shapeArray and sizeArray give lengths as int64, of any dtype", () => {
  const x = counting([2, 3], "float32");
  expect(evaluate((v) => shapeArray(v), x)).toEqual(given([2, 3], [2], "int64"));
  expect(evaluate((v) => sizeArray(v), x)).toEqual(given([6], [1], "int64"));
});

describe("errors", () => {
  const [a, b] = [counting([2, 3]), counting([2, 2])];
  const integers = counting([2, 3], "int32");
  const modeless = Object({ mode: "mirror", padWidth: [0, 0, 0, 0] });
  test.each<[string, () => unknown, typeof AttributeError, string]>([
    [
      "other lengths",
      () => evaluate((v, w) => concat(v, w, { dim: 0 }), a, b),
      ShapeError,
      "(2, 3), (2, 2)",
    ],
    [
      "other dtypes",
      () => evaluate((v, w) => concat(v, w), a, integers),
      DTypeError,
      "dtypes differ",
    ],
    ["shapes to stack", () => evaluate((v, w) => stack(v, w), a, b), ShapeError, "shapes differ"],
    ["no arrays", () => concat(), ArgumentError, "no arrays given"],
    [
      "a list of arrays",
      () => evaluate((v) => concat(Object([v, v])), a),
      ArgumentError,
      "an Array of 2",
    ],
    [
      "an unknown option",
      () => evaluate((v) => concat(v, Object({ axis: 0 })), a),
      AttributeError,
      "dim",
    ],
    [
      "an unknown mode",
      () => evaluate((v) => pad(v, modeless), a),
      AttributeError,
      "constant, edge, reflect",
    ],
    [
      "too few widths",
      () => evaluate((v) => pad(v, { padWidth: [1, 1] }), a),
      AttributeError,
      "4 numbers",
    ],
    [
      "too wide a mirror",
      () => evaluate((v) => pad(v, { mode: "reflect", padWidth: [2, 0, 0, 0] }), a),
      ShapeError,
      "at least 3 elements",
    ],
  ])("%s: refused", (_, act, error, message) => {
    expectError(act, error, message);
  });
});

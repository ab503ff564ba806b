import { ArgumentError, AttributeError, DTypeError, ShapeError } from "@adjoint/graph";
import { batchDotOp } from "../src/contract/batchDot.js";
import { fronts } from "../src/index.js";
import {
  evaluate,
  evaluateAll,
  expectDerivatives,
  given,
  irregular,
  type Program,
} from "./support.js";

const { batchDot, dot, khatriRao, reshape } = fronts;
const ones = (...shape: readonly number[]) => irregular(shape, 1, "float32");
const flags = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

describe("dot", () => {
  test.each([
    [[3], [3], false, false, [1]],
    [[2, 3], [3], false, false, [2]],
    [[3], [3, 4], false, false, [4]],
    [[2, 3, 4], [4, 5], false, false, [2, 3, 5]],
    [[2, 3, 4], [4, 3, 2], false, false, [2, 3, 3, 2]],
    [[2, 3, 4], [2, 5], true, false, [3, 4, 5]],
    [[3, 4], [2, 5, 4], false, true, [3, 2, 5]],
    [[2, 3, 4], [5, 6, 2], true, true, [3, 4, 5, 6]],
    [[2, 0], [0, 3], false, false, [2, 3]],
  ])("of %j and %j, transposed %s and %s, has shape %j", (a, b, transposeA, transposeB, shape) => {
    const [result] = evaluateAll(
      (x, y) => dot(x, y, { transposeA, transposeB }),
      ones(...a),
      ones(...b),
    );
    expect(result?.shape).toEqual(shape);
  });

  test("of more than two axes contracts the first axis of a transposed a, the others in order", () => {
    const a = given([1, 2, 3, 4], [2, 1, 2]);
    const b = given([10, 1], [2, 1]);
    expect(evaluate((x, y) => dot(x, y, { transposeA: true }), a, b).data).toEqual([13, 24]);
  });

  test("over an empty axis is 0", () => {
    expect(evaluate((x, y) => dot(x, y), ones(1, 0), ones(0, 2)).data).toEqual([0, 0]);
  });

  test.each(flags)("is differentiable twice, transposed %s and %s", (transposeA, transposeB) => {
    const a = irregular(transposeA ? [3, 2] : [2, 3], 1);
    const b = irregular(transposeB ? [2, 3] : [3, 2], 2);
    expectDerivatives((x, y) => dot(x, y, { transposeA, transposeB }), [a, b]);
  });

  test("of more than two axes is differentiable", () => {
    const givens = [irregular([2, 2, 2], 1), irregular([2, 2], 2)];
    expectDerivatives((x, y) => dot(x, y, { transposeA: true }), givens);
  });

  test("refuses what does not fit", () => {
    expect(() => evaluate((x, y) => dot(x, y), ones(2, 3), ones(2, 3))).toThrow(ShapeError);
    expect(() => evaluate((x, y) => dot(x, y), ones(), ones())).toThrow(ShapeError);
    const double = irregular([3], 1, "float64");
    expect(() => evaluate((x, y) => dot(x, y), ones(3), double)).toThrow(DTypeError);
    const misspelt: object = { transpose_a: true };
    expect(() => evaluate((x, y) => dot(x, y, misspelt), ones(3), ones(3))).toThrow(
      "unknown option: transpose_a (allowed: transposeA)",
    );
  });
});

describe("batchDot", () => {
  test("multiplies matrix by matrix", () => {
    const a = given([1, 2, 3, 4], [2, 1, 2]);
    const b = given([1, 10, 100, 1000], [2, 2, 1]);
    expect(evaluate((x, y) => batchDot(x, y), a, b).data).toEqual([21, 4300]);
  });

  test.each(flags)("is differentiable twice, transposed %s and %s", (transposeA, transposeB) => {
    const a = irregular(transposeA ? [2, 2, 1] : [2, 1, 2], 1);
    const b = irregular(transposeB ? [2, 3, 2] : [2, 2, 3], 2);
    expectDerivatives((x, y) => batchDot(x, y, { transposeA, transposeB }), [a, b]);
  });

  test.each([
    [
      [2, 3],
      [3, 2],
    ],
    [
      [2, 2, 3],
      [1, 3, 2],
    ],
    [
      [2, 2, 3],
      [2, 2, 3],
    ],
    [
      [1, 2, 2, 3],
      [2, 1, 3, 2],
    ],
  ])("refuses %j and %j", (a, b) => {
    expect(() => evaluate((x, y) => batchDot(x, y), ones(...a), ones(...b))).toThrow(ShapeError);
  });

  test("several axes may count the matrices", () => {
    const [a, b] = [irregular([2, 3, 2, 2]), irregular([2, 3, 2, 1])];
    const flat: Program = (x, y = x) =>
      reshape(batchDot(reshape(x, { shape: [6, 2, 2] }), reshape(y, { shape: [6, 2, 1] })), {
        shape: [2, 3, 2, 1],
      });
    expect(evaluate((x, y = x) => batchDot(x, y), a, b)).toEqual(evaluate(flat, a, b));
    expectDerivatives((x, y = x) => batchDot(x, y), [a, b]);
  });

  test("says what it received", () => {
    const [a, b] = [ones(2, 3, 4).shape, ones(2, 5, 3).shape];
    const types = [a, b].map((shape) => ({ dtype: "float32" as const, shape }));
    expect(() => batchDotOp.infer(types, { transposeA: false, transposeB: true })).toThrow(
      "batchDot: shapes make no batch of matrix products: (2, 3, 4) x (2, 5, 3) with transposeB" +
        " (allowed: (...batch, m, k) x (...batch, k, n))",
    );
  });
});

describe("khatriRao", () => {
  test("has the Kronecker products of columns as columns", () => {
    const a = given([1, -1, 2, -3], [2, 2]);
    const b = given([1, 4, 2, 5, 3, 6], [3, 2]);
    expect(evaluate((x, y) => khatriRao(x, y), a, b).data).toEqual([
      1, -4, 2, -5, 3, -6, 2, -12, 4, -15, 6, -18,
    ]);
  });

  test("takes one matrix or several, and is differentiable", () => {
    const givens = [irregular([2, 2], 1), irregular([1, 2], 2), irregular([3, 2], 3)];
    expect(evaluateAll((...ins) => khatriRao(...ins), ...givens)[0]?.shape).toEqual([6, 2]);
    expectDerivatives((...ins) => khatriRao(...ins), givens);
    expect(evaluateAll((x) => khatriRao(x), ones(2, 3))[0]?.data).toEqual(
      evaluateAll((x) => x, ones(2, 3))[0]?.data,
    );
  });

  test("refuses other numbers of columns, vectors, and nothing", () => {
    expect(() => evaluate((x, y) => khatriRao(x, y), ones(2, 3), ones(2, 2))).toThrow(ShapeError);
    expect(() => evaluate((x) => khatriRao(x), ones(3))).toThrow(ShapeError);
    expect(() => khatriRao()).toThrow(ArgumentError);
  });
});

test("flags that are not booleans are refused", () => {
  const attrs = JSON.parse('{ "transposeA": 1 }');
  expect(() => evaluate((x, y) => dot(x, y, attrs), ones(2, 2), ones(2, 2))).toThrow(
    AttributeError,
  );
});

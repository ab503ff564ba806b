import { AttributeError, BoundsError } from "@adjoint/graph";
import { applyOne, fronts } from "../src/index.js";
import { cumprodOp, cumsumOp } from "../src/order/scan.js";
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

const { argsort, cumprod, cumsum, multiply, sort, topk } = fronts;

describe("sort and argsort", () => {
  const x = given([2, Number.NaN, 1, 2]);
  test("equal elements keep their order and NaN comes last, both ways", () => {
    expect(evaluate((v) => sort(v), x).data).toEqual([1, 2, 2, Number.NaN]);
    expect(evaluate((v) => argsort(v), x)).toEqual(float32([2, 0, 3, 1]));
    expect(evaluate((v) => argsort(v, { isAscend: false, dtype: "int32" }), x)).toEqual(
      given([0, 3, 2, 1], [4], "int32"),
    );
  });

  test("the last axis by default, all elements for null", () => {
    const x = given([3, 1, 2, 6, 5, 4], [2, 3]);
    expect(evaluate((v) => sort(v), x)).toEqual(given([1, 2, 3, 4, 5, 6], [2, 3]));
    expect(evaluate((v) => sort(v, { axis: 0 }), x).data).toEqual([3, 1, 2, 6, 5, 4]);
    expect(evaluate((v) => sort(v, { axis: null, isAscend: false }), x)).toEqual(
      given([6, 5, 4, 3, 2, 1]),
    );
  });
});

test("sort of an empty axis is differentiable twice", () => {
  expectDerivatives((v) => fronts.sort(v, { axis: 1 }), [given([], [2, 0, 3])]);
});

describe("topk", () => {
  const x = given([3, 1, 2, 4, 6, 5], [2, 3]);
  test.each<[string, Program, ReturnType<typeof given>]>([
    ["positions", (v) => topk(v), float32([0, 1], [2, 1])],
    ["values", (v) => topk(v, { k: 2, retTyp: "value" }), given([3, 2, 6, 5], [2, 2])],
    ["the smallest", (v) => topk(v, { retTyp: "value", isAscend: true }), given([1, 4], [2, 1])],
    ["a mask", (v) => topk(v, { k: 2, retTyp: "mask" }), given([1, 0, 1, 0, 1, 1], [2, 3])],
    [
      "both",
      (v) => topk(v, { k: 1, retTyp: "both", dtype: "int32" })[1],
      given([0, 1], [2, 1], "int32"),
    ],
    ["all elements as one axis", (v) => topk(v, { axis: null, k: 2 }), float32([4, 5])],
    ["all for k 0", (v) => topk(v, { k: 0, retTyp: "value" }), given([3, 2, 1, 6, 5, 4], [2, 3])],
  ])("%s", (_, program, expected) => {
    expect(evaluate(program, x)).toEqual(expected);
  });
});

describe("scans", () => {
  test("run over the flattened array, or along an axis", () => {
    const x = counting([2, 3]);
    expect(evaluate((v) => cumsum(v), x)).toEqual(given([1, 3, 6, 10, 15, 21]));
    expect(evaluate((v) => cumsum(v, { axis: -1 }), x)).toEqual(given([1, 3, 6, 4, 9, 15], [2, 3]));
    expect(evaluate((v) => cumprod(v, { axis: 0 }), x)).toEqual(
      given([1, 2, 3, 4, 10, 18], [2, 3]),
    );
    expect(evaluate((v) => cumsum(v, { dtype: "int32" }), given([1.5, 1.5]))).toEqual(
      given([1, 2], [2], "int32"),
    );
  });

  test("cumprod's gradient is exact where elements are 0", () => {
    const program: Program = (v) => cumprod(v);
    expect(gradientsOf(program, [given([2, 0, 3, 4])])).toEqual([[1, 32, 0, 0]]);
    expect(gradientsOf(program, [given([0, 0, 5])])).toEqual([[1, 0, 0]]);
  });

  test.each([0, 1, 2, 5, 8])(
    "cumprod of %i elements agrees with difference quotients",
    (length) => {
      const x = irregular([length]);
      const zeroed = { ...x, data: x.data.map((number, at) => (at % 3 === 1 ? 0 : number)) };
      for (const reverse of [false, true]) {
        expectDerivatives((v) => applyOne(cumprodOp, [v], { axis: 0, reverse }), [zeroed]);
      }
    },
  );

  test("cumprod agrees with difference quotients at zeros, to third order", () => {
    expectDerivatives((v) => cumprod(v, { axis: 0 }), [given([0, 2, 3, 0], [2, 2])], { order: 3 });
  });
});

describe("derivatives agree with difference quotients, to second order", () => {
  test.each<[string, Program]>([
    ["sort", (v) => sort(v, { axis: 0, isAscend: false })],
    ["topk", (v) => topk(v, { k: 2, retTyp: "value" })],
    ["cumsum", (v) => cumsum(v, { axis: 1 })],
    ["cumsum from the end", (v) => applyOne(cumsumOp, [v], { axis: 0, reverse: true })],
  ])("%s", (_, program) => {
    expectDerivatives((v) => multiply(program(v), program(v)), [irregular([3, 3])]);
  });
});

describe("errors", () => {
  const wrongResult: { retTyp?: "mask" } = Object({ retTyp: "values" });
  test.each<[string, Program, typeof AttributeError, string]>([
    ["k out of range", (v) => topk(v, { k: 4 }), BoundsError, "topk: k is out of range: 4 of 3"],
    ["an unknown result", (v) => topk(v, wrongResult), AttributeError, "both, mask"],
    [
      "an axis out of range",
      (v) => sort(v, { axis: 2 }),
      BoundsError,
      "sort: axis is out of range",
    ],
    ["an unknown dtype", (v) => argsort(v, Object({ dtype: "int" })), AttributeError, "dtype"],
    ["an unknown option", (v) => cumsum(v, Object({ reverse: true })), AttributeError, "reverse"],
  ])("%s: refused", (_, program, error, message) => {
    expectError(() => evaluate(program, counting([2, 3])), error, message);
  });
});

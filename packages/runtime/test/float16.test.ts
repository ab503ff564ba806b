import { type Kernel, type Monoid, type ScalarExpr, type Shape, scalar } from "@adjoint/graph";
import { createTensor, decodeHalf, type Tensor, tensorOf, toNumbers } from "../src/index.js";
import { runKernel } from "./testOps.js";

const half = (values: readonly number[], shape: Shape = [values.length]): Tensor =>
  createTensor({ dtype: "float16", shape }, values);

function run(kernel: Kernel, ins: readonly Tensor[], shape: Shape): number[] {
  const [result] = runKernel(kernel, ins, [{ dtype: "float16", shape }]);
  return result === undefined ? [] : toNumbers(result);
}

const map = (expr: ScalarExpr): Kernel => ({ kind: "map", expr });
const x = scalar.arg(0, "float16");
const y = scalar.arg(1, "float16");

test.each([
  [0x0000, 0],
  [0x0001, 2 ** -24],
  [0x03ff, 1023 * 2 ** -24],
  [0x0400, 2 ** -14],
  [0x3c01, 1 + 2 ** -10],
  [0x7bff, 65504],
  [0xfc00, -Infinity],
  [0x7e00, NaN],
  [0x8000, -0],
])("the bits %d stand for %d", (bits, expected) => {
  expect(decodeHalf(bits)).toBe(expected);
});

describe("map", () => {
  test("sums are rounded to the nearest half, ties to even", () => {
    const sum = map(scalar.binary("add", x, y));
    const [a, b] = [half([2048, 2048, 65504]), half([1, 3, 16])];
    expect(run(sum, [a, b], [3])).toEqual([2048, 2052, Infinity]);
  });
  test("rounded once, at the end of an operator", () => {
    const one = scalar.constant(1, "float16");
    const expr = scalar.binary("sub", scalar.binary("add", x, one), one);
    expect(run(map(expr), [half([2 ** -12])], [1])).toEqual([2 ** -12]);
  });
  test("exp overflows to infinity and underflows to zero", () => {
    expect(run(map(scalar.unary("exp", x)), [half([12, -20, 0])], [3])).toEqual([Infinity, 0, 1]);
  });
  test("a constant is the nearest half", () => {
    const expr = scalar.binary("eq", x, scalar.constant(0.1, "float16"));
    expect(run(map(expr), [half([0.1])], [1])).toEqual([1]);
  });
  test("rows and columns are broadcast", () => {
    const [rows, columns] = [half([1, 2], [2, 1]), half([0.5, 0.25])];
    expect(run(map(scalar.binary("mul", x, y)), [rows, columns], [2, 2])).toEqual([
      0.5, 0.25, 1, 0.5,
    ]);
  });
});

describe("accumulation in double precision, rounded once", () => {
  // Each addition of 1 to 2048 is lost in float16.
  const large = [2048, 1, 1, 1, 1];
  test.each<[Monoid, number]>([
    ["sum", 2052],
    ["max", 2048],
    ["min", 1],
    ["argmax", 0],
    ["argmin", 1],
  ])("%s", (monoid, expected) => {
    expect(run({ kind: "reduce", monoid, axes: [0] }, [half(large)], [])).toEqual([expected]);
  });
  test("of nothing: -Infinity for max", () => {
    const kernel = { kind: "reduce", monoid: "max", axes: [0] } as const;
    expect(run(kernel, [half([])], [])).toEqual([-Infinity]);
  });
  test("matrix product", () => {
    const sizes = { batch: 1, m: 1, n: 1, k: 5, transposeA: false, transposeB: false };
    const ones = half([1, 1, 1, 1, 1], [5, 1]);
    expect(run({ kind: "contract", ...sizes }, [half(large, [1, 5]), ones], [1, 1])).toEqual([
      2052,
    ]);
  });
  test("running sum", () => {
    const kernel = { kind: "order", form: "scan", monoid: "sum", axis: 0, reverse: false } as const;
    expect(run(kernel, [half(large)], [5])).toEqual([2048, 2048, 2050, 2052, 2052]);
  });
  test("scatter-add", () => {
    const kernel = { kind: "index", form: "takeAdjoint", axis: 0, mode: "clip" } as const;
    expect(run(kernel, [half(large), tensorOf([0, 0, 0, 0, 0], "int32")], [1])).toEqual([2052]);
  });
});

test("sort orders values, not bits", () => {
  const kernel = { kind: "order", form: "sort", axis: 0, ascending: true } as const;
  const input = half([1, -2, NaN, -0.5, Infinity]);
  const [sorted] = runKernel(kernel, [input], [input.type, { dtype: "int32", shape: [5] }]);
  expect(sorted === undefined ? [] : toNumbers(sorted)).toEqual([-2, -0.5, 1, Infinity, NaN]);
});

describe("windows", () => {
  const geometry = { kernel: [2], stride: [1], dilate: [1], padLow: [0], padHigh: [0] };
  const image = half([-3, -1, -2, 2048, 1], [1, 1, 5]);
  test.each([
    ["poolMax", [-1, -1, 2048, 2048]],
    ["poolSum", [-4, -3, 2046, 2048]],
  ] as const)("%s", (form, expected) => {
    const outs = [
      { dtype: "float16", shape: [1, 1, 4] },
      { dtype: "int32", shape: [1, 1, 4] },
    ] as const;
    const [result] = runKernel({ kind: "window", form, geometry, groups: 1 }, [image], outs);
    expect(result === undefined ? [] : toNumbers(result)).toEqual(expected);
  });
  test("convolution", () => {
    const kernel = { kind: "window", form: "convolve", geometry, groups: 1 } as const;
    const weight = half([1, 0.5], [1, 1, 2]);
    expect(run(kernel, [image, weight], [1, 1, 4])).toEqual([-3.5, -2, 1022, 2048]);
  });
});

import {
  ArgumentError,
  type BinaryFunction,
  BoundsError,
  type DType,
  DTypeError,
  type Kernel,
  type Monoid,
  type ScalarExpr,
  scalar,
  type Shape,
  type UnaryFunction,
} from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, type Tensor, tensorOf } from "../src/index.js";
import { runKernel, runOne } from "./testOps.js";

const largest = 2n ** 63n - 1n;
const smallest = -(2n ** 63n);
/** What a double can't tell from its neighbour. */
const odd = 2n ** 53n + 1n;

function int64(values: readonly bigint[], shape: Shape = [values.length]): Tensor {
  return createTensor({ dtype: "int64", shape }, BigInt64Array.from(values));
}

const map = (expr: ScalarExpr): Kernel => ({ kind: "map", expr });
const x = scalar.arg(0, "int64");
const y = scalar.arg(1, "int64");

function list(kernel: Kernel, ins: readonly Tensor[], shape: Shape, dtype: DType = "int64") {
  return Array.from<number | bigint>(runOne(kernel, ins, { dtype, shape }));
}

function unary(fn: UnaryFunction, value: bigint, dtype: DType = "int64") {
  return list(map(scalar.unary(fn, x)), [int64([value])], [1], dtype)[0];
}

function binary(fn: BinaryFunction, a: bigint, b: bigint, dtype: DType = "int64") {
  return list(map(scalar.binary(fn, x, y)), [int64([a]), int64([b])], [1], dtype)[0];
}

describe("scalar functions", () => {
  test.each<[UnaryFunction, bigint, bigint]>([
    ["neg", odd, -odd],
    ["neg", smallest, smallest],
    ["abs", -odd, odd],
    ["abs", smallest, smallest],
    ["sign", -odd, -1n],
    ["sign", 0n, 0n],
    ["floor", odd, odd],
    ["rint", -odd, -odd],
  ])("%s of %d is %d", (fn, value, expected) => {
    expect(unary(fn, value)).toBe(expected);
  });
  test("not and isNaN give bools", () => {
    expect(unary("not", 0n, "bool")).toBe(1);
    expect(unary("not", 2n ** 32n, "bool")).toBe(0);
    expect(unary("isNaN", odd, "bool")).toBe(0);
  });
  test.each<[BinaryFunction, bigint, bigint, bigint]>([
    ["add", largest, 1n, smallest],
    ["sub", smallest, 1n, largest],
    ["mul", odd, odd, BigInt.asIntN(64, odd * odd)],
    ["div", -7n, 2n, -3n],
    ["div", smallest, -1n, smallest],
    ["mod", -7n, 3n, 2n],
    ["mod", 7n, -3n, -2n],
    ["mod", -6n, 3n, 0n],
    ["mod", odd, 0n, 0n],
    ["max", odd, odd - 1n, odd],
    ["min", odd, odd - 1n, odd - 1n],
    ["pow", 3n, 39n, 3n ** 39n],
    ["pow", 3n, 41n, BigInt.asIntN(64, 3n ** 41n)],
    ["pow", 0n, 0n, 1n],
    ["pow", 2n, -1n, 0n],
    ["pow", -1n, -3n, -1n],
    ["pow", 1n, smallest, 1n],
  ])("%s of %d and %d is %d", (fn, a, b, expected) => {
    expect(binary(fn, a, b)).toBe(expected);
  });
  test.each<[BinaryFunction, boolean, boolean, boolean]>([
    ["eq", false, true, false],
    ["ne", true, false, true],
    ["lt", true, false, false],
    ["le", true, true, false],
    ["gt", false, false, true],
    ["ge", false, true, true],
  ])("%s tells neighbours beyond 2^53 apart", (fn, below, same, above) => {
    expect(binary(fn, odd - 1n, odd, "bool")).toBe(Number(below));
    expect(binary(fn, odd, odd, "bool")).toBe(Number(same));
    expect(binary(fn, odd, odd - 1n, "bool")).toBe(Number(above));
  });
  test.each<[BinaryFunction, number[]]>([
    ["and", [0, 0, 1]],
    ["or", [0, 1, 1]],
    ["xor", [0, 1, 0]],
  ])("%s takes what is not 0 for true", (fn, expected) => {
    const ins = [int64([0n, 2n ** 32n, 1n]), int64([0n, 0n, smallest])];
    expect(list(map(scalar.binary(fn, x, y)), ins, [3], "bool")).toEqual(expected);
  });
  test("agree with BigInt arithmetic modulo 2^64", () => {
    const any = fc.bigInt({ min: smallest, max: largest });
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(binary("add", a, b)).toBe(BigInt.asIntN(64, a + b));
        expect(binary("sub", a, b)).toBe(BigInt.asIntN(64, a - b));
        expect(binary("mul", a, b)).toBe(BigInt.asIntN(64, a * b));
        expect(binary("lt", a, b, "bool")).toBe(Number(a < b));
      }),
    );
  });
});

describe("refusals", () => {
  test.each<[UnaryFunction]>([["exp"], ["sqrt"], ["tanh"]])("%s is not exact", (fn) => {
    const run = () => runKernel(map(scalar.unary(fn, x)), [int64([1n])], [int64([1n]).type], fn);
    expect(run).toThrow(DTypeError);
    expect(run).toThrow(new RegExp(`^${fn}: .*cast first: int64 \\(allowed: float32`));
  });
  test("hypot and windows are not exact", () => {
    expect(() => binary("hypot", 3n, 4n)).toThrow(DTypeError);
    const axis = { kernel: [1], stride: [1], dilate: [1], padLow: [0], padHigh: [0] };
    const pool = { kind: "window", form: "poolMax", geometry: axis, groups: 1 } as const;
    const image = int64([1n], [1, 1, 1]);
    expect(() => runKernel(pool, [image], [image.type, image.type])).toThrow(DTypeError);
  });
  test("division by zero", () => {
    expect(() => binary("div", 1n, 0n)).toThrow(ArgumentError);
    expect(() => binary("div", 1n, 0n)).toThrow(/div: integer division by zero/);
  });
});

describe("expressions", () => {
  test("broadcast, beyond one chunk", () => {
    const rows = int64([odd, -odd], [2, 1]);
    const columns = int64(
      Array.from({ length: 1500 }, (_, i) => BigInt(i)),
      [1500],
    );
    const sum = list(map(scalar.binary("add", x, y)), [rows, columns], [2, 1500]);
    expect(sum[1499]).toBe(odd + 1499n);
    expect(sum[1500]).toBe(-odd);
    expect(sum[2999]).toBe(1499n - odd);
  });
  test("a constant and a single element", () => {
    const expr = scalar.binary("mul", x, scalar.constant(-3, "int64"));
    expect(list(map(expr), [int64([odd], [1])], [2])).toEqual([-3n * odd, -3n * odd]);
  });
  test("select by int64, and of int64", () => {
    const condition = int64([0n, 2n ** 32n]);
    const halves = scalar.select(x, scalar.constant(0.5, "float32"), scalar.constant(2, "float32"));
    expect(list(map(halves), [condition], [2], "float32")).toEqual([2, 0.5]);
    const own = scalar.select(x, y, scalar.constant(7, "int64"));
    expect(list(map(own), [condition, int64([odd, odd])], [2])).toEqual([7n, odd]);
    const byFloat = scalar.select(scalar.arg(0, "float32"), y, scalar.constant(7, "int64"));
    const floats = tensorOf([NaN, 0], "float32");
    expect(list(map(byFloat), [floats, int64([odd, odd])], [2])).toEqual([odd, 7n]);
  });
  test("both kinds of registers in one expression", () => {
    const positive = scalar.binary("gt", x, scalar.constant(0, "int64"));
    const expr = scalar.binary("mul", scalar.cast(positive, "int64"), scalar.binary("add", x, x));
    expect(list(map(expr), [int64([odd, -odd])], [2])).toEqual([2n * odd, 0n]);
  });
});

describe("casts", () => {
  const from = (value: bigint, dtype: DType) =>
    list(map(scalar.cast(x, dtype)), [int64([value])], [1], dtype)[0];
  test.each<[bigint, DType, number]>([
    [odd, "float64", 2 ** 53],
    [largest, "float64", 2 ** 63],
    [2n ** 32n + 5n, "int32", 5],
    [2n ** 31n, "int32", -(2 ** 31)],
    [384n, "int8", -128],
    [-1n, "uint8", 255],
    [2n ** 32n, "bool", 1],
    [2049n, "float16", 0x6800],
    [largest, "float16", 0x7c00],
    // Half way between two float32 but for the last bit: rounding twice would lose it.
    [2n ** 60n + 2n ** 36n + 1n, "float32", 2 ** 60 + 2 ** 37],
    [2n ** 60n + 2n ** 36n, "float32", 2 ** 60],
    [-(2n ** 60n) - 2n ** 36n - 1n, "float32", -(2 ** 60) - 2 ** 37],
    [-(2n ** 60n) - 2n ** 36n + 1n, "float32", -(2 ** 60)],
  ])("%d to %s is %d", (value, dtype, expected) => {
    expect(from(value, dtype)).toBe(expected);
  });
  test("float64 to int64 drops the fraction and wraps; NaN is 0", () => {
    const values = tensorOf([-7.9, 2 ** 53, 2 ** 63, NaN, -Infinity], "float64");
    const kernel = map(scalar.cast(scalar.arg(0, "float64"), "int64"));
    expect(list(kernel, [values], [5])).toEqual([-7n, 2n ** 53n, smallest, 0n, 0n]);
  });
  test("an expression of another dtype than the result is cast", () => {
    expect(list(map(x), [int64([odd])], [1], "float64")).toEqual([2 ** 53]);
    expect(list(map(scalar.arg(0, "int8")), [tensorOf([-3], "int8")], [1])).toEqual([-3n]);
  });
});

describe("reductions", () => {
  const matrix = int64([odd, 1n, largest, -odd, 2n, 1n], [2, 3]);
  const reduce = (monoid: Monoid, axes: number[], input: Tensor, dtype?: DType) => {
    const shape = input.type.shape.filter((_length, axis) => !axes.includes(axis));
    return list({ kind: "reduce", monoid, axes }, [input], shape, dtype);
  };
  test.each<[Monoid, number[], bigint[]]>([
    ["sum", [0], [0n, 3n, smallest]],
    ["sum", [1], [BigInt.asIntN(64, odd + 1n + largest), 3n - odd]],
    ["prod", [0], [BigInt.asIntN(64, -odd * odd), 2n, largest]],
    ["max", [1], [largest, 2n]],
    ["min", [0, 1], [-odd]],
    ["argmax", [1], [2n, 1n]],
    ["argmin", [0], [1n, 0n, 1n]],
  ])("%s over %j", (monoid, axes, expected) => {
    expect(reduce(monoid, axes, matrix)).toEqual(expected);
  });
  test("axes that do not lie together", () => {
    const cube = int64([1n, 2n, 3n, 4n, odd, 6n, 7n, 8n], [2, 2, 2]);
    expect(reduce("sum", [0, 2], cube)).toEqual([odd + 9n, 22n]);
  });
  test("the first of equal elements, in the result's own dtype", () => {
    expect(reduce("argmax", [0], int64([odd - 1n, odd, odd]), "float32")).toEqual([1]);
  });
  test.each<[Monoid, bigint]>([
    ["sum", 0n],
    ["prod", 1n],
    ["max", smallest],
    ["min", largest],
  ])("%s of nothing is %d", (monoid, expected) => {
    expect(reduce(monoid, [0], int64([]))).toEqual([expected]);
  });
  test("argmax of nothing is refused", () => {
    expect(() => reduce("argmax", [0], int64([]))).toThrow(BoundsError);
  });
});

test.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])("matrix product, transposed %s %s", (transposeA, transposeB) => {
  const left = [odd, 2n, 3n, 4n, 5n, 6n];
  const right = [1n, largest, 1n, 2n, 0n, 1n];
  const kernel: Kernel = { kind: "contract", batch: 1, m: 2, n: 2, k: 3, transposeA, transposeB };
  const a = (i: number, p: number) => left[transposeA ? p * 2 + i : i * 3 + p] ?? 0n;
  const b = (p: number, j: number) => right[transposeB ? j * 3 + p : p * 2 + j] ?? 0n;
  const expected = [0, 1, 2, 3].map((at) => {
    const [i, j] = [at >> 1, at & 1];
    return BigInt.asIntN(64, a(i, 0) * b(0, j) + a(i, 1) * b(1, j) + a(i, 2) * b(2, j));
  });
  expect(list(kernel, [int64(left), int64(right)], [2, 2])).toEqual(expected);
});

describe("order", () => {
  test.each([
    [true, [smallest, odd - 1n, odd, odd], [3, 1, 0, 2]],
    [false, [odd, odd, odd - 1n, smallest], [0, 2, 1, 3]],
  ])("sort, ascending %s: stable and exact", (ascending, sorted, where) => {
    const input = int64([odd, odd - 1n, odd, smallest]);
    const kernel = { kind: "order", form: "sort", axis: 0, ascending } as const;
    const outs = [input.type, { dtype: "int32", shape: [4] }] as const;
    const [values, positions] = runKernel(kernel, [input], outs);
    expect(Array.from<number | bigint>(values?.data ?? [])).toEqual(sorted);
    expect(Array.from<number | bigint>(positions?.data ?? [])).toEqual(where);
  });
  test("sort along the first axis", () => {
    const input = int64([3n, 1n, 2n, 4n], [2, 2]);
    const kernel = { kind: "order", form: "sort", axis: 0, ascending: true } as const;
    const [values] = runKernel(kernel, [input], [input.type, { dtype: "int64", shape: [2, 2] }]);
    expect(Array.from<number | bigint>(values?.data ?? [])).toEqual([2n, 1n, 3n, 4n]);
  });
  test.each([
    ["sum", false, [odd, odd + 1n, BigInt.asIntN(64, odd + 1n + largest)]],
    ["sum", true, [BigInt.asIntN(64, odd + 1n + largest), smallest, largest]],
    ["prod", false, [odd, odd, BigInt.asIntN(64, odd * largest)]],
    ["max", false, [odd, odd, largest]],
    ["min", true, [1n, 1n, largest]],
  ] as const)("running %s, reverse %s", (monoid, reverse, expected) => {
    const kernel = { kind: "order", form: "scan", monoid, axis: 0, reverse } as const;
    expect(list(kernel, [int64([odd, 1n, largest])], [3])).toEqual(expected);
  });
});

test("scatter-add adds exactly, over whatever the result held", () => {
  const kernel = { kind: "index", form: "takeAdjoint", axis: 0, mode: "clip" } as const;
  const head = int64([odd, 1n, largest, 1n], [4]);
  const at = tensorOf([0, 0, 1, 1], "int32");
  expect(list(kernel, [head, at], [3])).toEqual([odd + 1n, smallest, 0n]);
});

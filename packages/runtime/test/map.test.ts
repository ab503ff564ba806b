import { ArgumentError, type DType, type ScalarExpr, scalar } from "@adjoint/graph";
import { createTensor, type Tensor, tensorOf, toNumbers } from "../src/index.js";
import { compileMap } from "../src/kernels/compileMap.js";
import { first, runKernel, runOne } from "./testOps.js";

const vector = { dtype: "float32", shape: [2] } as const;

const map = (expr: ScalarExpr) => ({ kind: "map", expr }) as const;

/** A binary function of two arrays of one shape. */
function binary(fn: Parameters<typeof scalar.binary>[0], a: Tensor, b: Tensor, dtype: DType) {
  const expr = scalar.binary(fn, scalar.arg(0, a.type.dtype), scalar.arg(1, b.type.dtype));
  return toNumbers(first(runKernel(map(expr), [a, b], [{ dtype, shape: a.type.shape }])));
}

describe("broadcasting", () => {
  const shapes: [number[], number[]][] = [
    [
      [2, 3, 4],
      [2, 3, 4],
    ],
    [[2, 3, 4], []],
    [[2, 3, 4], [4]],
    [
      [2, 3, 4],
      [3, 4],
    ],
    [
      [2, 3, 4],
      [3, 1],
    ],
    [
      [2, 3, 4],
      [2, 1, 1],
    ],
    [
      [2, 3, 4],
      [2, 1, 4],
    ],
    [
      [40, 50, 3],
      [1, 50, 1],
    ],
    [
      [40, 50, 3],
      [40, 1, 3],
    ],
    [[3000], [1]],
    [
      [0, 3],
      [1, 3],
    ],
  ];
  test.each(shapes)("to %j from %j follows numpy's rule", (to, from) => {
    const size = (shape: number[]) => shape.reduce((product, length) => product * length, 1);
    const values = Array.from({ length: size(from) }, (_, i) => i + 1);
    const x = createTensor({ dtype: "float32", shape: from }, values);
    const out = { dtype: "float32", shape: to } as const;
    const result = runOne(map(scalar.arg(0, "float32")), [x], out);
    const padded = [...new Array<number>(to.length - from.length).fill(1), ...from];
    const expected = Array.from({ length: size(to) }, (_, flat) => {
      let rest = flat;
      let index = 0;
      let stride = 1;
      for (let axis = to.length - 1; axis >= 0; axis--) {
        const own = padded[axis] ?? 1;
        index += (own === 1 ? 0 : rest % (to[axis] ?? 1)) * stride;
        stride *= own;
        rest = Math.floor(rest / (to[axis] ?? 1));
      }
      return index + 1;
    });
    expect(Array.from(result, Number)).toEqual(expected);
  });
});

describe("precision", () => {
  test("float32 is rounded once, at the end", () => {
    // (1 + 2^-30) - 1 would be 0 if the sum were rounded to float32.
    const x = scalar.arg(0, "float32");
    const one = scalar.constant(1, "float32");
    const expr = scalar.binary("sub", scalar.binary("add", one, x), one);
    const tiny = tensorOf([2 ** -30], "float32");
    expect(runOne(map(expr), [tiny], tiny.type)[0]).toBe(2 ** -30);
  });
  test("a float32 constant is rounded to float32 first", () => {
    const x = tensorOf([0.1], "float32");
    const expr = scalar.binary("eq", scalar.arg(0, "float32"), scalar.constant(0.1, "float32"));
    expect(runOne(map(expr), [x], { dtype: "bool", shape: [1] })[0]).toBe(1);
  });
  test("an explicit cast to float32 rounds", () => {
    const x = tensorOf([0.1], "float64");
    const expr = scalar.cast(scalar.cast(scalar.arg(0, "float64"), "float32"), "float64");
    expect(runOne(map(expr), [x], x.type)[0]).toBe(Math.fround(0.1));
  });
});

describe("integers", () => {
  const largest = 2 ** 31 - 1;
  test.each<[Parameters<typeof scalar.binary>[0], DType, number, number, number]>([
    ["add", "int32", largest, 1, -(2 ** 31)],
    ["mul", "int32", 123456789, 987654321, Math.imul(123456789, 987654321)],
    ["div", "int32", -7, 2, -3],
    ["mod", "int32", -7, 3, 2],
    ["mod", "int32", 7, 0, 0],
    ["add", "uint8", 200, 100, 44],
    ["sub", "uint8", 1, 2, 255],
    ["mul", "int8", 100, 2, -56],
    ["pow", "int32", 2, 10, 1024],
    ["add", "bool", 1, 1, 1],
    ["mul", "bool", 1, 0, 0],
  ])("%s of %s wraps: %d, %d -> %d", (fn, dtype, a, b, expected) => {
    expect(binary(fn, tensorOf([a], dtype), tensorOf([b], dtype), dtype)).toEqual([expected]);
  });
  test("wrap between operations: uint8 (200 + 100) / 2 is 22", () => {
    const x = scalar.arg(0, "uint8");
    const sum = scalar.binary("add", x, scalar.constant(100, "uint8"));
    const expr = scalar.binary("div", sum, scalar.constant(2, "uint8"));
    const data = tensorOf([200], "uint8");
    expect(runOne(map(expr), [data], data.type)[0]).toBe(22);
  });
  test("division by zero is refused, also beyond the first chunk", () => {
    const divisors = new Int32Array(3000).fill(1);
    divisors[2999] = 0;
    const b = createTensor({ dtype: "int32", shape: [3000] }, divisors);
    expect(() => binary("div", b, b, "int32")).toThrow(ArgumentError);
    expect(() => binary("div", b, b, "int32")).toThrow(/div: integer division by zero/);
  });
  test("floating point division by zero is infinite", () => {
    const [a, b] = [tensorOf([1, 0], "float32"), tensorOf([0, 0], "float32")];
    expect(binary("div", a, b, "float32")).toEqual([Infinity, NaN]);
  });
});

describe("casts", () => {
  test.each<[DType, number[]]>([
    ["int32", [3, -3, 0, 0, 2]],
    ["uint8", [3, 253, 0, 0, 2]],
    ["int8", [3, -3, 0, 0, 2]],
    ["bool", [1, 1, 1, 0, 1]],
    ["float32", [Math.fround(3.7), Math.fround(-3.7), NaN, 0, 2 + 2 ** -20]],
    ["float16", [3.69921875, -3.69921875, NaN, 0, 2]],
    ["int64", [3, -3, 0, 0, 2]],
  ])("float64 to %s", (dtype, expected) => {
    const x = tensorOf([3.7, -3.7, NaN, 0, 2 + 2 ** -20], "float64");
    const kernel = map(scalar.cast(scalar.arg(0, "float64"), dtype));
    expect(toNumbers(first(runKernel(kernel, [x], [{ dtype, shape: [5] }])))).toEqual(expected);
  });
  test.each<DType>(["float16", "int64"])("%s is read back", (dtype) => {
    const x = tensorOf([1, -2], dtype);
    const kernel = map(scalar.cast(scalar.arg(0, dtype), "float32"));
    const out = { dtype: "float32", shape: [2] } as const;
    expect(runOne(kernel, [x], out)).toEqual(Float32Array.of(1, -2));
  });
});

test("coordinates count along their axis, beyond one chunk", () => {
  const out = { dtype: "float32", shape: [3, 700, 2] } as const;
  const ten = scalar.binary("mul", scalar.coordinate(1), scalar.constant(10, "float64"));
  const expr = scalar.binary("add", ten, scalar.coordinate(2));
  const result = runOne(map(expr), [], out);
  expect(result[0]).toBe(0);
  expect(result[2 * 1400 + 2 * 651 + 1]).toBe(6511);
});

test("select takes NaN for true, and the other branch's NaN does no harm", () => {
  const condition = tensorOf([1, 0, NaN], "float32");
  const expr = scalar.select(
    scalar.arg(0, "float32"),
    scalar.constant(5, "float32"),
    scalar.constant(NaN, "float32"),
  );
  expect(runOne(map(expr), [condition], condition.type)).toEqual(Float32Array.of(5, NaN, 5));
});

test.each<[Parameters<typeof scalar.binary>[0], number[]]>([
  ["eq", [0, 0, 1]],
  ["ne", [1, 1, 0]],
  ["lt", [1, 0, 0]],
  ["ge", [0, 0, 1]],
  ["and", [1, 1, 0]],
  ["or", [1, 1, 0]],
  ["xor", [0, 0, 0]],
])("%s compares as IEEE does, NaN being true", (fn, expected) => {
  const [a, b] = [tensorOf([1, NaN, 0], "float32"), tensorOf([2, NaN, 0], "float32")];
  expect(binary(fn, a, b, "bool")).toEqual(expected);
});

test("max and min give NaN where either is NaN", () => {
  const [a, b] = [tensorOf([NaN, 1, 2], "float64"), tensorOf([1, NaN, 1], "float64")];
  expect(binary("max", a, b, "float64")).toEqual([NaN, NaN, 2]);
  expect(binary("min", a, b, "float64")).toEqual([NaN, NaN, 1]);
});

test("registers are used again: a chain of 3000 operations needs two", () => {
  const x = scalar.arg(0, "float32");
  const one = scalar.constant(1, "float32");
  let sum = x;
  for (let i = 0; i < 3000; i++) sum = scalar.binary("add", sum, one);
  const signature = { op: "chain", ins: [vector], outs: [vector] };
  expect(compileMap(sum, signature)).toMatchObject({ doubles: 2, int64s: 0 });
  expect(runOne(map(sum), [tensorOf([1, 2], "float32")], vector)).toEqual(
    Float32Array.of(3001, 3002),
  );
});

test("a value that is read again later keeps its register", () => {
  const x = scalar.arg(0, "float32");
  const twice = scalar.binary("add", x, x);
  const root = scalar.unary("neg", twice);
  const expr = scalar.binary(
    "sub",
    scalar.binary("mul", root, root),
    scalar.binary("add", twice, x),
  );
  expect(runOne(map(expr), [tensorOf([1, 2], "float32")], vector)).toEqual(Float32Array.of(1, 10));
});

import { BoundsError, type DType, type Monoid } from "@adjoint/graph";
import { createTensor, type Tensor, tensorOf } from "../src/index.js";
import { runOne } from "./testOps.js";

function reduce(x: Tensor, monoid: Monoid, axes: number[], dtype: DType = x.type.dtype) {
  const shape = x.type.shape.filter((_length, axis) => !axes.includes(axis));
  return Array.from(runOne({ kind: "reduce", monoid, axes }, [x], { dtype, shape }), Number);
}

const cube = createTensor(
  { dtype: "float32", shape: [2, 3, 4] },
  Array.from({ length: 24 }, (_, i) => ((i * 7) % 24) - 11),
);

/** Folds the elements that share the kept coordinates, one by one. */
function naive(axes: number[], fold: (a: number, b: number) => number, identity: number) {
  const sums = new Map<string, number>();
  for (let i = 0; i < 24; i++) {
    const position = [Math.floor(i / 12), Math.floor(i / 4) % 3, i % 4];
    const key = position.filter((_p, axis) => !axes.includes(axis)).join();
    sums.set(key, fold(sums.get(key) ?? identity, Number(cube.data[i])));
  }
  return [...sums.values()];
}

describe.each([[[0]], [[1]], [[2]], [[0, 1]], [[0, 2]], [[1, 2]], [[0, 1, 2]], [[]]])(
  "over axes %j",
  (axes: number[]) => {
    test("sum", () => {
      expect(reduce(cube, "sum", axes)).toEqual(naive(axes, (a, b) => a + b, 0));
    });
    test("max", () => {
      expect(reduce(cube, "max", axes)).toEqual(naive(axes, Math.max, -Infinity));
    });
    test("min", () => {
      expect(reduce(cube, "min", axes)).toEqual(naive(axes, Math.min, Infinity));
    });
    test("prod", () => {
      const expected = naive(axes, (a, b) => a * b, 1).map(Math.fround);
      expect(reduce(cube, "prod", axes)).toEqual(expected);
    });
  },
);

test("argmax over two axes counts along both, flattened", () => {
  const x = tensorOf(
    [
      [
        [1, 9],
        [2, 3],
      ],
      [
        [8, 1],
        [9, 9],
      ],
    ],
    "float32",
  );
  expect(reduce(x, "argmax", [1, 2], "int32")).toEqual([1, 2]);
  expect(reduce(x, "argmax", [0, 2], "int32")).toEqual([1, 2]);
  expect(reduce(x, "argmin", [0], "float32")).toEqual([0, 1, 0, 0]);
});

describe("long sums", () => {
  test("33,554,432 float32 ones are exactly 33,554,432", () => {
    const ones = new Float32Array(2 ** 25).fill(1);
    const x = createTensor({ dtype: "float32", shape: [2 ** 25] }, ones);
    expect(reduce(x, "sum", [0])).toEqual([2 ** 25]);
    const tall = createTensor({ dtype: "float32", shape: [2 ** 24, 2] }, ones);
    expect(reduce(tall, "sum", [0])).toEqual([2 ** 24, 2 ** 24]);
    const outs = { dtype: "float32", shape: [1, 1] } as const;
    const sizes = { batch: 1, m: 1, n: 1, k: 2 ** 25, transposeA: false, transposeB: false };
    expect(runOne({ kind: "contract", ...sizes }, [x, x], outs)[0]).toBe(2 ** 25);
  });
  test("float64 keeps what a plain sum would lose", () => {
    const x = tensorOf([1e16, 1, 1, -1e16], "float64");
    expect(reduce(x, "sum", [0])).toEqual([2]);
  });
  test("int32 wraps, int8 and uint8 too, bool saturates", () => {
    expect(reduce(tensorOf([2 ** 31 - 1, 2 ** 31 - 1, 3], "int32"), "sum", [0])).toEqual([1]);
    expect(reduce(tensorOf([65537, 65537], "int32"), "prod", [0])).toEqual([131073]);
    expect(reduce(tensorOf([200, 100], "uint8"), "sum", [0])).toEqual([44]);
    expect(
      reduce(
        createTensor({ dtype: "bool", shape: [256] }, new Uint8Array(256).fill(1)),
        "sum",
        [0],
      ),
    ).toEqual([1]);
  });
});

describe("special values", () => {
  test("infinities of both signs sum to NaN, of one sign to themselves", () => {
    for (const dtype of ["float32", "float64"] as const) {
      expect(reduce(tensorOf([Infinity, -Infinity], dtype), "sum", [0])).toEqual([NaN]);
      expect(reduce(tensorOf([Infinity, 1], dtype), "sum", [0])).toEqual([Infinity]);
    }
  });
  test("max and min of NaN are NaN wherever it stands", () => {
    expect(reduce(tensorOf([1, NaN, 2], "float32"), "max", [0])).toEqual([NaN]);
    expect(reduce(tensorOf([1, NaN, 2], "float32"), "min", [0])).toEqual([NaN]);
  });
  test("argmax, argmin: the first of equals; the first NaN wins", () => {
    expect(reduce(tensorOf([1, 3, 3], "float32"), "argmax", [0])).toEqual([1]);
    expect(reduce(tensorOf([NaN, 3, 4], "float32"), "argmax", [0])).toEqual([0]);
    expect(reduce(tensorOf([1, NaN, 4, NaN], "float32"), "argmax", [0])).toEqual([1]);
    expect(reduce(tensorOf([1, NaN, -Infinity], "float32"), "argmin", [0])).toEqual([1]);
    expect(reduce(tensorOf([-Infinity, -Infinity], "float32"), "argmin", [0])).toEqual([0]);
  });
  test.each<[Monoid, DType, number]>([
    ["sum", "float32", 0],
    ["prod", "float32", 1],
    ["max", "float32", -Infinity],
    ["min", "float64", Infinity],
    ["max", "int32", -(2 ** 31)],
    ["min", "uint8", 255],
  ])("%s of no %s elements is %d", (monoid, dtype, expected) => {
    const x = createTensor({ dtype, shape: [2, 0] });
    expect(reduce(x, monoid, [1])).toEqual([expected, expected]);
  });
  test("argmax of nothing is refused, no results are not", () => {
    const empty = createTensor({ dtype: "float32", shape: [2, 0] });
    expect(() => reduce(empty, "argmax", [1])).toThrow(BoundsError);
    expect(() => reduce(empty, "argmax", [1])).toThrow(/argmax over an empty axis: \(2, 0\)/);
    expect(reduce(empty, "argmax", [0])).toEqual([]);
  });
});

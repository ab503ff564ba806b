import type { OrderKernel } from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, type Tensor, tensorOf } from "../src/index.js";
import { runKernel, runOne } from "./testOps.js";

function sort(x: Tensor, axis = 0, ascending = true): [number[], number[]] {
  const kernel = { kind: "order", form: "sort", axis, ascending } as const;
  const [values, where] = runKernel(kernel, [x], [x.type, { dtype: "int32", shape: x.type.shape }]);
  return [Array.from(values?.data ?? [], Number), Array.from(where?.data ?? [], Number)];
}

describe("sort", () => {
  test("equal elements keep their order in both directions, minus zero equals zero", () => {
    const x = tensorOf([2, 0, -0, 2, 1], "float32");
    expect(sort(x)).toEqual([
      [0, -0, 1, 2, 2],
      [1, 2, 4, 0, 3],
    ]);
    expect(sort(x, 0, false)).toEqual([
      [2, 2, 1, 0, -0],
      [0, 3, 4, 1, 2],
    ]);
  });
  test("NaN comes last in both directions, in order", () => {
    const x = tensorOf([NaN, 1, NaN, -Infinity, Infinity], "float64");
    expect(sort(x)).toEqual([
      [-Infinity, 1, Infinity, NaN, NaN],
      [3, 1, 4, 0, 2],
    ]);
    expect(sort(x, 0, false)).toEqual([
      [Infinity, 1, -Infinity, NaN, NaN],
      [4, 1, 3, 0, 2],
    ]);
  });
  test("runs along any axis", () => {
    const x = tensorOf(
      [
        [3, 1],
        [2, 4],
      ],
      "int32",
    );
    expect(sort(x, 0)).toEqual([
      [2, 1, 3, 4],
      [1, 0, 0, 1],
    ]);
    expect(sort(x, 1, false)).toEqual([
      [3, 1, 4, 2],
      [0, 1, 1, 0],
    ]);
  });
  test("agrees with the language's own stable sort", () => {
    const elements = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(NaN));
    fc.assert(
      fc.property(fc.array(elements, { maxLength: 200 }), fc.boolean(), (values, ascending) => {
        const sign = ascending ? 1 : -1;
        const expected = [...values.keys()].sort((i, j) => {
          const [a = 0, b = 0] = [values[i], values[j]];
          if (Number.isNaN(a) || Number.isNaN(b))
            return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
          return sign * (a - b);
        });
        expect(sort(tensorOf(values, "float32"), 0, ascending)[1]).toEqual(expected);
      }),
    );
  });
  test("of an empty axis is empty", () => {
    expect(sort(createTensor({ dtype: "float32", shape: [2, 0] }), 1)).toEqual([[], []]);
  });
});

describe("scan", () => {
  type Monoid = (OrderKernel & { form: "scan" })["monoid"];
  const scan = (x: Tensor, monoid: Monoid, axis: number, reverse = false) =>
    Array.from(runOne({ kind: "order", form: "scan", monoid, axis, reverse }, [x], x.type), Number);
  const x = tensorOf(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    "float32",
  );
  test.each<[Monoid, number, boolean, number[]]>([
    ["sum", 1, false, [1, 3, 6, 4, 9, 15]],
    ["sum", 0, false, [1, 2, 3, 5, 7, 9]],
    ["sum", 1, true, [6, 5, 3, 15, 11, 6]],
    ["prod", 1, false, [1, 2, 6, 4, 20, 120]],
    ["max", 0, true, [4, 5, 6, 4, 5, 6]],
    ["min", 0, false, [1, 2, 3, 1, 2, 3]],
  ])("%s along axis %d, reverse %s", (monoid, axis, reverse, expected) => {
    expect(scan(x, monoid, axis, reverse)).toEqual(expected);
  });
  test("NaN stays, integers wrap, float32 runs in double precision", () => {
    expect(scan(tensorOf([1, NaN, 2], "float32"), "max", 0)).toEqual([1, NaN, NaN]);
    expect(scan(tensorOf([2 ** 31 - 1, 1], "int32"), "sum", 0)).toEqual([2 ** 31 - 1, -(2 ** 31)]);
    expect(scan(tensorOf([2 ** 24, 1, 1], "float32"), "sum", 0)).toEqual([
      2 ** 24,
      2 ** 24,
      2 ** 24 + 2,
    ]);
  });
});

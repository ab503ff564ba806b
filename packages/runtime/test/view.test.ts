import type { DType, ViewKernel } from "@adjoint/graph";
import { createTensor, tensorOf, toNumbers } from "../src/index.js";
import { first, runKernel, runOne } from "./testOps.js";

const x = tensorOf(
  [
    [1, 2, 3],
    [4, 5, 6],
  ],
  "float32",
);

const views: [string, Omit<ViewKernel, "kind">, number[], number[]][] = [
  ["transpose", { offset: 0, strides: [1, 3] }, [3, 2], [1, 4, 2, 5, 3, 6]],
  ["reshape", { offset: 0, strides: [2, 1] }, [3, 2], [1, 2, 3, 4, 5, 6]],
  ["slice", { offset: 1, strides: [3, 1] }, [2, 2], [2, 3, 5, 6]],
  ["flip both axes", { offset: 5, strides: [-3, -1] }, [2, 3], [6, 5, 4, 3, 2, 1]],
  ["broadcast in front", { offset: 3, strides: [0, 1] }, [2, 3], [4, 5, 6, 4, 5, 6]],
  ["broadcast at the end", { offset: 0, strides: [3, 0] }, [2, 2], [1, 1, 4, 4]],
  ["diagonal", { offset: 0, strides: [4] }, [2], [1, 5]],
  ["one element", { offset: 4, strides: [] }, [], [5]],
  ["nothing", { offset: 0, strides: [3, 1] }, [0, 3], []],
];

test.each(views)("%s", (_name, view, shape, expected) => {
  const result = runOne({ kind: "view", ...view }, [x], { dtype: "float32", shape });
  expect(Array.from(result, Number)).toEqual(expected);
});

test("four axes permuted, long rows included", () => {
  const shape = [3, 2, 40, 5];
  const data = Float64Array.from({ length: 1200 }, (_, i) => i);
  const source = createTensor({ dtype: "float64", shape }, data);
  const kernel = { kind: "view", offset: 0, strides: [200, 400, 1, 5] } as const;
  const result = runOne(kernel, [source], { dtype: "float64", shape: [2, 3, 5, 40] });
  const expected: number[] = [];
  for (let b = 0; b < 2; b++)
    for (let a = 0; a < 3; a++)
      for (let d = 0; d < 5; d++)
        for (let c = 0; c < 40; c++) expected.push(a * 400 + b * 200 + c * 5 + d);
  expect(Array.from(result, Number)).toEqual(expected);
});

test.each<DType>(["float32", "float64", "float16", "int32", "int64", "int8", "uint8", "bool"])(
  "%s moves as it is",
  (dtype) => {
    const source = tensorOf(
      [
        [1, 0],
        [1, 1],
        [0, 1],
      ],
      dtype,
    );
    const view = { kind: "view", offset: 0, strides: [1, 2] } as const;
    const moved = first(runKernel(view, [source], [{ dtype, shape: [2, 3] }]));
    expect(toNumbers(moved)).toEqual([1, 1, 0, 0, 1, 1]);
    const pack = { kind: "pack", form: "concat", axis: 1 } as const;
    const joined = first(runKernel(pack, [source, source], [{ dtype, shape: [3, 4] }]));
    expect(toNumbers(joined)).toEqual([1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1]);
  },
);

test("int64 moves without losing bits", () => {
  const source = createTensor(
    { dtype: "int64", shape: [2] },
    BigInt64Array.of(2n ** 62n + 1n, -1n),
  );
  const view = { kind: "view", offset: 1, strides: [-1] } as const;
  expect(runOne(view, [source], source.type)).toEqual(BigInt64Array.of(-1n, 2n ** 62n + 1n));
});

describe("pad", () => {
  const pad = (low: number[], high: number[], interior: number[], value = 0) =>
    ({ kind: "pack", form: "pad", low, high, interior, value }) as const;
  test.each<[string, number, number, number, number[]]>([
    ["borders", 1, 2, 0, [9, 1, 2, 3, 9, 9]],
    ["cells between", 0, 0, 2, [1, 9, 9, 2, 9, 9, 3]],
    ["negative borders cut", -1, -1, 0, [2]],
    ["cuts after the cells between are laid", -1, 1, 1, [9, 2, 9, 3, 9]],
    ["a cut that falls between elements", -2, -1, 1, [2, 9]],
    ["everything cut at one side", -5, 7, 0, [9, 9, 9, 9, 9]],
  ])("%s", (_name, low, high, interior, expected) => {
    const line = tensorOf([1, 2, 3], "float32");
    const out = { dtype: "float32", shape: [expected.length] } as const;
    const result = runOne(pad([low], [high], [interior], 9), [line], out);
    expect(Array.from(result, Number)).toEqual(expected);
  });
  test("two axes at once", () => {
    const result = runOne(pad([0, 1], [1, -1], [1, 0]), [x], { dtype: "float32", shape: [4, 3] });
    expect(Array.from(result, Number)).toEqual([0, 1, 2, 0, 0, 0, 0, 4, 5, 0, 0, 0]);
  });
  test.each<DType>(["int64", "float16"])("%s gets the value in its own format", (dtype) => {
    const out = { dtype, shape: [3] } as const;
    const padded = runKernel(pad([1], [1], [0], 2), [tensorOf([5], dtype)], [out]);
    expect(toNumbers(first(padded))).toEqual([2, 5, 2]);
  });
});

test("concat takes empty arguments and middle axes", () => {
  const a = createTensor({ dtype: "int32", shape: [2, 1, 2] }, [1, 2, 3, 4]);
  const b = createTensor({ dtype: "int32", shape: [2, 2, 2] }, [5, 6, 7, 8, 9, 10, 11, 12]);
  const none = createTensor({ dtype: "int32", shape: [2, 0, 2] });
  const out = { dtype: "int32", shape: [2, 3, 2] } as const;
  const result = runOne({ kind: "pack", form: "concat", axis: 1 }, [a, none, b], out);
  expect(Array.from(result, Number)).toEqual([1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12]);
});

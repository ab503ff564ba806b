import { BoundsError, type DType, type IndexKernel, type Shape } from "@adjoint/graph";
import { createTensor, type Tensor, tensorOf } from "../src/index.js";
import { runOne } from "./testOps.js";

function index(
  form: IndexKernel["form"],
  ins: Tensor[],
  shape: Shape,
  axis = 0,
  mode: IndexKernel["mode"] = "clip",
) {
  const dtype = ins[0]?.type.dtype ?? "float32";
  const kernel = { kind: "index", form, axis, mode } as const;
  return Array.from(runOne(kernel, ins, { dtype, shape }), Number);
}

const x = tensorOf(
  [
    [1, 2, 3],
    [4, 5, 6],
  ],
  "float32",
);

describe("take", () => {
  test("rows, with the indices' shape in place of the axis", () => {
    const rows = tensorOf(
      [
        [1, 0],
        [1, 1],
      ],
      "int32",
    );
    expect(index("take", [x, rows], [2, 2, 3])).toEqual([4, 5, 6, 1, 2, 3, 4, 5, 6, 4, 5, 6]);
  });
  test("columns", () => {
    expect(index("take", [x, tensorOf([2, 0], "int32")], [2, 2], 1)).toEqual([3, 1, 6, 4]);
  });
  test.each<[DType]>([["float32"], ["float64"], ["int64"], ["float16"], ["int8"]])(
    "indices may be %s",
    (dtype) => {
      expect(index("take", [x, tensorOf([1, 0], dtype)], [2, 3])).toEqual([4, 5, 6, 1, 2, 3]);
    },
  );
  test("fractions are dropped, towards zero", () => {
    const line = tensorOf([10, 20, 30], "float32");
    const at = tensorOf([0.7, 1.9, -0.9], "float32");
    expect(index("take", [line, at], [3])).toEqual([10, 20, 10]);
    expect(index("take", [line, at], [3], 0, "wrap")).toEqual([10, 20, 10]);
  });
  test("clip takes the nearest end, wrap counts around, NaN is 0", () => {
    const line = tensorOf([10, 20, 30], "float32");
    const at = tensorOf([-1, 5, -4, Infinity], "float32");
    expect(index("take", [line, at], [4])).toEqual([10, 30, 10, 30]);
    const finite = tensorOf([-1, 5, -4, NaN], "float32");
    expect(index("take", [line, finite], [4], 0, "wrap")).toEqual([30, 30, 30, 10]);
  });
  test("raise refuses what is out of range, before its fraction is cut off", () => {
    const line = tensorOf([10, 20, 30], "float32");
    expect(index("take", [line, tensorOf([2.9, 0], "float32")], [2], 0, "raise")).toEqual([30, 10]);
    for (const wrong of [-0.5, 3, NaN]) {
      const run = () => index("take", [line, tensorOf([0, wrong], "float32")], [2], 0, "raise");
      expect(run).toThrow(`index is out of range: ${wrong} (allowed: 0 to 2)`);
    }
  });
  test("from an empty axis: nothing can be taken, but no indices are no harm", () => {
    const empty = createTensor({ dtype: "float32", shape: [0, 3] });
    const none = createTensor({ dtype: "int32", shape: [0] });
    expect(index("take", [empty, none], [0, 3])).toEqual([]);
    const run = () => index("take", [empty, tensorOf([0], "int32")], [1, 3]);
    expect(run).toThrow(BoundsError);
  });
  test("int64 data keeps all its bits", () => {
    const data = createTensor({ dtype: "int64", shape: [2] }, BigInt64Array.of(1n, 2n ** 62n + 1n));
    const kernel = { kind: "index", form: "take", axis: 0, mode: "clip" } as const;
    const taken = runOne(kernel, [data, tensorOf([1], "int32")], { dtype: "int64", shape: [1] });
    expect(taken).toEqual(BigInt64Array.of(2n ** 62n + 1n));
  });
});

test("takeAdjoint adds what was taken more than once", () => {
  const head = tensorOf(
    [
      [1, 10, 100],
      [2, 20, 200],
      [4, 40, 400],
    ],
    "float32",
  );
  const rows = tensorOf([1, 0, 1], "int32");
  expect(index("takeAdjoint", [head, rows], [2, 3])).toEqual([2, 20, 200, 5, 50, 500]);
  const columns = tensorOf(
    [
      [1, 2],
      [3, 4],
    ],
    "float32",
  );
  const at = tensorOf([2, 2], "int32");
  expect(index("takeAdjoint", [columns, at], [2, 3], 1)).toEqual([0, 0, 3, 0, 0, 7]);
});

test("takeAlong picks by the result's own shape, its adjoint puts back", () => {
  const at = tensorOf(
    [
      [2, 0],
      [1, 1],
    ],
    "int32",
  );
  expect(index("takeAlong", [x, at], [2, 2], 1)).toEqual([3, 1, 5, 5]);
  const head = tensorOf(
    [
      [1, 2],
      [3, 4],
    ],
    "float32",
  );
  expect(index("takeAlongAdjoint", [head, at], [2, 3], 1)).toEqual([2, 0, 1, 0, 7, 0]);
  const rows = tensorOf([[1, 0, 1]], "int32");
  expect(index("takeAlong", [x, rows], [1, 3], 0)).toEqual([4, 2, 6]);
});

describe("gatherNd", () => {
  const cube = createTensor({ dtype: "float32", shape: [2, 2, 2] }, [0, 1, 2, 3, 4, 5, 6, 7]);
  test("elements, rows", () => {
    const full = tensorOf(
      [
        [0, 1],
        [1, 0],
        [1, 1],
      ],
      "int32",
    );
    expect(index("gatherNd", [cube, full], [2])).toEqual([3, 5]);
    const rows = tensorOf(
      [
        [0, 1],
        [1, 1],
      ],
      "int32",
    );
    expect(index("gatherNd", [cube, rows], [2, 2])).toEqual([2, 3, 6, 7]);
  });
  test("its adjoint adds, scatterNd lets the last one win", () => {
    const head = tensorOf(
      [
        [1, 2],
        [3, 4],
      ],
      "float32",
    );
    const same = tensorOf(
      [
        [1, 1],
        [0, 0],
      ],
      "int32",
    );
    expect(index("gatherNdAdjoint", [head, same], [2, 2, 2])).toEqual([0, 0, 0, 0, 4, 6, 0, 0]);
    expect(index("scatterNd", [head, same], [2, 2, 2])).toEqual([0, 0, 0, 0, 3, 4, 0, 0]);
  });
});

test("adjoint forms add in double precision and round once", () => {
  const head = tensorOf([2 ** 24, 1, 1], "float32");
  const at = tensorOf([0, 0, 0], "int32");
  expect(index("takeAdjoint", [head, at], [1])).toEqual([2 ** 24 + 2]);
});

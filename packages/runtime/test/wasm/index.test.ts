import { type IndexKernel, sizeOf } from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, type Tensor } from "../../src/index.js";
import { prepareWasmKernel } from "../../src/wasm/prepareWasmKernel.js";
import { anyDType, compare, libraries, mixed, shapes, upTo, wild } from "./compareKernels.js";

const modes = fc.constantFrom("clip" as const, "wrap" as const);
const common = { mode: modes, dtype: anyDType, indexDType: anyDType, parts: upTo(4, 1) };

/** Indices inside and outside, whole and not. */
function indicesOf(dtype: Tensor["type"]["dtype"], shape: readonly number[]): Tensor {
  return createTensor(
    { dtype, shape: [...shape] },
    Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 5) % 11) - 3 + (i % 4) / 4),
  );
}

function kernelOf(form: IndexKernel["form"], axis: number, mode: IndexKernel["mode"]): IndexKernel {
  return { kind: "index", form, axis, mode };
}

describe("take", () => {
  const cases = fc.record({
    ...common,
    before: shapes(2, 3),
    length: upTo(5, 1),
    after: shapes(2, 9),
    taken: shapes(2, 4),
  });

  test("any data and indices are the interpreter's, forward and adjoint", () => {
    fc.assert(
      fc.property(cases, ({ before, length, after, taken, mode, dtype, indexDType, parts }) => {
        const data = { dtype, shape: [...before, length, ...after] };
        const result = { dtype, shape: [...before, ...taken, ...after] };
        const indices = indicesOf(indexDType, taken);
        const axis = before.length;
        compare(kernelOf("take", axis, mode), [mixed(data), indices], [result], parts);
        compare(kernelOf("takeAdjoint", axis, mode), [mixed(result), indices], [data], parts);
      }),
    );
  });

  test("rows of an embedding: long blocks, many indices", () => {
    const data = { dtype: "float32", shape: [50, 67] } as const;
    const result = { dtype: "float32", shape: [40, 67] } as const;
    const indices = indicesOf("int32", [40]);
    compare(kernelOf("take", 0, "clip"), [wild(data), indices], [result], 4);
    compare(kernelOf("takeAdjoint", 0, "clip"), [wild(result), indices], [data], 4);
  });
});

test("takeAlong, forward and adjoint, is the interpreter's", () => {
  const cases = fc.record({
    ...common,
    before: shapes(2, 3),
    length: upTo(5, 1),
    after: shapes(2, 4),
    taken: upTo(4),
  });
  fc.assert(
    fc.property(cases, ({ before, length, after, taken, mode, dtype, indexDType, parts }) => {
      const data = { dtype, shape: [...before, length, ...after] };
      const result = { dtype, shape: [...before, taken, ...after] };
      const indices = indicesOf(indexDType, result.shape);
      const axis = before.length;
      compare(kernelOf("takeAlong", axis, mode), [mixed(data), indices], [result], parts);
      compare(kernelOf("takeAlongAdjoint", axis, mode), [wild(result), indices], [data], parts);
    }),
  );
});

test("takeAlong's adjoint, with more places than are summed at once, is the interpreter's", () => {
  const [data, result] = [40_000, 9].map((length) => ({
    dtype: "float32" as const,
    shape: [2, length],
  }));
  if (data === undefined || result === undefined) throw new Error("two types");
  const indices = indicesOf("int32", result.shape);
  compare(kernelOf("takeAlongAdjoint", 1, "clip"), [wild(result), indices], [data], 3);
});

test("gatherNd, its adjoint and scatterNd are the interpreter's", () => {
  const cases = fc.record({
    ...common,
    leading: fc.array(upTo(4, 1), { minLength: 1, maxLength: 3 }),
    block: shapes(2, 5),
    rest: shapes(2, 4),
  });
  fc.assert(
    fc.property(cases, ({ leading, block, rest, mode, dtype, indexDType, parts }) => {
      const data = { dtype, shape: [...leading, ...block] };
      const result = { dtype, shape: [...rest, ...block] };
      const indices = indicesOf(indexDType, [leading.length, ...rest]);
      compare(kernelOf("gatherNd", 0, mode), [mixed(data), indices], [result], parts);
      compare(kernelOf("gatherNdAdjoint", 0, mode), [mixed(result), indices], [data], parts);
      compare(kernelOf("scatterNd", 0, mode), [mixed(result), indices], [data], parts);
    }),
  );
});

describe("indices", () => {
  const data = mixed({ dtype: "int32", shape: [7] });

  test.each(["clip", "wrap"] as const)("that no integer holds, NaN and infinities: %s", (mode) => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    const numbers = [
      nan,
      inf,
      -inf,
      1e300,
      -1e300,
      2 ** 63,
      -(2 ** 63),
      2 ** 31,
      2 ** 53 + 2,
      -0.5,
    ];
    const indices = createTensor({ dtype: "float64", shape: [numbers.length] }, numbers);
    const out = { dtype: "int32", shape: [numbers.length] } as const;
    compare(kernelOf("take", 0, mode), [data, indices], [out]);
  });

  test("of 64 bits", () => {
    const type = { dtype: "int64", shape: [4] } as const;
    const indices = createTensor(type, BigInt64Array.of(-1n, 2n ** 62n, -(2n ** 63n), 5n));
    for (const mode of ["clip", "wrap"] as const) {
      compare(kernelOf("take", 0, mode), [data, indices], [{ dtype: "int32", shape: [4] }]);
    }
  });

  test("into an empty axis are left to the interpreter, which refuses them", () => {
    const type = { dtype: "float32", shape: [0, 2] } as const;
    const out = { dtype: "float32", shape: [3, 2] } as const;
    const indices = { dtype: "int32", shape: [3] } as const;
    const kernel = kernelOf("take", 0, "clip");
    expect(prepareWasmKernel(kernel, [type, indices], [out], libraries)).toBeUndefined();
  });
});

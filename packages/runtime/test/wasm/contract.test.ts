import fc from "fast-check";
import { createTensor } from "../../src/index.js";
import { prepareContract } from "../../src/wasm/contract/index.js";
import { callOf, wholeKernel } from "../../src/wasm/libraryCall.js";
import { runKernel } from "../testOps.js";
import {
  arena,
  kernels,
  libraries,
  rough,
  runWasm,
  small,
  rowMajorGemm,
} from "./contractLibraries.js";
import { expectSame } from "./wasmArena.js";

describe.each(libraries)("%s", (_name, library) => {
  test("random products are the interpreter's, and touch nothing else", () => {
    fc.assert(
      fc.property(kernels, (kernel) => {
        const { ins, out, results } = runWasm(kernel, library, small);
        expectSame(results, runKernel(kernel, ins, [out]));
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    [1, 1, 1],
    [1, 1, 1000],
    [1, 70, 300],
    [2, 70, 300],
    [70, 1, 300],
    [5, 7, 600],
    [100, 100, 1],
    [13, 33, 257],
    [20, 70, 300],
    [80, 40, 260],
    [14, 1100, 10],
    [245, 4, 260],
    [7, 1030, 10],
  ])("m %d, n %d, k %d in all four transposes", (m, n, k) => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const kernel = { kind: "contract", batch: 1, m, n, k, transposeA, transposeB } as const;
        const { ins, out, results } = runWasm(kernel, library, small);
        expectSame(results, runKernel(kernel, ins, [out]));
      }
    }
  });

  test("accumulation adds to what is there", () => {
    const { type, lanes } = library.element;
    const [m, n, k] = [7, 3 * lanes + 1, 5];
    const a = small({ dtype: type, shape: [m, k] }, 1);
    const b = small({ dtype: type, shape: [k, n] }, 2);
    const out = { dtype: type, shape: [m, n] };
    const { functions } = library;
    const args = rowMajorGemm(library, m, n, k);
    const calls = [
      callOf(functions.gemm, args),
      callOf(functions.gemm, { ...args, accumulate: 1 }),
      // Without products, nothing is added.
      callOf(functions.gemm, { ...args, k: 0, accumulate: 1 }),
    ];
    const twice = wholeKernel(calls, 10_000);
    const [result] = arena.run([twice], [a, b], [out]);
    const kernel = {
      kind: "contract",
      batch: 1,
      m,
      n,
      k,
      transposeA: false,
      transposeB: false,
    } as const;
    const [once] = runKernel(kernel, [a, b], [out]);
    const expected = Array.from(once?.data ?? [], Number).map((value) => 2 * value);
    expect(Array.from(result?.data ?? [], Number)).toEqual(expected);
  });

  test("matrices with gaps between neighbours in both directions are multiplied", () => {
    const { type, bytes } = library.element;
    const [m, n, k] = [9, 21, 11];
    const a = small({ dtype: type, shape: [m, k, 2] }, 1);
    const b = small({ dtype: type, shape: [k, n, 3] }, 2);
    const call = callOf(library.functions.gemm, {
      ...rowMajorGemm(library, m, n, k),
      aRow: 2 * k * bytes,
      aColumn: 2 * bytes,
      bRow: 3 * n * bytes,
      bColumn: 3 * bytes,
    });
    const kernel = wholeKernel([call], 10_000);
    const [result] = arena.run([kernel], [a, b], [{ dtype: type, shape: [m, n] }]);
    const expected: number[] = [];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++)
          sum += Number(a.data[(i * k + p) * 2]) * Number(b.data[(p * n + j) * 3]);
        expected.push(sum);
      }
    }
    expect(Array.from(result?.data ?? [], Number)).toEqual(expected);
  });
});

test.each(["int32", "int64"])("%s wraps modulo its size", (dtype) => {
  const library = libraries.find(([name]) => name.startsWith(dtype))?.[1];
  if (library === undefined) throw new Error(`no library for ${dtype}`);
  fc.assert(
    fc.property(kernels, (kernel) => {
      const { ins, out, results } = runWasm(kernel, library, rough);
      expectSame(results, runKernel(kernel, ins, [out]));
    }),
    { numRuns: 20 },
  );
});

test("zero times infinity is NaN, and stays in its row and column", () => {
  for (const [name, library] of libraries) {
    if (name.startsWith("int")) continue;
    const dtype = library.element.type;
    const a = createTensor({ dtype, shape: [7, 2] }, [0, 1, ...Array<number>(12).fill(1)]);
    const b = createTensor({ dtype, shape: [2, 5] }, [Infinity, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    const kernel = {
      kind: "contract",
      batch: 1,
      m: 7,
      n: 5,
      k: 2,
      transposeA: false,
      transposeB: false,
    } as const;
    const [result] = arena.run(
      [prepareContract(kernel, library)],
      [a, b],
      [{ dtype, shape: [7, 5] }],
    );
    const expected = Array.from({ length: 35 }, (_, i) => {
      if (i === 0) return Number.NaN;
      return i % 5 === 0 ? Infinity : i < 5 ? 1 : 2;
    });
    expect(Array.from(result?.data ?? [], Number)).toEqual(expected);
  }
});

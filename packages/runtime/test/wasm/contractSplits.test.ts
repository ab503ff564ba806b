import fc from "fast-check";
import { splitGemm } from "../../src/wasm/contract/index.js";
import { callOf, wholeKernel } from "../../src/wasm/libraryCall.js";
import { splitSpan } from "../../src/wasm/spans.js";
import { arena, kernels, libraries, rough, rowMajorGemm, runWasm } from "./contractLibraries.js";
import { expectSame } from "./wasmArena.js";

describe.each(libraries)("%s", (_name, library) => {
  test("any split leaves the bits of the whole", () => {
    const parts = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(kernels, parts, (kernel, count) => {
        const { results } = runWasm(kernel, library, rough);
        const split = runWasm(kernel, library, rough, (prepared) => prepared.split(count));
        expectSame(split.results, results);
      }),
      { numRuns: 15 },
    );
  });

  test("an element has the same bits in a product of any other size", () => {
    const { type } = library.element;
    const [n, k] = [130, 300];
    const a = rough({ dtype: type, shape: [60, k] }, 1);
    const b = rough({ dtype: type, shape: [k, n] }, 2);
    const out = { dtype: type, shape: [60, n] };
    const gemm = (m: number, columns: number) => {
      const args = rowMajorGemm(library, m, n, k);
      return wholeKernel([callOf(library.functions.gemm, { ...args, n: columns })], 600_000);
    };
    const [whole] = arena.run([gemm(60, n)], [a, b], [out]);
    for (const m of [1, 2, 5, 30]) {
      for (const columns of [1, 3, 20, 64, 66]) {
        const [part] = arena.run([gemm(m, columns)], [a, b], [out]);
        for (let i = 0; i < m; i++) {
          const row = part?.data.slice(i * n, i * n + columns);
          expect(row).toEqual(whole?.data.slice(i * n, i * n + columns));
        }
      }
    }
  });
});

describe("splits", () => {
  const target = libraries[0]?.[1];
  if (target === undefined) throw new Error("no library");

  test("regions are whole tiles, and cover each element once", () => {
    const size = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 9 }), (m, n, parts) => {
        const covered = new Uint8Array(m * n);
        const regions = splitGemm(target, m, n, parts);
        expect(regions.length).toBeLessThanOrEqual(parts);
        for (const { rows, columns } of regions) {
          expect(rows.from % target.shape.rows).toBe(0);
          expect(columns.from % (target.shape.vectors * target.element.lanes)).toBe(0);
          for (let i = rows.from; i < rows.to; i++) {
            for (let j = columns.from; j < columns.to; j++)
              covered[i * n + j] = (covered[i * n + j] ?? 0) + 1;
          }
        }
        expect(covered.every((count) => count === 1)).toBe(true);
      }),
    );
  });

  test("four parts of a square are squares, of a flat matrix columns", () => {
    const sizesOf = (m: number, n: number) =>
      splitGemm(target, m, n, 4).map(({ rows, columns }) => [
        rows.to - rows.from,
        columns.to - columns.from,
      ]);
    expect(sizesOf(96, 96)).toEqual(Array(4).fill([48, 48]));
    expect(sizesOf(6, 96)).toEqual(Array(4).fill([6, 24]));
  });

  test("spans are as equal as their unit allows", () => {
    expect(splitSpan(10, 3)).toEqual([
      { from: 0, to: 3 },
      { from: 3, to: 6 },
      { from: 6, to: 10 },
    ]);
    expect(splitSpan(5, 4, 4)).toEqual([
      { from: 0, to: 4 },
      { from: 4, to: 5 },
    ]);
    expect(splitSpan(0, 2)).toEqual([]);
  });
});

import { createTensor, tensorOf } from "../src/index.js";
import { runOne } from "./testOps.js";

/** (batch, m, k) x (batch, k, n) element by element. */
function naive(a: (b: number, i: number, p: number) => number, b: typeof a, sizes: number[]) {
  const [batch = 0, m = 0, n = 0, k = 0] = sizes;
  const result: number[] = [];
  for (let item = 0; item < batch; item++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += a(item, i, p) * b(item, p, j);
        result.push(sum);
      }
    }
  }
  return result;
}

const cases: [number, number, number, number, boolean, boolean][] = [];
for (const [batch, m, n, k] of [
  [1, 2, 2, 3],
  [3, 5, 7, 4],
  [1, 1, 9, 130],
  [2, 6, 1, 65],
  [1, 3, 4, 0],
] as const) {
  for (const a of [false, true]) for (const b of [false, true]) cases.push([batch, m, n, k, a, b]);
}

test.each(cases)("batch %d, m %d, n %d, k %d, transposed %s %s", (batch, m, n, k, ta, tb) => {
  const elements = (rows: number, columns: number) =>
    Array.from({ length: batch * rows * columns }, (_, i) => ((i * 5) % 11) - 4);
  const [left, right] = [elements(m, k), elements(k, n)];
  const a = createTensor({ dtype: "float32", shape: ta ? [batch, k, m] : [batch, m, k] }, left);
  const b = createTensor({ dtype: "float32", shape: tb ? [batch, n, k] : [batch, k, n] }, right);
  const kernel = { kind: "contract", batch, m, n, k, transposeA: ta, transposeB: tb } as const;
  const expected = naive(
    (item, i, p) => left[item * m * k + (ta ? p * m + i : i * k + p)] ?? NaN,
    (item, p, j) => right[item * k * n + (tb ? j * k + p : p * n + j)] ?? NaN,
    [batch, m, n, k],
  );
  const result = runOne(kernel, [a, b], { dtype: "float32", shape: [batch, m, n] });
  expect(Array.from(result, Number)).toEqual(expected);
});

const dot = (k: number) =>
  ({ kind: "contract", batch: 1, m: 1, n: 1, k, transposeA: false, transposeB: false }) as const;

test("int32 wraps modulo 2^32, as Math.imul does", () => {
  const a = tensorOf([[123456789, 2 ** 30]], "int32");
  const b = tensorOf([[987654321], [4]], "int32");
  const expected = Math.imul(123456789, 987654321) | 0;
  expect(runOne(dot(2), [a, b], { dtype: "int32", shape: [1, 1] })[0]).toBe(expected);
});

test("zero times infinity is NaN, not skipped", () => {
  const [a, b] = [tensorOf([[0, 1]], "float32"), tensorOf([[Infinity], [1]], "float32")];
  expect(runOne(dot(2), [a, b], { dtype: "float32", shape: [1, 1] })[0]).toBeNaN();
});

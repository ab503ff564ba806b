import { ArgumentError, DTypeError, type LinalgKernel } from "@adjoint/graph";
import { createTensor, type Tensor, tensorOf } from "../src/index.js";
import { runKernel, runOne } from "./testOps.js";

const linalg = (form: "potrf" | "inverse" | "slogdet" | "gelqf" | "syevd") =>
  ({ kind: "linalg", form }) as const;

function near(received: ArrayLike<number | bigint>, expected: number[], digits = 12): void {
  expect(received.length).toBe(expected.length);
  for (const [i, value] of expected.entries())
    expect(Number(received[i])).toBeCloseTo(value, digits);
}

describe("potrf", () => {
  test("reads the lower half only and clears the upper", () => {
    const a = tensorOf(
      [
        [4, 99, 99],
        [12, 37, 99],
        [-16, -43, 98],
      ],
      "float64",
    );
    near(runOne(linalg("potrf"), [a], a.type), [2, 0, 0, 6, 1, 0, -8, 5, 3]);
  });
  test("is batched", () => {
    const a = tensorOf([[[4]], [[9]]], "float32");
    near(runOne(linalg("potrf"), [a], a.type), [2, 3]);
  });
  test.each([
    [
      [
        [1, 2],
        [2, 1],
      ],
    ],
    [[[0]]],
    [[[NaN]]],
  ])("refuses %j", (rows) => {
    const a = tensorOf(rows, "float64");
    expect(() => runKernel(linalg("potrf"), [a], [a.type], "potrf")).toThrow(ArgumentError);
    expect(() => runKernel(linalg("potrf"), [a], [a.type], "potrf")).toThrow(
      /potrf: matrix is not positive definite/,
    );
  });
});

describe("trsm", () => {
  const product = (a: number[][], b: number[][]) =>
    a.map((row) =>
      (b[0] ?? []).map((_b, j) => row.reduce((s, v, k) => s + v * (b[k]?.[j] ?? 0), 0)),
    );
  const transposed = (a: number[][]) => (a[0] ?? []).map((_v, j) => a.map((row) => row[j] ?? 0));
  const flags = [false, true].flatMap((lower) =>
    [false, true].flatMap((transpose) =>
      [false, true].map((rightSide) => [lower, transpose, rightSide] as const),
    ),
  );
  test.each(flags)("lower %s, transpose %s, rightSide %s", (lower, transpose, rightSide) => {
    const triangle = lower
      ? [
          [2, 0, 0],
          [1, 4, 0],
          [3, -2, 5],
        ]
      : [
          [2, 1, 3],
          [0, 4, -2],
          [0, 0, 5],
        ];
    const op = transpose ? transposed(triangle) : triangle;
    const x = rightSide
      ? [
          [1, 2, 3],
          [4, 5, 6],
        ]
      : [
          [1, 4],
          [2, 5],
          [3, 6],
        ];
    const b = tensorOf(rightSide ? product(x, op) : product(op, x), "float64");
    // The other half holds rubbish, which must not be read.
    const dirty = triangle.map((row, i) => row.map((v, j) => ((lower ? j > i : j < i) ? NaN : v)));
    const kernel: LinalgKernel = { kind: "linalg", form: "trsm", lower, transpose, rightSide };
    near(runOne(kernel, [tensorOf(dirty, "float64"), b], b.type), x.flat());
  });
});

describe("inverse", () => {
  test("pivots where the diagonal is zero, batched", () => {
    const a = tensorOf(
      [
        [
          [0, 2],
          [1, 0],
        ],
        [
          [1, 2],
          [3, 4],
        ],
      ],
      "float64",
    );
    near(runOne(linalg("inverse"), [a], a.type), [0, 1, 0.5, 0, -2, 1, 1.5, -0.5]);
  });
  test("times the matrix is the identity", () => {
    const n = 12;
    const values = Float64Array.from({ length: n * n }, (_, i) => Math.sin(i * i + 1));
    const a = createTensor({ dtype: "float64", shape: [n, n] }, values);
    const inverse = createTensor(a.type, runOne(linalg("inverse"), [a], a.type));
    const sizes = { batch: 1, m: n, n, k: n, transposeA: false, transposeB: false };
    const identity = runOne({ kind: "contract", ...sizes }, [a, inverse], a.type);
    const expected = Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
    near(identity, expected, 10);
  });
  test("of a singular matrix is refused", () => {
    const a = tensorOf(
      [
        [1, 2],
        [2, 4],
      ],
      "float64",
    );
    expect(() => runOne(linalg("inverse"), [a], a.type)).toThrow(/matrix is singular/);
  });
});

describe("slogdet", () => {
  const slogdet = (a: Tensor) => {
    const outs = { dtype: a.type.dtype, shape: a.type.shape.slice(0, -2) };
    return runKernel(linalg("slogdet"), [a], [outs, outs]).map(({ data }) =>
      Array.from(data, Number),
    );
  };
  test("sign and logarithm, with row exchanges", () => {
    const [sign = [], log = []] = slogdet(
      tensorOf(
        [
          [
            [0, 2],
            [3, 0],
          ],
          [
            [-2, 0],
            [0, -4],
          ],
        ],
        "float64",
      ),
    );
    expect(sign).toEqual([-1, 1]);
    near(log, [Math.log(6), Math.log(8)]);
  });
  test("of a singular matrix is 0 and minus infinity", () => {
    expect(
      slogdet(
        tensorOf(
          [
            [1, 2],
            [2, 4],
          ],
          "float64",
        ),
      ),
    ).toEqual([[0], [-Infinity]]);
  });
});

test("integers are refused", () => {
  const a = tensorOf([[1]], "int32");
  expect(() => runOne(linalg("potrf"), [a], a.type)).toThrow(DTypeError);
});

/** Numbers without a pattern. */
function irregularTensor(...shape: number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float64Array.from({ length: size }, (_, i) => Math.sin(i * i + 1));
  return createTensor({ dtype: "float64", shape }, values);
}

const matrixProduct = (m: number, k: number, n: number, a: Tensor, b: Tensor) => {
  const sizes = { batch: 1, m, n, k, transposeA: false, transposeB: false };
  const out = { dtype: "float64", shape: [m, n] } as const;
  return createTensor(out, runOne({ kind: "contract", ...sizes }, [a, b], out));
};

describe("gelqf", () => {
  test.each([
    [1, 1],
    [5, 5],
    [3, 20],
  ])("of (%i, %i) gives factors of the matrix, and leaves the matrix as it is", (rows, columns) => {
    const a = irregularTensor(rows, columns);
    const kept = Array.from(a.data, Number);
    const square = { dtype: "float64", shape: [rows, rows] } as const;
    const [q, l] = runKernel(linalg("gelqf"), [a], [a.type, square]);
    if (q === undefined || l === undefined) throw new Error("two results");
    near(matrixProduct(rows, rows, columns, l, q).data, kept);
    near(a.data, kept);
  });

  test("of zeros has rows of the identity", () => {
    const a = createTensor({ dtype: "float32", shape: [2, 3] });
    const square = { dtype: "float32", shape: [2, 2] } as const;
    const [q, l] = runKernel(linalg("gelqf"), [a], [a.type, square]);
    near(q?.data ?? [], [1, 0, 0, 0, 1, 0]);
    near(l?.data ?? [], [0, 0, 0, 0]);
  });
});

describe("syevd", () => {
  const syevd = (a: Tensor) => {
    const values = { dtype: a.type.dtype, shape: a.type.shape.slice(0, -1) };
    const [u, l] = runKernel(linalg("syevd"), [a], [a.type, values]);
    if (u === undefined || l === undefined) throw new Error("two results");
    return [u, l] as const;
  };

  test("of a matrix of 40 rows: U A = diag(λ) U to rounding", () => {
    const n = 40;
    const half = irregularTensor(n, n);
    const at = (i: number, j: number) => Number(half.data[Math.max(i, j) * n + Math.min(i, j)]);
    const values = Float64Array.from({ length: n * n }, (_, k) => at(Math.floor(k / n), k % n));
    const a = createTensor(half.type, values);
    const [u, l] = syevd(a);
    const scaled = Array.from(u.data, Number).map((v, k) => v * Number(l.data[Math.floor(k / n)]));
    near(matrixProduct(n, n, n, u, a).data, scaled, 11);
  });

  test("of the second difference has the known eigenvalues", () => {
    const n = 12;
    const values = Float64Array.from({ length: n * n }, (_, k) => {
      const distance = Math.abs(Math.floor(k / n) - (k % n));
      return distance === 0 ? 2 : distance === 1 ? -1 : 0;
    });
    const [, l] = syevd(createTensor({ dtype: "float64", shape: [n, n] }, values));
    const known = Array.from(
      { length: n },
      (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)),
    );
    near(l.data, known);
  });

  test("finds a tiny eigenvalue beside large ones", () => {
    const a = tensorOf(
      [
        [1, 1],
        [1, 1 + 1e-12],
      ],
      "float64",
    );
    const [, l] = syevd(a);
    expect(Number(l.data[0])).toBeGreaterThan(0);
    expect(Number(l.data[0])).toBeLessThan(1e-12);
  });

  test("ends on numbers that are none, and on the largest there are", () => {
    const [, nan] = syevd(
      tensorOf(
        [
          [NaN, 1],
          [1, 1],
        ],
        "float64",
      ),
    );
    expect(Array.from(nan.data, Number)).toEqual([NaN, NaN]);
    const [, large] = syevd(
      tensorOf(
        [
          [1e300, 1e300],
          [1e300, -1e300],
        ],
        "float64",
      ),
    );
    expect(Array.from(large.data, Number).map((v) => v / 1e300)).toEqual([
      expect.closeTo(-Math.SQRT2, 12),
      expect.closeTo(Math.SQRT2, 12),
    ]);
  });
});

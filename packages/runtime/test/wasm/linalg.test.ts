import {
  ArgumentError,
  Builder,
  createRegistry,
  type LinalgKernel,
  type TensorType,
} from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, Runtime, type Tensor, tensorOf, toNumbers } from "../../src/index.js";
import { prepareWasmKernel } from "../../src/wasm/prepareWasmKernel.js";
import { apply, opOf, runKernel } from "../testOps.js";
import { arena, compare, libraries, runWasm, upTo } from "./compareKernels.js";

type MatrixDType = "float32" | "float64";
const dtypes = fc.constantFrom<MatrixDType>("float32", "float64");
const common = {
  batch: upTo(3, 1),
  n: upTo(7, 1),
  dtype: dtypes,
  seed: upTo(99),
  parts: upTo(3, 1),
};

function type(dtype: MatrixDType, ...shape: number[]): TensorType {
  return { dtype, shape };
}

/** Matrices (batch, rows, columns) with a heavy diagonal. */
function matrices(of: TensorType, seed: number): Tensor {
  const [batch = 0, rows = 0, columns = 0] = of.shape;
  const numbers = Array.from({ length: batch * rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns) % rows, i % columns];
    return Math.sin(i * 12.9898 + seed) * 3 + (row === column ? 2 * columns + 2 : 0);
  });
  return createTensor(of, numbers);
}

const form = (name: Exclude<LinalgKernel["form"], "trsm">): LinalgKernel => ({
  kind: "linalg",
  form: name,
});

function near(actual: readonly Tensor[], expected: readonly Tensor[], digits: number): void {
  for (const [i, tensor] of expected.entries()) {
    const numbers = toNumbers(actual[i] ?? tensor);
    for (const [k, value] of toNumbers(tensor).entries()) {
      if (Number.isFinite(value)) expect(numbers[k]).toBeCloseTo(value, digits);
      else expect(numbers[k]).toBe(value);
    }
  }
}

describe("factorisations and solves are the interpreter's", () => {
  test("potrf", () => {
    fc.assert(
      fc.property(fc.record(common), ({ batch, n, dtype, seed, parts }) => {
        const a = type(dtype, batch, n, n);
        compare(form("potrf"), [matrices(a, seed)], [a], parts);
      }),
    );
  });

  test("inverse, which exchanges rows", () => {
    fc.assert(
      fc.property(fc.record({ ...common, shift: upTo(40) }), (of) => {
        const a = type(of.dtype, of.batch, of.n, of.n);
        const numbers = toNumbers(matrices(a, of.seed));
        // Rotated, so that the heavy elements are not on the diagonal.
        const turned = numbers.map((_, i) => numbers[(i + of.shift) % numbers.length] ?? 0);
        compare(form("inverse"), [createTensor(a, turned)], [a], of.parts);
      }),
    );
  });

  test("trsm, on both sides, of both halves, transposed and not", () => {
    const flags = { lower: fc.boolean(), transpose: fc.boolean(), rightSide: fc.boolean() };
    const cases = fc.record({ ...common, ...flags, sides: upTo(5, 1) });
    fc.assert(
      fc.property(cases, ({ batch, n, dtype, seed, parts, sides, ...flagged }) => {
        const a = type(dtype, batch, n, n);
        const b = flagged.rightSide ? type(dtype, batch, sides, n) : type(dtype, batch, n, sides);
        const kernel = { kind: "linalg", form: "trsm", ...flagged } as const;
        compare(kernel, [matrices(a, seed), matrices(b, seed + 1)], [b], parts);
      }),
    );
  });

  test("gelqf", () => {
    fc.assert(
      fc.property(fc.record({ ...common, wider: upTo(4) }), (of) => {
        const { batch, n, dtype, seed, parts } = of;
        const a = type(dtype, batch, n, n + of.wider);
        compare(form("gelqf"), [matrices(a, seed)], [a, type(dtype, batch, n, n)], parts);
      }),
    );
  });

  test("slogdet, up to the last digits of logarithms, and of a singular matrix", () => {
    fc.assert(
      fc.property(fc.record(common), ({ batch, n, dtype, seed, parts }) => {
        const a = matrices(type(dtype, batch, n, n), seed);
        const outs = [type(dtype, batch), type(dtype, batch)];
        const expected = runKernel(form("slogdet"), [a], outs);
        const digits = dtype === "float32" ? 4 : 12;
        near(runWasm(form("slogdet"), [a], outs), expected, digits);
        near(runWasm(form("slogdet"), [a], outs, parts), expected, digits);
      }),
    );
    const singular = tensorOf(
      [
        [
          [1, 2],
          [2, 4],
        ],
      ],
      "float64",
    );
    const outs = [type("float64", 1), type("float64", 1)];
    const [sign, logarithm] = runWasm(form("slogdet"), [singular], outs);
    expect([sign?.data[0], logarithm?.data[0]]).toEqual([0, -Infinity]);
  });

  test("syevd, up to the last digits, and of what has none", () => {
    fc.assert(
      fc.property(fc.record(common), ({ batch, n, dtype, seed, parts }) => {
        const a = matrices(type(dtype, batch, n, n), seed);
        const outs = [a.type, type(dtype, batch, n)];
        const expected = runKernel(form("syevd"), [a], outs);
        const digits = dtype === "float32" ? 4 : 10;
        near(runWasm(form("syevd"), [a], outs), expected, digits);
        near(runWasm(form("syevd"), [a], outs, parts), expected, digits);
      }),
    );
    const a = tensorOf(
      [
        [
          [1, 0],
          [Number.NaN, 4],
        ],
      ],
      "float64",
    );
    const results = runWasm(form("syevd"), [a], [a.type, type("float64", 1, 2)]);
    for (const result of results) expect(toNumbers(result).every(Number.isNaN)).toBe(true);
  });
});

describe("refusals", () => {
  const refuse = (kernel: LinalgKernel, rows: number[][], op: string) => {
    const a = tensorOf([rows], "float64");
    const origin = { op, site: `${op}.ts:7` };
    const prepared = prepareWasmKernel(kernel, [a.type], [a.type], libraries, origin);
    if (prepared === undefined) throw new Error("no functions");
    arena.run([prepared], [a], [a.type]);
    return () => libraries.checkRefusals();
  };

  test("are reported after the run, once, with op and line", () => {
    const check = refuse(
      form("potrf"),
      [
        [1, 2],
        [2, 1],
      ],
      "linalg.potrf",
    );
    expect(check).toThrow(/linalg.potrf: matrix is not positive definite/);
    expect(check).not.toThrow();
    const singular = refuse(
      form("inverse"),
      [
        [1, 2],
        [2, 4],
      ],
      "linalg.inverse",
    );
    expect(singular).toThrow(ArgumentError);
    refuse(
      form("inverse"),
      [
        [1, 2],
        [2, 4],
      ],
      "other",
    );
    expect(() => libraries.checkRefusals()).toThrow(/other: matrix is singular.*other.ts:7/s);
  });

  test("there are none of matrices that are fine", () => {
    expect(
      refuse(
        form("potrf"),
        [
          [4, 0],
          [2, 5],
        ],
        "potrf",
      ),
    ).not.toThrow();
  });

  test("a compiled plan throws them as the interpreter does", () => {
    const type: TensorType = { dtype: "float64", shape: [2, 2] };
    const op = opOf(form("potrf"), [type], "linalg.potrf");
    const builder = new Builder("factor");
    builder.output("l", apply(op, builder.input("a", type)));
    const runtime = new Runtime({ mode: "compiled", maximumBytes: 2 ** 26 });
    const compiled = runtime.plan(builder.finish(), createRegistry([op]));
    const good = tensorOf(
      [
        [4, 0],
        [2, 5],
      ],
      "float64",
    );
    const bad = tensorOf(
      [
        [1, 2],
        [2, 1],
      ],
      "float64",
    );
    expect(() => compiled.run([bad])).toThrow(/linalg.potrf: matrix is not positive definite/);
    expect(compiled.run([good]).map(toNumbers)).toEqual([[2, 0, 1, 2]]);
  });
});

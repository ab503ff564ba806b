import { DTypeError, type Shape, ShapeError, type Value } from "@adjoint/graph";
import { fronts } from "../src/index.js";
import {
  evaluate,
  evaluateAll,
  expectDerivatives,
  expectError,
  float32,
  type Given,
  given,
  gradientsOf,
  irregular,
  near,
  type Program,
} from "./support.js";

const { linalg } = fronts;

function allNear(values: readonly number[], digits = 10): readonly number[] {
  return values.map((value) => near(value, digits));
}

/** One number per position of matrices of `side` rows and columns. */
function perElement(side: number, count: number, value: (row: number, column: number) => number) {
  return Array.from({ length: count * side * side }, (_, at) =>
    value(Math.floor(at / side) % side, at % side),
  );
}

const ones = (count: number) => new Array<number>(count).fill(1);
const symmetric = (x: Value): Value =>
  fronts.add(x, linalg.gemm2(unit(x), x, { transposeB: true }));

/** The identity matrix. */
function unit(x: Value): Value {
  return linalg.makediag(fronts.onesLike(linalg.extractdiag(x)));
}

describe("gelqf", () => {
  const shapes: readonly Shape[] = [
    [1, 1],
    [3, 3],
    [2, 5],
    [2, 3, 4],
  ];

  test.each(shapes)("of shape %s... gives factors of the argument", (...shape) => {
    const a = irregular(shape, 3);
    const product: Program = (x) => {
      const [q, l] = linalg.gelqf(x);
      return linalg.gemm2(l, q);
    };
    expect(evaluate(product, a).data).toEqual(allNear(a.data));
  });

  test.each(shapes)("of shape %s... has orthonormal rows and a lower triangle", (...shape) => {
    const a = irregular(shape, 4);
    const [q, l] = evaluateAll((x) => linalg.gelqf(x), a);
    const rows = shape.at(-2) ?? 0;
    const batch = (l?.data.length ?? 0) / rows ** 2;
    const product = evaluate((x) => linalg.syrk(linalg.gelqf(x)[0]), a);
    expect(q?.shape).toEqual(shape);
    expect(product.data).toEqual(
      allNear(perElement(rows, batch, (row, column) => (row === column ? 1 : 0))),
    );
    const above = perElement(rows, batch, (row, column) => (column > row ? 1 : 0));
    expect(l?.data.filter((_, at) => above[at] === 1).every((value) => value === 0)).toBe(true);
  });

  test("has LAPACK's signs: reflected rows point against the diagonal, the last of a square one stays", () => {
    const [q, l] = evaluateAll((x) => linalg.gelqf(x), given([3, 4, 4, 5], [2, 2]));
    expect(q?.data).toEqual(allNear([-0.6, -0.8, -0.8, 0.6]));
    expect(l?.data).toEqual(allNear([-5, 0, -6.4, -0.2]));
    const [sign] = evaluateAll((x) => linalg.gelqf(x), given([-3], [1, 1]));
    expect(sign?.data).toEqual([1]);
  });

  test("is differentiable twice, through each result alone and both", () => {
    for (const a of [irregular([2, 3], 2), irregular([2, 2, 2], 5)]) {
      expectDerivatives((x) => linalg.gelqf(x)[0], [a]);
      expectDerivatives((x) => linalg.gelqf(x)[1], [a]);
      expectDerivatives((x) => linalg.gelqf(x), [a]);
    }
  });

  test("gets no gradient from above L's diagonal, whatever stands in the head there", () => {
    const a = irregular([2, 3], 2);
    const program: Program = (x) => linalg.gelqf(x)[1];
    const [first] = gradientsOf(program, [a], [[1, Number.NaN, 2, 3]]);
    const [second] = gradientsOf(program, [a], [[1, 0, 2, 3]]);
    expect(first).toEqual(second);
    expect(first?.every(Number.isFinite)).toBe(true);
  });

  test("of dependent rows has zeros on L's diagonal, and no finite gradient", () => {
    const a = given([1, 0, 2, 0], [2, 2]);
    const [, l] = evaluateAll((x) => linalg.gelqf(x), a);
    expect(l?.data).toEqual([1, 0, 2, 0]);
    const [gradient] = gradientsOf((x) => linalg.gelqf(x)[0], [a]);
    expect(gradient?.every(Number.isFinite)).toBe(false);
  });

  test("refuses matrices that are higher than wide, vectors and integers", () => {
    const apply: Program = (x) => linalg.gelqf(x)[0];
    expectError(() => evaluate(apply, irregular([3, 2])), ShapeError, "higher than wide", "(3, 2)");
    expectError(() => evaluate(apply, irregular([3])), ShapeError, "not a matrix");
    expectError(() => evaluate(apply, irregular([2, 2], 1, "int32")), DTypeError, "int32[2,2]");
  });
});

describe("syevd", () => {
  const vectors: Program = (x) => linalg.syevd(x)[0];
  const values: Program = (x) => linalg.syevd(x)[1];

  test.each([1, 2, 3, 7])("of side %i: U A = diag(λ) U, U orthonormal, λ ascending", (side) => {
    const a = evaluate(symmetric, irregular([side, side], side));
    const [u, eigenvalues] = evaluateAll((x) => linalg.syevd(x), a);
    const left = evaluate((x) => linalg.gemm2(linalg.syevd(x)[0], x), a);
    const scaled = (u?.data ?? []).map(
      (value, at) => value * (eigenvalues?.data[Math.floor(at / side)] ?? 0),
    );
    expect(left.data).toEqual(allNear(scaled));
    const product = evaluate((x) => linalg.syrk(linalg.syevd(x)[0]), a);
    const identity = perElement(side, 1, (row, column) => (row === column ? 1 : 0));
    expect(product.data).toEqual(allNear(identity));
    expect(eigenvalues?.data).toEqual([...(eigenvalues?.data ?? [])].sort((x, y) => x - y));
  });

  test("makes the first of the largest elements of each vector positive", () => {
    expect(evaluate(vectors, given([0, 1, 1, 0], [2, 2])).data).toEqual(
      allNear([Math.SQRT1_2, -Math.SQRT1_2, Math.SQRT1_2, Math.SQRT1_2]),
    );
    const u = evaluate(vectors, evaluate(symmetric, irregular([4, 4], 9))).data;
    for (let row = 0; row < 4; row++) {
      const vector = u.slice(row * 4, row * 4 + 4);
      const largest = Math.max(...vector.map(Math.abs));
      expect(vector.find((value) => Math.abs(value) > largest * (1 - 1e-9))).toBeGreaterThan(0);
    }
  });

  test("reads the lower half only, and computes each matrix of a stack", () => {
    const nan = Number.NaN;
    const stack = given([1, nan, 2, 4, 9, nan, 0, 4], [2, 2, 2]);
    expect(evaluate(values, stack).data).toEqual(allNear([0, 5, 4, 9]));
  });

  test("keeps the scale of small and large matrices", () => {
    for (const scale of [1e-150, 1e-8, 1e150]) {
      const a = given(
        [2, 1, 1, 2].map((value) => value * scale),
        [2, 2],
      );
      const relative = evaluate(values, a).data.map((value) => value / scale);
      expect(relative).toEqual(allNear([1, 3]));
    }
  });

  test("is NaN throughout where an element is, and for that matrix only", () => {
    const a = given([Number.NaN, 0, 0, 1, 2, 0, 0, 1], [2, 2, 2]);
    expect(evaluate(values, a).data).toEqual([Number.NaN, Number.NaN, 1, 2]);
    const infinite = given([Number.POSITIVE_INFINITY, 0, 0, 1], [2, 2]);
    expect(evaluate(vectors, infinite).data.every(Number.isNaN)).toBe(true);
  });

  test("is differentiable twice, through each result alone and both", () => {
    for (const a of [irregular([3, 3], 3), irregular([2, 2, 2], 4)]) {
      expectDerivatives((x) => linalg.syevd(symmetric(x))[0], [a]);
      expectDerivatives((x) => linalg.syevd(symmetric(x))[1], [a]);
      expectDerivatives((x) => linalg.syevd(symmetric(x)), [a]);
    }
  });

  test("eigenvalues have the gradient uᵀ u, shared between both halves", () => {
    const a = given([2, 1, 1, 2], [2, 2]);
    const [gradient] = gradientsOf(values, [a], [[0, 1]]);
    expect(gradient).toEqual(allNear([0.5, 0.5, 0.5, 0.5]));
  });

  test("equal eigenvalues give finite gradients, right for the projection on their space", () => {
    const identity = given([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]);
    const [sum] = gradientsOf(values, [identity]);
    expect(sum).toEqual(identity.data);
    const [choice] = gradientsOf(vectors, [identity]);
    expect(choice).toEqual(allNear(ones(9).map(() => 0)));
    // The projection on the space of 5 turns by dA between the spaces, over the gap of 3.
    const projection: Program = (x) => {
      const last = fronts.slice(linalg.syevd(x)[0], { begin: [2, 0], end: [3, 3] });
      return linalg.syrk(last, { transpose: true });
    };
    const twice = given([2, 0, 0, 0, 2, 0, 0, 0, 5], [3, 3]);
    const head = [1, 2, 3, 2, 4, 5, 3, 5, 6];
    const expected = [0, 0, 1, 0, 0, 5 / 3, 1, 5 / 3, 0];
    expect(gradientsOf(projection, [twice], [head])[0]).toEqual(allNear(expected));
  });

  test("float32 is computed in double precision", () => {
    const a: Given = float32([1, 1e-4, 1e-4, 1], [2, 2]);
    const small = Math.fround(1e-4);
    expect(evaluate(values, a).data).toEqual([Math.fround(1 - small), Math.fround(1 + small)]);
  });

  test("refuses what is not square, and integers", () => {
    expectError(() => evaluate(vectors, irregular([2, 3])), ShapeError, "not square", "(2, 3)");
    expectError(() => evaluate(values, irregular([2, 2], 1, "int32")), DTypeError);
  });
});

import { DTypeError, type Shape, ShapeError, type Value } from "@adjoint/graph";
import { fronts } from "../src/index.js";
import {
  evaluate,
  evaluateAll,
  expectDerivatives,
  float32,
  type Given,
  given,
  gradientsOf,
  irregular,
  near,
  type Program,
} from "./support.js";

const { linalg } = fronts;

/** Matrices with a heavy diagonal: invertible, and their triangles too. */
function regular(shape: Shape, seed = 1): Given {
  const { data } = irregular(shape, seed);
  const side = shape.at(-1) ?? 1;
  const onDiagonal = (position: number) => (position % (side * side)) % (side + 1) === 0;
  return given(
    data.map((value, position) => value + (onDiagonal(position) ? 4 : 0)),
    shape,
  );
}

function allNear(values: readonly number[]): readonly number[] {
  return values.map((value) => near(value));
}

const triangular = [
  [false, false, true],
  [false, true, true],
  [true, false, true],
  [true, true, true],
  [false, false, false],
  [false, true, false],
  [true, false, false],
  [true, true, false],
] as const;

describe.each(triangular)("rightside %s, transpose %s, lower %s", (rightside, transpose, lower) => {
  const options = { rightside, transpose, lower, alpha: -1.5 };
  const a = regular([2, 3, 3]);
  const b = irregular(rightside ? [2, 2, 3] : [2, 3, 2], 2);
  const small = [regular([2, 2]), irregular(rightside ? [1, 2] : [2, 1], 2)];

  test("trsm undoes trmm", () => {
    const inverse = { ...options, alpha: 1 / options.alpha };
    const back: Program = (x, y) => linalg.trsm(x, linalg.trmm(x, y, options), inverse);
    expect(evaluate(back, a, b).data).toEqual(allNear(b.data));
  });

  test("trsm and trmm are differentiable twice", () => {
    expectDerivatives((x, y) => linalg.trsm(x, y, options), small);
    expectDerivatives((x, y) => linalg.trmm(x, y, options), small);
  });

  test("the other half of A is neither read nor given a gradient", () => {
    const outside = (position: number) => {
      const [row, column] = [Math.floor((position % 9) / 3), position % 3];
      return lower ? column > row : column < row;
    };
    const [zero, nan] = [0, Number.NaN].map((value) =>
      given(
        a.data.map((kept, at) => (outside(at) ? value : kept)),
        a.shape,
      ),
    );
    if (zero === undefined || nan === undefined) throw new Error("two matrices");
    for (const solve of [linalg.trsm, linalg.trmm]) {
      const program: Program = (x, y) => solve(x, y, options);
      expect(evaluate(program, nan, b).data).toEqual(evaluate(program, zero, b).data);
      const [gradient] = gradientsOf(program, [nan, b]);
      expect(gradient?.filter((_, at) => outside(at))).toEqual(allNear([0, 0, 0, 0, 0, 0]));
      expect(gradient).toEqual(gradientsOf(program, [zero, b])[0]);
    }
  });
});

/** x xᵀ + I: symmetric positive definite for any x. */
function definite(x: Value): Value {
  return fronts.add(linalg.syrk(x), linalg.makediag(fronts.onesLike(linalg.extractdiag(x))));
}

describe("potrf", () => {
  test("gives the lower factor, reading the lower half only", () => {
    const a = given([4, Number.NaN, 2, 10], [2, 2]);
    expect(evaluate((x) => linalg.potrf(x), a).data).toEqual([2, 0, 1, 3]);
  });

  test("is differentiable twice on symmetric matrices", () => {
    expectDerivatives((x) => linalg.potrf(definite(x)), [irregular([2, 2], 3)]);
    expectDerivatives((x) => linalg.potrf(definite(x)), [irregular([2, 2, 2], 4)]);
  });

  test("has a symmetric gradient, whatever stands above the diagonal of the head", () => {
    const a = given([4, 2, 2, 10], [2, 2]);
    // L = [[√a, 0], [b / √a, √(c - b² / a)]] by hand, b's derivative shared between both halves.
    const [da, db, dc] = [1 / 4 - 2 / 16 + 4 / 16 / 6, 1 / 2 - 2 / 4 / 3, 1 / 6];
    const program: Program = (x) => linalg.potrf(x);
    expect(gradientsOf(program, [a], [[1, Number.NaN, 1, 1]])).toEqual([
      allNear([da, db / 2, db / 2, dc]),
    ]);
  });

  test("refuses what is not positive definite", () => {
    expect(() => evaluate((x) => linalg.potrf(x), given([1, 2, 2, 1], [2, 2])).data).toThrow(
      "potrf: matrix is not positive definite",
    );
  });
});

test("potri inverts the product of a factor with its transpose", () => {
  const l = given([2, 0, 1, 3], [2, 2]);
  const product: Program = (x) => linalg.gemm2(linalg.potri(x), linalg.syrk(x));
  expect(evaluate(product, l).data).toEqual(allNear([1, 0, 0, 1]));
  expectDerivatives((x) => linalg.potri(x), [regular([2, 2, 2])]);
});

test("inverse times matrix is the identity, and is differentiable twice", () => {
  const a = regular([2, 2, 2]);
  const product: Program = (x) => linalg.gemm2(linalg.inverse(x), x);
  expect(evaluate(product, a).data).toEqual(allNear([1, 0, 0, 1, 1, 0, 0, 1]));
  expectDerivatives((x) => linalg.inverse(x), [a]);
});

describe("determinants", () => {
  const singular = given([1, 2, 2, 4, 1, 2, 3, 4], [2, 2, 2]);

  test("det and slogdet are exact on small integers, also in float32", () => {
    const a = float32([1, 2, 3, 4, 0, 1, 1, 0], [2, 2, 2]);
    expect(evaluate((x) => linalg.det(x), a).data).toEqual([-2, -1]);
    const [sign, logarithm] = evaluateAll((x) => linalg.slogdet(x), a);
    expect(sign?.data).toEqual([-1, -1]);
    expect(logarithm?.data).toEqual([Math.fround(Math.log(2)), 0]);
  });

  test("of one matrix have shape (1,)", () => {
    const a = regular([3, 3]);
    expect(evaluateAll((x) => linalg.det(x), a)[0]?.shape).toEqual([1]);
    expect(evaluateAll((x) => linalg.slogdet(x), a).map(({ shape }) => shape)).toEqual([[1], [1]]);
  });

  test("are differentiable twice", () => {
    expectDerivatives((x) => linalg.det(x), [irregular([2, 2, 2], 3)]);
    expectDerivatives((x) => linalg.slogdet(x)[1], [regular([2, 3, 3])]);
  });

  test("of a singular matrix are 0, and log 0, with gradient 0; others of the batch are not touched", () => {
    expect(evaluate((x) => linalg.det(x), singular).data).toEqual([0, allNear([-2])[0]]);
    expect(evaluateAll((x) => linalg.slogdet(x), singular).map(({ data }) => data[0])).toEqual([
      0,
      -Infinity,
    ]);
    const [byDet] = gradientsOf((x) => linalg.det(x), [singular]);
    expect(byDet).toEqual([0, 0, 0, 0, ...allNear([4, -3, -2, 1])]);
    const [byLogarithm] = gradientsOf((x) => linalg.slogdet(x)[1], [singular]);
    expect(byLogarithm).toEqual([0, 0, 0, 0, ...allNear([-2, 1.5, 1, -0.5])]);
  });

  test("the sign alone has gradient 0", () => {
    expect(gradientsOf((x) => linalg.slogdet(x)[0], [given([-3], [1, 1])])).toEqual([[0]]);
  });
});

describe("products", () => {
  test("gemm with its factors and the axis of rows", () => {
    const [a, b, c] = [irregular([3, 2, 4], 1), irregular([3, 2, 4], 2), irregular([3, 2, 3], 3)];
    const options = { transposeB: true, alpha: 2, beta: -0.5, axis: 0 };
    const direct: Program = (x, y, z) => linalg.gemm(x, y, z, options);
    const swapped: Program = (x, y, z) => {
      const swap = (value: Value) => fronts.swapaxes(value, { dim1: 0, dim2: 1 });
      return swap(linalg.gemm(swap(x), swap(y), swap(z), { ...options, axis: -2 }));
    };
    expect(evaluateAll(direct, a, b, c)).toEqual(evaluateAll(swapped, a, b, c));
    expectDerivatives(direct, [a, b, c]);
  });

  test("syrk is A Aᵀ, or Aᵀ A", () => {
    const a = given([3, 4], [1, 2]);
    expect(evaluate((x) => linalg.syrk(x, { alpha: 2 }), a).data).toEqual([50]);
    expect(evaluate((x) => linalg.syrk(x, { transpose: true }), a).data).toEqual([9, 12, 12, 16]);
    expectDerivatives((x) => linalg.syrk(x, { alpha: 2 }), [irregular([2, 2, 3])]);
  });
});

describe("diagonals", () => {
  test.each([
    [0, [1, 0, 0, 2]],
    [1, [0, 1, 0, 0, 0, 2, 0, 0, 0]],
    [-1, [0, 0, 0, 1, 0, 0, 0, 2, 0]],
    [-2, [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0]],
  ])("makediag puts elements on diagonal %s, extractdiag takes them back", (offset, expected) => {
    const diagonal = given([1, 2]);
    expect(evaluate((x) => linalg.makediag(x, { offset }), diagonal).data).toEqual(expected);
    const back: Program = (x) => linalg.extractdiag(linalg.makediag(x, { offset }), { offset });
    expect(evaluate(back, diagonal).data).toEqual([1, 2]);
    expectDerivatives((x) => linalg.makediag(x, { offset }), [irregular([2, 2])]);
  });

  test("an empty diagonal makes zeros, an offset out of the matrix an empty diagonal", () => {
    expect(evaluate((x) => linalg.makediag(x, { offset: 2 }), given([])).data).toEqual([
      0, 0, 0, 0,
    ]);
    expect(evaluate((x) => linalg.extractdiag(x, { offset: 5 }), irregular([2, 2])).data).toEqual(
      [],
    );
  });

  test("sumlogdiag adds logarithms, one sum per matrix", () => {
    const a = given([1, 9, 9, Math.E, Math.E, 9, 9, Math.E], [2, 2, 2]);
    expect(evaluate((x) => linalg.sumlogdiag(x), a).data).toEqual(allNear([1, 2]));
    expectDerivatives((x) => linalg.sumlogdiag(x), [regular([2, 2, 2])]);
  });
});

describe("triangles", () => {
  const counted = given([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]);
  test.each([
    [{}, [1, 4, 5, 7, 8, 9], [1, 0, 0, 4, 5, 0, 7, 8, 9]],
    [{ lower: false }, [1, 2, 5, 3, 6, 9], [1, 2, 3, 0, 5, 6, 0, 0, 9]],
    [{ offset: 1 }, [2, 3, 6], [0, 2, 3, 0, 0, 6, 0, 0, 0]],
    [{ offset: -1 }, [4, 7, 8], [0, 0, 0, 4, 0, 0, 7, 8, 0]],
    [{ offset: -2, lower: false }, [7], [0, 0, 0, 0, 0, 0, 7, 0, 0]],
    [{ offset: 2 }, [3], [0, 0, 3, 0, 0, 0, 0, 0, 0]],
  ])(
    "%j: extracttrian reads lower triangles by rows, upper ones by columns; maketrian puts back",
    (options, elements, matrix) => {
      expect(evaluate((x) => linalg.extracttrian(x, options), counted).data).toEqual(elements);
      const back: Program = (x) => linalg.maketrian(linalg.extracttrian(x, options), options);
      expect(evaluate(back, counted).data).toEqual(matrix);
      expectDerivatives(back, [irregular([2, 3, 3])], { order: 1 });
    },
  );

  test("refuses an offset out of the matrix, and elements that fill no triangle", () => {
    expect(() => evaluate((x) => linalg.extracttrian(x, { offset: 3 }), counted).data).toThrow(
      ShapeError,
    );
    expect(() => evaluate((x) => linalg.maketrian(x), irregular([4])).data).toThrow(
      "linalg.maketrian: elements fill no triangle: (4,) (allowed: a last axis of 1, 3, 6, 10, ... elements)",
    );
  });
});

describe("arguments that do not fit", () => {
  const square = irregular([2, 2]);
  const oblong = irregular([2, 3]);
  const [vector, stack] = [irregular([3]), irregular([2, 2, 2])];
  test.each<[string, Program, readonly Given[]]>([
    ["potrf", (x) => linalg.potrf(x), [oblong]],
    ["potri", (x) => linalg.potri(x), [oblong]],
    ["inverse", (x) => linalg.inverse(x), [vector]],
    ["det", (x) => linalg.det(x), [oblong]],
    ["slogdet", (x) => linalg.slogdet(x)[1], [oblong]],
    ["sumlogdiag", (x) => linalg.sumlogdiag(x), [oblong]],
    ["extractdiag", (x) => linalg.extractdiag(x), [vector]],
    ["makediag", (x) => linalg.makediag(x), [irregular([])]],
    ["extracttrian", (x) => linalg.extracttrian(x), [oblong]],
    ["syrk", (x) => linalg.syrk(x), [vector]],
    ["gemm2", (x, y) => linalg.gemm2(x, y), [oblong, oblong]],
    ["gemm2 of stacks", (x, y) => linalg.gemm2(x, y), [stack, square]],
    ["gemm2 of one axis", (x, y) => linalg.gemm2(x, y, { axis: -1 }), [square, square]],
    ["gemm", (x, y, z) => linalg.gemm(x, y, z), [square, square, oblong]],
    ["trsm", (x, y) => linalg.trsm(x, y, { rightside: true }), [square, oblong]],
    ["trmm", (x, y) => linalg.trmm(x, y), [oblong, oblong]],
    ["trmm of stacks", (x, y) => linalg.trmm(x, y), [square, stack]],
  ])("%s", (_, program, givens) => {
    expect(() => evaluate(program, ...givens)).toThrow(ShapeError);
  });

  test("integers are refused", () => {
    const integers = irregular([2, 2], 1, "int32");
    for (const program of [
      linalg.potrf,
      linalg.inverse,
      linalg.det,
      linalg.sumlogdiag,
      linalg.syrk,
    ]) {
      expect(() => evaluate((x) => program(x), integers)).toThrow(DTypeError);
    }
  });
});

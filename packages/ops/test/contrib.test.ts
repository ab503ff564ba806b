import {
  ArgumentError,
  AttributeError,
  BoundsError,
  DTypeError,
  type Shape,
  ShapeError,
  type Value,
} from "@adjoint/graph";
import { fronts } from "../src/index.js";
import {
  evaluate,
  expectDerivatives,
  expectError,
  float32,
  given,
  gradientsOf,
  irregular,
  near,
  type Program,
} from "./support.js";

const { contrib } = fronts;
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe("quadratic", () => {
  const attrs = { a: 0.5, b: -2, c: 3 };

  test("is a polynomial with the derivative 2 a x + b", () => {
    const x = irregular([2, 3]);
    const expected = x.data.map((value) => near(0.5 * value ** 2 - 2 * value + 3));
    expect(evaluate((v) => contrib.quadratic(v, attrs), x).data).toEqual(expected);
    const slopes = x.data.map((value) => near(value - 2));
    expect(gradientsOf((v) => contrib.quadratic(v, attrs), [x])[0]).toEqual(slopes);
    expectDerivatives((v) => contrib.quadratic(v, attrs), [x]);
  });

  test("of integers is truncated at the end only", () => {
    const x = given([1, 2, -3], [3], "int32");
    expect(evaluate((v) => contrib.quadratic(v, { a: 0.5, b: 1 }), x).data).toEqual([1, 4, 1]);
  });

  test("is 0 without factors, and refuses unknown ones", () => {
    expect(evaluate((v) => contrib.quadratic(v), given([1, 2])).data).toEqual([0, 0]);
    const unknown = { a: 1, d: 1 };
    expectError(
      () => evaluate((v) => contrib.quadratic(v, unknown), given([1])),
      AttributeError,
      "unknown option: d",
    );
  });
});

test("divSqrtDim divides by the root of the last length", () => {
  const x = irregular([2, 3]);
  const expected = x.data.map((value) => near(value / Math.sqrt(3)));
  expect(evaluate(contrib.divSqrtDim, x).data).toEqual(expected);
  expectDerivatives((v) => contrib.divSqrtDim(v), [x]);
  expectError(() => evaluate(contrib.divSqrtDim, given([1], [])), ShapeError, "no axes");
});

describe("arangeLike", () => {
  test("fills the shape, or counts along an axis", () => {
    const x = irregular([2, 3], 1, "float32");
    const filled = evaluate((v) => contrib.arangeLike(v, { start: -1, step: 0.25 }), x);
    expect(filled).toEqual(float32([-1, -0.75, -0.5, -0.25, 0, 0.25], [2, 3]));
    const along = evaluate((v) => contrib.arangeLike(v, { axis: -1, repeat: 2 }), x);
    expect(along).toEqual(float32([0, 0, 1]));
  });

  test("of an empty array is empty; a gradient through it is zero", () => {
    expect(evaluate((v) => contrib.arangeLike(v), irregular([0, 2])).shape).toEqual([0, 2]);
    const program: Program = (v) => fronts.mul(v, contrib.arangeLike(v));
    expect(gradientsOf(program, [irregular([3])])[0]).toEqual([0, 1, 2]);
  });

  test("refuses an axis out of range, and no repetition", () => {
    const x = irregular([2]);
    expectError(() => evaluate((v) => contrib.arangeLike(v, { axis: 1 }), x), BoundsError);
    expectError(() => evaluate((v) => contrib.arangeLike(v, { repeat: 0 }), x), AttributeError);
  });
});

describe("indexArray", () => {
  test("gives positions along all axes, or some", () => {
    const x = irregular([2, 3]);
    const all = evaluate((v) => contrib.indexArray(v), x);
    expect(all).toEqual(given([0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2], [2, 3, 2], "int64"));
    const last = evaluate((v) => contrib.indexArray(v, { axes: [-1] }), x);
    expect(last).toEqual(given([0, 1, 2, 0, 1, 2], [2, 3, 1], "int64"));
    expect(evaluate((v) => contrib.indexArray(v, { axes: [] }), x).shape).toEqual([2, 3, 0]);
  });

  test("refuses an axis out of range", () => {
    const act = () => evaluate((v) => contrib.indexArray(v, { axes: [2] }), irregular([2]));
    expectError(act, BoundsError);
    const single: Program = (v) => Reflect.apply(contrib.indexArray, undefined, [v, { axes: 0 }]);
    expectError(() => evaluate(single, irregular([2])), AttributeError, "a list of integers");
  });
});

describe("indexCopy", () => {
  const old = irregular([4, 2], 1);
  const rows = irregular([2, 2], 2);
  const index = given([3, 1], [2], "int32");

  test("replaces rows, and passes gradients to what is left of each", () => {
    const expected = [...old.data];
    expected.splice(6, 2, ...rows.data.slice(0, 2));
    expected.splice(2, 2, ...rows.data.slice(2, 4));
    expect(evaluate(contrib.indexCopy, old, index, rows).data).toEqual(expected);
    const head = [1, 2, 3, 4, 5, 6, 7, 8];
    const [toOld, , toRows] = gradientsOf(contrib.indexCopy, [old, index, rows], [head]);
    expect(toOld).toEqual([1, 2, 0, 0, 5, 6, 0, 0]);
    expect(toRows).toEqual([7, 8, 3, 4]);
    expectDerivatives(contrib.indexCopy, [old, index, rows]);
  });

  test("of two rows for one place the last stays, and alone gets a gradient", () => {
    const [x, twice, news] = [given([1, 2, 3]), given([1, 1]), given([8, 9])];
    expect(evaluate(contrib.indexCopy, x, twice, news).data).toEqual([1, 9, 3]);
    expect(gradientsOf(contrib.indexCopy, [x, twice, news])[2]).toEqual([0, 1]);
  });

  test("out of range goes to the nearest row; no rows change nothing", () => {
    const [x, outside, news] = [given([1, 2, 3]), given([-4, 9]), given([8, 9])];
    expect(evaluate(contrib.indexCopy, x, outside, news).data).toEqual([8, 2, 9]);
    expect(evaluate(contrib.indexCopy, x, given([]), given([])).data).toEqual([1, 2, 3]);
  });

  test("refuses shapes and dtypes that do not fit", () => {
    const wide = irregular([2, 3]);
    expectError(() => evaluate(contrib.indexCopy, old, index, wide), ShapeError, "(2, 3)");
    expectError(() => evaluate(contrib.indexCopy, old, given([1]), rows), ShapeError);
    expectError(() => evaluate(contrib.indexCopy, given([1], []), index, rows), ShapeError);
    const single = irregular([2, 2], 2, "float32");
    expectError(() => evaluate(contrib.indexCopy, old, index, single), DTypeError);
    const none = [irregular([0, 2]), index, rows] as const;
    expectError(() => evaluate(contrib.indexCopy, ...none), BoundsError);
  });
});

describe("allclose", () => {
  const one = (a: number, b: number, options?: Parameters<typeof contrib.allclose<Value>>[2]) =>
    evaluate((x, y) => contrib.allclose(x, y, options), given([1, a]), given([1, b])).data[0];

  test.each([
    [2, 2.00002, 1],
    [2, 2.00003, 0],
    [nan, nan, 1],
    [nan, 1, 0],
    [infinity, infinity, 1],
    [infinity, -infinity, 0],
    [1, infinity, 0],
    [infinity, 1, 0],
    [0, 1e-8, 1],
  ])("of %d and %d is %d", (a, b, expected) => {
    expect(one(a, b)).toBe(expected);
  });

  test("goes by its tolerances", () => {
    expect([one(2, 2.1, { rtol: 0.1 }), one(2, 2.1, { atol: 0.2 }), one(2, 2.1)]).toEqual([
      1, 1, 0,
    ]);
    expect(one(nan, nan, { equalNan: false })).toBe(0);
  });

  test("is uint8 without axes, 1 for nothing, exact for integers", () => {
    const empty = evaluate((x, y) => contrib.allclose(x, y), given([]), given([]));
    expect(empty).toEqual(given([1], [], "uint8"));
    const [a, b] = [given([7], [1], "int32"), given([8], [1], "int32")];
    expect(evaluate((x, y) => contrib.allclose(x, y), a, b).data).toEqual([0]);
  });

  test("refuses other shapes and dtypes", () => {
    const check: Program = (x, y) => contrib.allclose(x, y);
    expectError(() => evaluate(check, given([1]), given([1, 2])), ShapeError);
    expectError(() => evaluate(check, given([1]), float32([1])), DTypeError);
  });
});

test.each([
  ["isnan", contrib.isnan, [0, 1, 0, 0], 0],
  ["isinf", contrib.isinf, [0, 0, 1, 1], 0],
  ["isfinite", contrib.isfinite, [1, 0, 0, 0], 1],
] as const)(
  "%s: floats by their value, integers always alike",
  (_, check, expected, ofIntegers) => {
    for (const dtype of ["float32", "float64", "float16"] as const) {
      const x = given([1, nan, infinity, -infinity], [4], dtype);
      expect(evaluate(check, x)).toEqual(given(expected, [4], dtype));
    }
    const integers = given([0, 5], [2], "int32");
    expect(evaluate(check, integers)).toEqual(given([ofIntegers, ofIntegers], [2], "int32"));
  },
);

describe("declared gradients", () => {
  test("of roundSte and signSte are the identity's, of any order", () => {
    const x = given([-1.5, 0.4, 2.5]);
    expect(evaluate(contrib.roundSte, x).data).toEqual([-2, 0, 3]);
    expect(evaluate(contrib.signSte, x).data).toEqual([-1, 1, 1]);
    for (const fn of [contrib.roundSte, contrib.signSte]) {
      expect(gradientsOf(fn, [x], [[2, 3, 4]])[0]).toEqual([2, 3, 4]);
    }
  });

  test("gradientmultiplier passes values on and multiplies gradients", () => {
    const x = given([3, 4]);
    const reversed: Program = (v) => contrib.gradientmultiplier(v, { scalar: -0.5 });
    expect(evaluate(reversed, x).data).toEqual([3, 4]);
    expect(gradientsOf(reversed, [x], [[2, 6]])[0]).toEqual([-1, -3]);
    expect(gradientsOf((v) => contrib.gradientmultiplier(v), [x])[0]).toEqual([1, 1]);
  });
});

describe("interleaved attention", () => {
  const [length, keys, batch, heads, width] = [3, 4, 2, 2, 2];
  const at = (x: readonly number[], shape: Shape, ...index: readonly number[]) =>
    x[index.reduce((flat, one, axis) => flat * (shape[axis] ?? 0) + one, 0)] ?? nan;
  const range = (count: number) => [...new Array(count).keys()];

  /** Element (map, query, key) of the products, by loops over the interleaved arrays. */
  function products(
    q: { data: readonly number[]; parts: number },
    k: { data: readonly number[]; parts: number; part: number; length: number },
  ): number[] {
    return range(batch * heads).flatMap((map) =>
      range(length).flatMap((query) =>
        range(k.length).map((key) => {
          const [item, head] = [Math.floor(map / heads), map % heads];
          const one = (x: readonly number[], parts: number, part: number, row: number, c: number) =>
            at(x, [0, batch, heads, parts, width], row, item, head, part, c);
          const terms = range(width).map(
            (c) => one(q.data, q.parts, 0, query, c) * one(k.data, k.parts, k.part, key, c),
          );
          return terms.reduce((sum, term) => sum + term, 0) / Math.sqrt(width);
        }),
      ),
    );
  }

  /** Element (query, item, channel) of the weighted values, by loops. */
  function weighted(x: readonly number[], parts: number, attention: readonly number[], n: number) {
    return range(length).flatMap((query) =>
      range(batch).flatMap((item) =>
        range(heads * width).map((channel) => {
          const [head, c] = [Math.floor(channel / width), channel % width];
          const terms = range(n).map(
            (key) =>
              at(attention, [0, length, n], item * heads + head, query, key) *
              at(x, [0, batch, heads, parts, width], key, item, head, parts - 1, c),
          );
          return terms.reduce((sum, term) => sum + term, 0);
        }),
      ),
    );
  }

  const selfProjections = irregular([length, batch, heads * 3 * width], 1);
  const queries = irregular([length, batch, heads * width], 2);
  const projections = irregular([keys, batch, heads * 2 * width], 3);
  const selfMaps = irregular([batch * heads, length, length], 4);
  const maps = irregular([batch * heads, length, keys], 5);

  test("equals loops over the arrays", () => {
    const { data } = selfProjections;
    const selfQk: Program = (x) => contrib.interleavedMatmulSelfattQk(x, { heads });
    const side = { data, parts: 3 };
    expect(evaluate(selfQk, selfProjections).data).toEqual(
      products(side, { ...side, part: 1, length }).map((value) => near(value)),
    );
    const selfValues: Program = (x, a) => contrib.interleavedMatmulSelfattValatt(x, a, { heads });
    expect(evaluate(selfValues, selfProjections, selfMaps).data).toEqual(
      weighted(data, 3, selfMaps.data, length).map((value) => near(value)),
    );
    const qk: Program = (q, x) => contrib.interleavedMatmulEncdecQk(q, x, { heads });
    const other = { data: projections.data, parts: 2, part: 0, length: keys };
    expect(evaluate(qk, queries, projections).data).toEqual(
      products({ data: queries.data, parts: 1 }, other).map((value) => near(value)),
    );
    const values: Program = (x, a) => contrib.interleavedMatmulEncdecValatt(x, a, { heads });
    expect(evaluate(values, projections, maps).data).toEqual(
      weighted(projections.data, 2, maps.data, keys).map((value) => near(value)),
    );
  });

  test("is differentiable twice", () => {
    const one = irregular([2, 1, 3], 1);
    expectDerivatives((x) => contrib.interleavedMatmulSelfattQk(x, { heads: 1 }), [one]);
    const map = irregular([1, 2, 2], 2);
    const values: Program = (x, a) => contrib.interleavedMatmulSelfattValatt(x, a, { heads: 1 });
    expectDerivatives(values, [one, map]);
    const [q, kv] = [irregular([2, 1, 1], 3), irregular([2, 1, 2], 4)];
    expectDerivatives((x, y) => contrib.interleavedMatmulEncdecQk(x, y, { heads: 1 }), [q, kv]);
    const decoded: Program = (x, a) => contrib.interleavedMatmulEncdecValatt(x, a, { heads: 1 });
    expectDerivatives(decoded, [kv, map]);
  });

  test("refuses heads and shapes that do not fit", () => {
    const wrong = (heads: number) => () =>
      evaluate((x) => contrib.interleavedMatmulSelfattQk(x, { heads }), selfProjections);
    expectError(wrong(5), ShapeError, "a multiple of 15 channels");
    expectError(wrong(0), AttributeError, "heads");
    const flat: Program = (x) => contrib.interleavedMatmulSelfattQk(x, { heads });
    expectError(() => evaluate(flat, irregular([12])), ShapeError, "(length, batch, channels)");
    const valatt: Program = (x, a) => contrib.interleavedMatmulEncdecValatt(x, a, { heads });
    expectError(() => evaluate(valatt, projections, selfMaps), ShapeError, "(4, queries, 4)");
    const qk: Program = (q, x) => contrib.interleavedMatmulEncdecQk(q, x, { heads });
    expectError(() => evaluate(qk, irregular([3, 1, 4]), projections), ShapeError);
    const single = irregular([3, 2, 4], 1, "float32");
    expectError(() => evaluate(qk, single, projections), DTypeError);
  });
});

test.each([
  ["allclose", contrib.allclose],
  ["arangeLike", contrib.arangeLike],
  ["divSqrtDim", contrib.divSqrtDim],
  ["gradientmultiplier", contrib.gradientmultiplier],
  ["indexArray", contrib.indexArray],
  ["indexCopy", contrib.indexCopy],
  ["interleavedMatmulEncdecQk", contrib.interleavedMatmulEncdecQk],
  ["interleavedMatmulEncdecValatt", contrib.interleavedMatmulEncdecValatt],
  ["interleavedMatmulSelfattQk", contrib.interleavedMatmulSelfattQk],
  ["isfinite", contrib.isfinite],
  ["isinf", contrib.isinf],
  ["isnan", contrib.isnan],
  ["quadratic", contrib.quadratic],
  ["roundSte", contrib.roundSte],
])("%s names itself where an argument is no array", (name, fn) => {
  const text: unknown = "x";
  const heads = { heads: 1 };
  expectError(() => Reflect.apply(fn, undefined, [text, text, heads]), ArgumentError, name);
});

import { AttributeError, DTypeError, ShapeError } from "@adjoint/graph";
import { fronts } from "../src/index.js";
import {
  evaluateAll,
  expectError,
  float32,
  type Given,
  given,
  gradientsOf,
  irregular,
  near,
} from "./support.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

type Range = readonly [number, number];

function histogram(x: Given, bins?: number, range?: Range) {
  const [counts, edges] = evaluateAll((v) => fronts.histogram(v, { bins, range }), x);
  if (counts === undefined || edges === undefined) throw new Error("two results");
  return { counts, edges };
}

function between(x: Given, edges: Given) {
  const results = evaluateAll((v, bins) => fronts.histogram(v, { bins }), x, edges);
  return results.map(({ data }) => data);
}

/** Counts by looking for each element's bin. */
function counted(x: readonly number[], edges: readonly number[]): number[] {
  const last = edges.length - 2;
  return edges.slice(0, -1).map((low, bin) => {
    const high = edges[bin + 1] ?? nan;
    return x.filter((value) => value >= low && (value < high || (bin === last && value === high)))
      .length;
  });
}

describe("histogram with bins of equal width", () => {
  test.each([1, 3, 10, 64])("%i bins count as a loop over edges does", (bins) => {
    const x = irregular([20, 10], 7);
    const { counts, edges } = histogram(x, bins, [-1.5, 1.5]);
    expect(edges.data).toEqual(
      Array.from({ length: bins + 1 }, (_, at) => near(-1.5 + (3 * at) / bins)),
    );
    expect(counts).toEqual(given(counted(x.data, edges.data), [bins], "int64"));
  });

  test("elements on an edge belong to the bin above, those on the last one to the last bin", () => {
    for (const bins of [3, 7, 10, 49]) {
      const { edges } = histogram(given([0]), bins, [0.1, 0.7]);
      const { counts } = histogram(edges, bins, [0.1, 0.7]);
      expect(counts.data).toEqual([...new Array<number>(bins - 1).fill(1), 2]);
    }
  });

  test("reach from the least to the greatest element unless told, ten of them", () => {
    const { counts, edges } = histogram(given([0, 1, 1.5, 5], [2, 2]));
    expect(edges.data).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5].map((v) => near(v)));
    expect(counts.data).toEqual([1, 0, 1, 1, 0, 0, 0, 0, 0, 1]);
  });

  test("are widened where all elements are equal, or there are none", () => {
    expect(histogram(given([1, 1]), 2).edges.data).toEqual([0.5, 1, 1.5]);
    expect(histogram(given([1, 1]), 2).counts.data).toEqual([0, 2]);
    const empty = histogram(given([]), 2);
    expect([empty.edges.data, empty.counts.data]).toEqual([
      [0, 0.5, 1],
      [0, 0],
    ]);
    expect(histogram(given([3]), 2, [3, 3]).edges.data).toEqual([2.5, 3, 3.5]);
  });

  test("leave out NaN, and what is out of the range", () => {
    const { counts } = histogram(given([nan, -1, 0, 1, 2, 3, infinity]), 2, [0, 2]);
    expect(counts.data).toEqual([1, 2]);
  });

  test("edges have the dtype of floats, float32 for integers", () => {
    expect(histogram(float32([1, 2]), 1).edges.dtype).toBe("float32");
    expect(histogram(given([1, 2]), 1).edges.dtype).toBe("float64");
    expect(histogram(given([1, 2], [2], "int32"), 1).edges).toEqual(float32([1, 2]));
  });
});

describe("histogram with edges", () => {
  test("counts as a loop does, and gives the edges back", () => {
    const x = irregular([50], 3);
    const edges = given([-1.2, -0.3, -0.1, 0.9, 1.7]);
    expect(between(x, edges)).toEqual([counted(x.data, edges.data), edges.data]);
  });

  test("of another dtype than the elements", () => {
    const edges = given([0, 1, 2], [3], "int32");
    expect(between(float32([0.5, 1, 2, nan]), edges)).toEqual([
      [1, 2],
      [0, 1, 2],
    ]);
  });
});

test("counts and edges pass no gradient", () => {
  const [gradient] = gradientsOf((v) => fronts.histogram(v, { bins: 2 })[1], [irregular([4])]);
  expect(gradient).toEqual([0, 0, 0, 0]);
});

test("refuses bins and ranges that are none", () => {
  const x = given([1, 2]);
  expectError(() => histogram(x, 0), AttributeError, "bins is not valid");
  expectError(() => histogram(x, 2.5), AttributeError, "bins");
  expectError(() => histogram(x, 2, [4, 0]), AttributeError, "range", "[4, 0]");
  expectError(() => histogram(x, 2, [0, infinity]), AttributeError, "range");
  expectError(() => between(x, given([1])), ShapeError, "(1,)");
  expectError(() => between(x, given([1, 2, 3, 4], [2, 2])), ShapeError);
  expectError(() => between(x, given([0, 1], [2], "bool")), DTypeError);
});

import { ArgumentError, AttributeError, BoundsError, DTypeError, ShapeError } from "@adjoint/graph";
import { takeAlong } from "../src/index/takeAlong.js";
import { fronts } from "../src/index.js";
import {
  counting,
  evaluate,
  expectDerivatives,
  expectError,
  float32,
  given,
  gradientsOf,
  irregular,
  type Program,
} from "./support.js";

const { batchTake, Embedding, gatherNd, multiply, oneHot, pick, ravelMultiIndex } = fronts;
const { scatterNd, SequenceLast, SequenceMask, SequenceReverse, take, unravelIndex } = fronts;

describe("take", () => {
  const x = given([10, 20, 30]);
  test("clips by default, wraps on request, and cuts off fractions", () => {
    const indices = given([-1, 5, 1.7]);
    expect(evaluate((v, i) => take(v, i), x, indices)).toEqual(given([10, 30, 20]));
    expect(evaluate((v, i) => take(v, i, { mode: "wrap" }), x, indices).data).toEqual([30, 30, 20]);
  });

  test("raise passes indices in range, and is differentiable", () => {
    const program: Program = (v, i) => take(v, i, { mode: "raise" });
    expect(evaluate(program, x, given([2, 0])).data).toEqual([30, 10]);
    expect(() => evaluate(program, x, given([3]))).toThrow(BoundsError);
    expect(gradientsOf(program, [x, given([1, 1])])[0]).toEqual([0, 2, 0]);
  });

  test("the indices' axes stand in the place of the axis", () => {
    const indices = given([0, 2, 1, 0], [2, 2], "int32");
    const taken = evaluate((v, i) => take(v, i, { axis: -1 }), counting([2, 3]), indices);
    expect(taken).toEqual(given([1, 3, 2, 1, 4, 6, 5, 4], [2, 2, 2]));
  });

  test("repeated and clipped indices add up in the gradient; indices get none", () => {
    const indices = given([0, 0, 7]);
    const program: Program = (v, i) => take(v, i);
    expect(gradientsOf(program, [x, indices])[0]).toEqual([2, 0, 1]);
    expect(gradientsOf(program, [x, indices])[1]).toEqual([0, 0, 0]);
  });
});

describe("pick, batchTake, gatherNd, scatterNd", () => {
  const x = counting([2, 3]);
  test("pick takes one element along an axis", () => {
    expect(evaluate((v, i) => pick(v, i), x, given([2, 0]))).toEqual(given([3, 4]));
    expect(evaluate((v, i) => pick(v, i, { axis: 0 }), x, given([1, 0, 9]))).toEqual(
      given([4, 2, 6]),
    );
    expect(
      evaluate((v, i) => pick(v, i, { keepdims: true, mode: "wrap" }), x, given([-1, 4], [2, 1])),
    ).toEqual(given([3, 5], [2, 1]));
  });

  test("batchTake takes one element of each row", () => {
    expect(evaluate((v, i) => batchTake(v, i), x, given([1, 2], [2], "int32"))).toEqual(
      given([2, 6]),
    );
  });

  test("gatherNd reads elements or slices, scatterNd writes them", () => {
    const elements = given([0, 1, 2, 0], [2, 2]);
    expect(evaluate((v, i) => gatherNd(v, i), x, elements)).toEqual(given([3, 4]));
    expect(evaluate((v, i) => gatherNd(v, i), x, given([1], [1, 1]))).toEqual(
      given([4, 5, 6], [1, 3]),
    );
    const scattered = evaluate(
      (v, i) => scatterNd(v, i, { shape: [2, 3] }),
      given([8, 9]),
      elements,
    );
    expect(scattered).toEqual(given([0, 0, 8, 9, 0, 0], [2, 3]));
  });

  test("repeated positions: the last write stays, and it alone gets the gradient", () => {
    const [data, indices] = [given([7, 8, 9]), given([1, 2, 1], [1, 3])];
    const program: Program = (v, i) => scatterNd(v, i, { shape: [3] });
    expect(evaluate(program, data, indices).data).toEqual([0, 9, 8]);
    expect(gradientsOf(program, [data, indices])[0]).toEqual([0, 1, 1]);
  });
});

describe("oneHot, Embedding, ravelling", () => {
  test("an index out of range gives a row of off values", () => {
    const rows = evaluate((v) => oneHot(v, { depth: 2 }), given([1, -1, 2]));
    expect(rows).toEqual(float32([0, 1, 0, 0, 0, 0], [3, 2]));
    const options = { depth: 2, onValue: 5, offValue: -1, dtype: "int32" } as const;
    expect(evaluate((v) => oneHot(v, options), given([0]))).toEqual(
      given([5, -1], [1, 2], "int32"),
    );
  });

  test("Embedding clips indices, and repeated ones add up in the weight's gradient", () => {
    const [data, weight] = [given([1, 1, 9]), counting([2, 2])];
    const program: Program = (v, w) => Embedding(v, w, { inputDim: 2, outputDim: 2 });
    expect(evaluate(program, data, weight)).toEqual(given([3, 4, 3, 4, 3, 4], [3, 2]));
    expect(gradientsOf(program, [data, weight])[1]).toEqual([0, 0, 3, 3]);
  });

  test("Embedding refuses a weight of another dtype than the one asked for", () => {
    const options = { inputDim: 2, outputDim: 2, dtype: "float16" } as const;
    const act = () =>
      evaluate((v, w = v) => Embedding(v, w, options), given([0]), counting([2, 2]));
    expectError(act, DTypeError, "weight has another dtype");
  });

  test("-1 in front of a shape stands for any length", () => {
    const shape = [-1, 4];
    const places = given([7, 1], [2, 1], "int32");
    expect(evaluate((v) => ravelMultiIndex(v, { shape }), places).data).toEqual([29]);
    const flat = given([29], [1], "int32");
    expect(evaluate((v) => unravelIndex(v, { shape }), flat).data).toEqual([7, 1]);
  });

  test("unravelIndex and ravelMultiIndex undo each other", () => {
    const flat = given([5, 0, 23, 8]);
    const shape = [2, 3, 4];
    const axes = evaluate((v) => unravelIndex(v, { shape }), flat);
    expect(axes).toEqual(given([0, 0, 1, 0, 1, 0, 2, 2, 1, 0, 3, 0], [3, 4]));
    expect(evaluate((v) => ravelMultiIndex(unravelIndex(v, { shape }), { shape }), flat)).toEqual(
      flat,
    );
  });
});

describe("sequences", () => {
  const x = counting([3, 2]);
  const lengths = float32([0, 2]);
  const used = { useSequenceLength: true };
  test.each<[string, Program, readonly number[], readonly number[]]>([
    ["mask", (v, n) => SequenceMask(v, n, { ...used, value: -1 }), [3, 2], [-1, 2, -1, 4, -1, -1]],
    ["last", (v, n) => SequenceLast(v, n, used), [2], [1, 4]],
    ["reverse", (v, n) => SequenceReverse(v, n, used), [3, 2], [1, 4, 3, 2, 5, 6]],
    ["mask without lengths", (v) => SequenceMask(v), [3, 2], [1, 2, 3, 4, 5, 6]],
    ["last without lengths", (v) => SequenceLast(v, { axis: 1 }), [3], [2, 4, 6]],
    ["reverse without lengths", (v) => SequenceReverse(v), [3, 2], [5, 6, 3, 4, 1, 2]],
  ])("%s", (_, program, shape, data) => {
    expect(evaluate(program, x, lengths)).toEqual(given(data, shape));
  });

  test("with axis 1 the batch comes first", () => {
    const masked = evaluate(
      (v, n) => SequenceMask(v, n, { ...used, axis: 1 }),
      counting([2, 3]),
      lengths,
    );
    expect(masked.data).toEqual([0, 0, 0, 4, 5, 0]);
  });
});

describe("derivatives agree with difference quotients, to second order", () => {
  const used = { useSequenceLength: true };
  const lengths = given([2, 1, 3], [3], "int32");
  const matrix = given([0, 2, 2, 1, 1, 0], [2, 3], "int32");
  test.each<[string, Program, typeof lengths]>([
    ["take", (v, i) => take(v, i, { axis: 1, mode: "wrap" }), given([0, -1, 2, 2], [4], "int32")],
    ["takeAlong", (v, i) => takeAlong(v, i, 0), matrix],
    ["pick", (v, i) => pick(v, i), lengths],
    ["gatherNd", (v, i) => gatherNd(v, i), matrix],
    ["scatterNd", (v, i) => scatterNd(v, i, { shape: [4, 3] }), given([3, 1, 3], [1, 3], "int32")],
    ["SequenceMask", (v, n) => SequenceMask(v, n, used), lengths],
    ["SequenceLast", (v, n) => SequenceLast(v, n, used), lengths],
    ["SequenceReverse", (v, n) => SequenceReverse(v, n, used), lengths],
  ])("%s", (_, program, indices) => {
    const cubed: Program = (v, i) =>
      multiply(program(v, i), multiply(program(v, i), program(v, i)));
    expectDerivatives(cubed, [irregular([3, 3]), indices]);
  });
});

describe("errors", () => {
  const [x, indices] = [counting([2, 3]), counting([2], "int32")];
  const used = { useSequenceLength: true };
  test.each<[string, Program, typeof AttributeError, string]>([
    [
      "an unknown mode",
      (v, i) => take(v, i, Object({ mode: "nearest" })),
      AttributeError,
      "clip, wrap",
    ],
    ["an axis out of range", (v, i) => take(v, i, { axis: 2 }), BoundsError, "-2 to 1"],
    [
      "nothing to take",
      (v, i) => take(fronts.slice(v, { begin: [2], end: [2] }), i),
      BoundsError,
      "no elements",
    ],
    [
      "no end of a sequence",
      (v) => SequenceLast(fronts.slice(v, { begin: [2], end: [2] })),
      BoundsError,
      "SequenceLast: no elements",
    ],
    ["nowhere to write", (v, i) => scatterNd(v, i, { shape: [0, 3] }), BoundsError, "no elements"],
    ["an index of another shape", (v, i) => pick(v, i, { axis: 0 }), ShapeError, "(3,) or (1, 3)"],
    [
      "too many positions",
      (v) => gatherNd(fronts.flatten(v), fronts.tile(v, { reps: [2, 1] })),
      ShapeError,
      "1 to 2",
    ],
    ["values that do not fit", (v, i) => scatterNd(v, i, { shape: [2] }), ShapeError, "scatterNd"],
    ["no depth", (v) => oneHot(v, Object({})), AttributeError, "depth is not valid"],
    [
      "another weight",
      (v, i) => Embedding(i, v, { inputDim: 3, outputDim: 3 }),
      ShapeError,
      "(3, 3)",
    ],
    ["missing lengths", (v) => SequenceLast(v, used), ArgumentError, "lengths are missing"],
    [
      "lengths that do not fit",
      (v, n) => SequenceMask(v, n, used),
      ShapeError,
      "one length per sequence",
    ],
    ["axis 2", (v) => SequenceReverse(v, { axis: 2 }), AttributeError, "allowed: 0, 1"],
    [
      "a wrong first axis",
      (v) => ravelMultiIndex(v, { shape: [4] }),
      ShapeError,
      "allowed: (1, ...)",
    ],
  ])("%s: refused", (_, program, error, message) => {
    expectError(() => evaluate(program, x, indices), error, message);
  });
});

import { ArgumentError, BoundsError, ShapeError } from "@adjoint/graph";
import { autograd, type IndexKey, type NDArray, nd } from "../src/index.js";

function gradOf(x: NDArray): number[] {
  if (x.grad === null) throw new Error("no gradient attached");
  return x.grad.toFlat();
}

const matrix = () => nd.arange(12).reshape([3, 4]);
const cube = () => nd.arange(24).reshape([2, 3, 4]);
const i = (...values: number[]) => nd.array(values, { dtype: "int32" });

type Row = readonly [
  name: string,
  make: () => NDArray,
  keys: readonly IndexKey[],
  shape: readonly number[],
  values: readonly number[],
];

const rows: readonly Row[] = [
  ["an integer drops its axis", matrix, [1], [4], [4, 5, 6, 7]],
  ["one element has shape (1,)", matrix, [-1, -1], [1], [11]],
  ["a range keeps its axis", matrix, [[1, 3]], [2, 4], [4, 5, 6, 7, 8, 9, 10, 11]],
  ["a range with a step", matrix, [0, [0, null, 2]], [2], [0, 2]],
  ["a negative step goes backwards", matrix, [0, [null, null, -1]], [4], [3, 2, 1, 0]],
  ["a negative step with bounds", matrix, [0, [2, 0, -1]], [2], [2, 1]],
  ["a negative step from beyond the front is empty", matrix, [0, [-9, null, -1]], [0], []],
  ["a range beyond the end is empty", matrix, [[5, 7]], [0, 4], []],
  ["a colon takes all of an axis", matrix, [":", 1], [3], [1, 5, 9]],
  ["an ellipsis stands for the axes between", cube, [1, "...", 0], [3], [12, 16, 20]],
  ["an ellipsis may stand for nothing", matrix, [1, "...", 2], [1], [6]],
  ["null is a new axis", matrix, [null, 0, null, [0, 2]], [1, 1, 2], [0, 1]],
  ["no key takes everything", matrix, [], [3, 4], nd.arange(12).toFlat()],
  ["an index array", matrix, [i(2, 0)], [2, 4], [8, 9, 10, 11, 0, 1, 2, 3]],
  ["negative indices in an array", matrix, [i(-1), i(-4)], [1], [8]],
  ["float indices are cut off", matrix, [nd.array([0.7, 1.9]), 0], [2], [0, 4]],
  [
    "an index array of two axes",
    matrix,
    [
      ":",
      [
        [0, 3],
        [1, 1],
      ],
    ],
    [3, 2, 2],
    [0, 3, 1, 1, 4, 7, 5, 5, 8, 11, 9, 9],
  ],
  ["several index arrays go together", matrix, [i(0, 1, 2), i(1, 2, 3)], [3], [1, 6, 11]],
  ["index arrays are broadcast", matrix, [[[0], [2]], i(1, 3)], [2, 2], [1, 3, 9, 11]],
  ["an integer counts as an index array beside one", cube, [1, i(0, 2), 3], [2], [15, 23]],
  [
    "index arrays side by side keep their place",
    cube,
    [":", i(0, 1), i(2, 3)],
    [2, 2],
    [2, 7, 14, 19],
  ],
  ["index arrays apart come first", cube, [i(0, 1), ":", i(2, 3)], [2, 3], [2, 6, 10, 15, 19, 23]],
  [
    "an integer and an array apart come first",
    cube,
    [0, ":", i(2, 3)],
    [2, 3],
    [2, 6, 10, 3, 7, 11],
  ],
  [
    "index array, range and new axis",
    cube,
    [[0, 1], null, i(2, 0), [null, null, -3]],
    [1, 1, 2, 2],
    [11, 8, 3, 0],
  ],
  ["an empty index array", matrix, [nd.zeros([0], { dtype: "int32" })], [0, 4], []],
];

describe("at", () => {
  test.each(rows)("%s", (_, make, keys, shape, values) => {
    const x = make();
    const found = x.at(...keys);
    expect([found.shape, found.toFlat()]).toEqual([shape, values]);
  });

  test.each(rows)("%s: recorded, with its gradient", (_, make, keys, shape, values) => {
    const x = make().attachGrad();
    const found = autograd.record(() => x.at(...keys).mul(1));
    expect([found.shape, found.toFlat()]).toEqual([shape, values]);
    found.backward();
    const counts = new Array<number>(x.size).fill(0);
    for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
    expect(gradOf(x)).toEqual(counts);
  });

  test.each(rows)("%s: written", (_, make, keys, shape, values) => {
    const x = make();
    const size = shape.reduce((product, length) => product * length, 1);
    x.setAt(
      keys,
      nd
        .arange(100, 100 + Math.max(size, 1))
        .at([0, size])
        .reshape(shape),
    );
    const expected = make().toFlat();
    values.forEach((value, position) => {
      expected[value] = 100 + position;
    });
    expect(x.toFlat()).toEqual(expected);
  });

  test("repeated indices add up in the gradient", () => {
    const x = nd.arange(3).attachGrad();
    autograd.record(() => x.at(i(0, 0, 2)).mul(nd.array([1, 10, 100]))).backward();
    expect(gradOf(x)).toEqual([11, 0, 100]);
  });

  test("an indexed expression can be differentiated twice", () => {
    const x = nd.array([1, 2, 3]).attachGrad();
    autograd
      .record(() => {
        const y = x.at(i(2, 2, 0)).pow(3);
        return autograd.grad(y, x, { createGraph: true })[0] ?? x;
      })
      .backward();
    expect(gradOf(x)).toEqual([6, 0, 36]);
  });

  test("other indices of the same number are no new path", () => {
    const x = nd.arange(5).attachGrad();
    const run = (...indices: number[]) => {
      autograd.record(() => x.at(i(...indices)).mul(2)).backward();
    };
    run(0, 1);
    const { traces, plans } = autograd.counts();
    run(3, 4);
    expect(autograd.counts()).toMatchObject({ traces, plans });
    expect(gradOf(x)).toEqual([0, 0, 0, 2, 2]);
  });

  test("iteration gives the rows, recorded too", () => {
    const x = matrix().attachGrad();
    expect([...x].map((row) => row.toFlat()[0])).toEqual([0, 4, 8]);
    const y = autograd.record(() =>
      [...x].reduce((sum, row) => sum.add(row.square()), nd.zeros(4)),
    );
    y.backward();
    expect(gradOf(x)).toEqual(x.mul(2).toFlat());
  });

  const outOfRange: readonly (readonly [string, readonly IndexKey[]])[] = [
    ["integer", [3]],
    ["negative integer", [0, -5]],
    ["fraction", [0.5]],
    ["array", [i(0, 5)]],
    ["NaN in an array", [nd.array([Number.NaN])]],
    ["too many", [0, 0, 0]],
  ];
  test.each(outOfRange)("refuses an index out of range at once: %s", (_, keys) => {
    expect(() => matrix().at(...keys)).toThrow(BoundsError);
    expect(() => autograd.record(() => matrix().at(...keys))).toThrow(BoundsError);
    expect(() => matrix().setAt(keys, 1)).toThrow(BoundsError);
  });

  test("refuses step 0, masks that do not fit, and flat lists of indices", () => {
    expect(() => matrix().at([0, 2, 0])).toThrow(ArgumentError);
    expect(() => matrix().at(nd.array([1], { dtype: "bool" }))).toThrow(/mask does not fit/);
    const keys: IndexKey = JSON.parse("[0, 1, 2, 0]");
    expect(() => matrix().at(keys)).toThrow(ArgumentError);
  });

  test("refuses index arrays that do not broadcast", () => {
    expect(() => matrix().at(i(0, 1), i(0, 1, 2))).toThrow(/do not broadcast/);
  });
});

describe("setAt", () => {
  test("broadcasts numbers and rows", () => {
    const x = nd.zeros([2, 3]);
    x.setAt([":", [null, null, 2]], 5).setAt([1], nd.array([7]));
    expect(x.toFlat()).toEqual([5, 0, 5, 7, 7, 7]);
  });

  test("of repeated indices the last value stays", () => {
    const x = nd.zeros([3]);
    x.setAt([i(1, 1)], nd.array([5, 6]));
    expect(x.toFlat()).toEqual([0, 6, 0]);
  });

  test("refuses a value that does not broadcast, and has changed nothing", () => {
    const x = nd.ones([3, 4]);
    expect(() => x.setAt([[0, 2]], nd.zeros([3, 4]))).toThrow(ShapeError);
    expect(x.toFlat()).toEqual(nd.ones([3, 4]).toFlat());
  });
});

describe("contrib.booleanMask", () => {
  test("takes the rows whose mask is not 0", () => {
    const found = nd.contrib.booleanMask(matrix(), nd.array([0, 1, 1]));
    expect([found.shape, found.toFlat()]).toEqual([
      [2, 4],
      [4, 5, 6, 7, 8, 9, 10, 11],
    ]);
  });

  test("may take none", () => {
    expect(nd.contrib.booleanMask(matrix(), nd.zeros(3)).shape).toEqual([0, 4]);
  });

  test("is differentiable by the array, with the mask from the array itself", () => {
    const x = nd.array([-1, 2, -3, 4]).attachGrad();
    const y = autograd.record(() => nd.contrib.booleanMask(x, x.greater(0)).square());
    y.backward();
    expect(y.toFlat()).toEqual([4, 16]);
    expect(gradOf(x)).toEqual([0, 4, 0, 8]);
  });

  test("refuses a mask of another length", () => {
    expect(() => nd.contrib.booleanMask(matrix(), nd.ones(4))).toThrow(ShapeError);
    expect(() => nd.contrib.booleanMask(matrix(), nd.ones([3, 1]))).toThrow(ShapeError);
  });
});

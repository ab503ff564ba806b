import { ArgumentError, AttributeError, DTypeError, ShapeError, type Value } from "@adjoint/graph";
import { fronts } from "../src/index.js";
import {
  counting,
  evaluate,
  evaluateAll,
  expectDerivatives,
  expectError,
  float32,
  type Given,
  given,
  gradientsOf,
  irregular,
  type Program,
  record,
} from "./support.js";

/** Numbers beside x that do not depend on it. */
function constantLike(x: Value, values: readonly number[], shape: readonly number[]): Value {
  const zero = fronts.stopGradient(fronts.mul(fronts.sum(x), 0));
  const parts = values.map((value) => fronts.add(zero, value));
  return fronts.reshape(fronts.concat(...parts, { dim: 0 }), shape);
}

describe("what a function gives is never its argument", () => {
  const matrix = counting([1, 3]);
  const noOps: Readonly<Record<string, Program>> = {
    flip: (x) => fronts.flip(x, { axis: 0 }),
    transpose: (x) => fronts.transpose(x, { axes: [0, 1] }),
    swapaxes: (x) => fronts.swapaxes(x, { dim1: 1, dim2: 1 }),
    moveaxis: (x) => fronts.moveaxis(x, { source: 0, destination: 0 }),
    reshape: (x) => fronts.reshape(x, [1, 3]),
    reshapeLike: (x) => fronts.reshapeLike(x, x),
    flatten: (x) => fronts.flatten(x),
    slice: (x) => fronts.slice(x, { begin: [0], end: [1] }),
    sliceAxis: (x) => fronts.sliceAxis(x, { axis: 0 }),
    sliceLike: (x) => fronts.sliceLike(x, x),
    split: (x) => fronts.split(x, { numOutputs: 1 })[0] ?? x,
    splitV2: (x) => fronts.splitV2(x, { indicesOrSections: 1 })[0] ?? x,
    concat: (x) => fronts.concat(x),
    pad: (x) => fronts.pad(x, { padWidth: [0, 0, 0, 0] }),
    broadcastTo: (x) => fronts.broadcastTo(x, [1, 3]),
    broadcastAxis: (x) => fronts.broadcastAxis(x, { axis: 0, size: 1 }),
    broadcastLike: (x) => fronts.broadcastLike(x, x),
    khatriRao: (x) => fronts.khatriRao(x),
    repeat: (x) => fronts.repeat(x, { repeats: 1, axis: 0 }),
    tile: (x) => fronts.tile(x, { reps: 1 }),
  };

  test.each(Object.entries(noOps))("%s where nothing changes", (_, program) => {
    const seen: [Value, Value][] = [];
    record(
      (x) => {
        const y = program(x);
        seen.push([x, y]);
        return y;
      },
      [matrix],
    );
    expect(seen.map(([x, y]) => x === y)).toEqual([false]);
  });
});

describe("mean", () => {
  test.each([
    ["uint8", 256],
    ["uint8", 300],
    ["int8", 200],
  ] as const)("of %s counts %i elements", (dtype, count) => {
    const x = given(new Array<number>(count).fill(3), [count], dtype);
    expect(evaluate((v) => fronts.mean(v), x)).toEqual(given([3], [1], dtype));
  });

  test("of float16 neither overflows in the sum nor in the count", () => {
    const x = given(new Array<number>(70000).fill(3), [70000], "float16");
    expect(evaluate((v) => fronts.mean(v), x).data).toEqual([3]);
    const [gradient = []] = gradientsOf((v) => fronts.mean(v), [x]);
    expect(gradient[0]).toBeCloseTo(1 / 70000, 6);
  });
});

describe("softmax layers", () => {
  test("SoftmaxActivation normalizes the last axis, with the derivative of that", () => {
    const x = irregular([2, 3, 4]);
    const layer: Program = (v) => fronts.SoftmaxActivation(v);
    expect(evaluate(layer, x)).toEqual(evaluate((v) => fronts.softmax(v), x));
    expectDerivatives(layer, [x]);
  });

  test("SoftmaxOutput with preserveShape and batch divides by all rows", () => {
    const layer =
      (normalization: "null" | "batch"): Program =>
      (x) =>
        fronts.SoftmaxOutput(x, constantLike(x, [1, 0], [1, 2]), {
          preserveShape: true,
          normalization,
        });
    const x = irregular([1, 2, 3]);
    const [whole = []] = gradientsOf(layer("null"), [x]);
    const [halved] = gradientsOf(layer("batch"), [x]);
    expect(halved).toEqual(whole.map((value) => value / 2));
  });

  test("softmax, logSoftmax and softmin give the dtype asked for", () => {
    for (const front of [fronts.softmax, fronts.logSoftmax, fronts.softmin]) {
      const program: Program = (x) => front(x, { dtype: "float64" });
      expect(evaluate(program, float32([1, 2])).dtype).toBe("float64");
    }
    const wrong: Program = (x) => fronts.softmax(x, { dtype: "int32" });
    expectError(() => evaluate(wrong, float32([1, 2])), AttributeError, "dtype", "int32");
  });
});

describe("further results and options", () => {
  test("GroupNorm gives mean and standard deviation per group", () => {
    const x = given([1, 3, 5, 9], [1, 4, 1]);
    const [ones, zeros] = [given([1, 1]), given([0, 0])];
    const results = evaluateAll(
      (v, gamma = v, beta = v) =>
        fronts.GroupNorm(v, gamma, beta, { numGroups: 2, eps: 0, outputMeanVar: true }),
      x,
      ones,
      zeros,
    );
    expect(results).toEqual([
      given([-1, 1, -1, 1], [1, 4, 1]),
      given([2, 7], [1, 2]),
      given([1, 2], [1, 2]),
    ]);
  });

  test("norm gives the dtype asked for", () => {
    const y = evaluate((x) => fronts.norm(x, { outDtype: "float64" }), float32([3, 4]));
    expect(y).toEqual(given([5]));
  });

  test("Deconvolution takes a target of zeros for none", () => {
    const [x, w] = [given([1, 2], [1, 1, 2]), given([1, 10], [1, 1, 2])];
    const options = { stride: [2], targetShape: [0] };
    const y = evaluate((v, weight = v) => fronts.Deconvolution(v, weight, options), x, w);
    expect(y.data).toEqual([1, 10, 2, 20]);
  });
});

describe("im2col and col2im", () => {
  const x = counting([1, 2, 3, 3]);

  test("columns hold channels, then the window's cells; padding is 0", () => {
    const columns = evaluate(
      (v) => fronts.im2col(v, { kernel: [2, 2], stride: [2, 2], pad: [1, 1] }),
      x,
    );
    expect(columns.shape).toEqual([1, 8, 4]);
    expect(columns.data.slice(0, 8)).toEqual([0, 0, 0, 5, 0, 0, 4, 6]);
  });

  test("a matrix product with the columns is a convolution", () => {
    const options = { kernel: [2, 2], dilate: [2, 1], pad: [1, 0] };
    const weight = irregular([3, 2, 2, 2]);
    const direct: Program = (v, w = v) => fronts.Convolution(v, w, { ...options, noBias: true });
    const byColumns: Program = (v, w = v) =>
      fronts.reshapeLike(
        fronts.dot(fronts.reshape(w, [3, 8]), fronts.reshape(fronts.im2col(v, options), [8, -1])),
        direct(v, w),
      );
    const [expected, received] = [evaluate(direct, x, weight), evaluate(byColumns, x, weight)];
    expect(received.shape).toEqual(expected.shape);
    received.data.forEach((value, at) => {
      expect(value).toBeCloseTo(expected.data[at] ?? Number.NaN, 10);
    });
  });

  test("an infinity stays in its own columns", () => {
    const columns = evaluate(
      (v) => fronts.im2col(v, { kernel: [1] }),
      given([1, Infinity], [1, 1, 2]),
    );
    expect(columns.data).toEqual([1, Infinity]);
  });

  test("each is the other's derivative", () => {
    const options = { kernel: [2], stride: [2], pad: [1] };
    expectDerivatives((v) => fronts.im2col(v, options), [irregular([1, 2, 4])]);
    const back: Program = (v) => fronts.col2im(v, { ...options, outputSize: [4] });
    expectDerivatives(back, [irregular([1, 4, 3])]);
  });

  test("columns that do not fit are refused", () => {
    const back: Program = (v) => fronts.col2im(v, { kernel: [2], outputSize: [4] });
    expectError(() => evaluate(back, irregular([1, 3, 3])), ShapeError, "multiple of 2");
    expectError(() => evaluate(back, irregular([1, 4, 2])), ShapeError, "col2im");
  });
});

test("allFinite finds NaN and infinities", () => {
  const program: Program = (x) => fronts.allFinite(x);
  expect(evaluate(program, float32([1, 2, 3, 4], [2, 2]))).toEqual(float32([1]));
  expect(evaluate(program, float32([1, Number.NaN])).data).toEqual([0]);
  expect(evaluate(program, float32([-Infinity, 0])).data).toEqual([0]);
  expect(evaluate(program, float32([], [0])).data).toEqual([1]);
});

describe("CTCLoss", () => {
  const uniform = given(new Array<number>(9).fill(0), [3, 1, 3]);
  const loss: Program = (x, label = x) => fronts.CTCLoss(x, label);

  test("sums over all alignments", () => {
    // Of the 27 paths over blank, a, b these six collapse to a: aaa, aa-, -aa, a--, -a-, --a.
    expect(evaluate(loss, uniform, given([1], [1, 1])).data[0]).toBeCloseTo(-Math.log(6 / 27), 12);
    // Repeated labels need a blank between them: only a-a.
    expect(evaluate(loss, uniform, given([1, 1], [1, 2])).data[0]).toBeCloseTo(Math.log(27), 12);
  });

  test("labels that do not fit into the steps have probability 0, labels of padding that of blanks", () => {
    const short = given(new Array<number>(6).fill(0), [2, 1, 3]);
    expect(evaluate(loss, short, given([1, 1], [1, 2])).data).toEqual([Infinity]);
    const [gradient] = gradientsOf(loss, [short, given([1, 1], [1, 2])]);
    expect(gradient?.every((value) => value === 0)).toBe(true);
    expect(evaluate(loss, uniform, given([0, 0], [1, 2])).data[0]).toBeCloseTo(Math.log(27), 12);
  });

  test("derivatives to second order, with padding, lengths and the blank at the end", () => {
    const program: Program = (x) => {
      const [label, lengths] = [
        constantLike(x, [0, 1, 0, -1], [2, 2]),
        constantLike(x, [3, 4], [2]),
      ];
      return fronts.CTCLoss(x, label, lengths, { blankLabel: "last", useDataLengths: true });
    };
    expectDerivatives(program, [irregular([4, 2, 3])]);
  });

  test("lengths and options must agree", () => {
    const program: Program = (x, label = x) => fronts.CTCLoss(x, label, { useDataLengths: true });
    expectError(() => evaluate(program, uniform, given([1], [1, 1])), ArgumentError, "dataLengths");
  });
});

describe("errors name the function that was called", () => {
  const calls: Readonly<
    Record<
      string,
      readonly [Program, Given, typeof ShapeError | typeof DTypeError | typeof AttributeError]
    >
  > = {
    softmin: [(x) => fronts.softmin(x), given([1, 2], [2], "int32"), DTypeError],
    "linalg.det": [(x) => fronts.linalg.det(x), counting([2, 3]), ShapeError],
    "linalg.inverse": [(x) => fronts.linalg.inverse(x), counting([2, 3]), ShapeError],
    "linalg.potrf": [(x) => fronts.linalg.potrf(x), counting([2, 3]), ShapeError],
    "linalg.trsm": [(x) => fronts.linalg.trsm(x, x), counting([2, 3]), ShapeError],
  };
  test.each(Object.entries(calls))("%s", (name, [program, x, type]) => {
    expectError(() => evaluate(program, x), type, `${name}: `);
  });

  test("argmaxChannel", () => {
    expect(() => evaluate((x) => fronts.argmaxChannel(x), counting([2]))).toThrow(
      /^argmaxChannel: /,
    );
  });

  test("RNN and LRN name options that are missing", () => {
    const none: Parameters<typeof fronts.LRN>[1] = JSON.parse("{}");
    expectError(
      () => evaluate((x) => fronts.LRN(x, none), counting([1, 1])),
      AttributeError,
      "nsize is missing",
    );
    const layer: Program = (x) => Reflect.apply(fronts.RNN, undefined, [x, x, x, { mode: "gru" }]);
    expectError(() => evaluate(layer, counting([1, 1, 1])), AttributeError, "stateSize is missing");
  });

  test("an array in the place of options", () => {
    const surplus: Program = (x) => Reflect.apply(fronts.sum, undefined, [x, x]);
    expectError(
      () => evaluate(surplus, counting([2])),
      AttributeError,
      "options must be an object",
    );
  });
});

import { ArgumentError, AttributeError, ShapeError, type Value } from "@adjoint/graph";
import { batchNorm, dropout, fronts } from "../src/index.js";
import {
  evaluate,
  evaluateAll,
  given,
  gradientsOf,
  irregular,
  type Program,
  type Results,
} from "./support.js";

const { Convolution, Deconvolution, FullyConnected, Pooling, UpSampling } = fronts;

describe("Pooling", () => {
  const x = given([1, 2, 3, 4, 5], [1, 1, 5]);

  test.each([
    ["valid", [3, 7]],
    ["full", [3, 7, 5]],
    ["same", [3, 7, 5]],
  ] as const)("convention %s", (poolingConvention, expected) => {
    const options = { kernel: [2], stride: [2], poolType: "sum", poolingConvention } as const;
    expect(evaluate((v) => Pooling(v, options), x).data).toEqual(expected);
  });

  test("averages count padded cells, but not those beyond the padding", () => {
    const options = { kernel: [3], stride: [3], pad: [1], poolType: "avg" } as const;
    const full = { ...options, kernel: [4], stride: [3], poolingConvention: "full" } as const;
    expect(evaluate((v) => Pooling(v, options), x).data).toEqual([1, 4]);
    expect(evaluate((v) => Pooling(v, full), x).data).toEqual([1.5, 3]);
    const own = { ...options, countIncludePad: false };
    expect(evaluate((v) => Pooling(v, own), x).data).toEqual([1.5, 4]);
  });

  test("globalPool needs no kernel", () => {
    const [y] = evaluateAll((v) => Pooling(v, { globalPool: true, poolType: "avg" }), x);
    expect(y).toEqual(given([3], [1, 1, 1]));
  });

  describe("a last window of full that begins behind the data", () => {
    const options = { kernel: [1], stride: [3], poolingConvention: "full" } as const;
    const threes = given([1, 2, 3], [1, 1, 3]);
    test("is refused for max, which has nothing to choose from", () => {
      expect(() => evaluate((v) => Pooling(v, options), threes)).toThrow(ShapeError);
    });
    test.each(["avg", "sum", "lp"] as const)("is 0 for %s, and gets no gradient", (poolType) => {
      const program: Program = (v) => Pooling(v, { ...options, poolType });
      expect(evaluate(program, threes).data).toEqual([1, 0]);
      expect(gradientsOf(program, [threes])[0]).toEqual([1, 0, 0]);
    });
  });

  test.each([
    ["NWC", [0, 2, 1]],
    ["NHWC", [0, 2, 3, 1]],
    ["NDHWC", [0, 2, 3, 4, 1]],
  ] as const)("layout %s has the channels at the end", (layout, axes) => {
    const last = irregular([2, 3, 4, 3, 2].slice(0, axes.length));
    const front = axes.map((_, at) => (at === 0 ? 0 : at === 1 ? axes.length - 1 : at - 1));
    const options = { kernel: axes.slice(2).map(() => 2), poolType: "avg" } as const;
    const turned: Program = (v) =>
      fronts.transpose(Pooling(fronts.transpose(v, { axes: front }), options), { axes });
    const direct: Program = (v) => Pooling(v, { ...options, layout });
    expect(evaluate(direct, last)).toEqual(evaluate(turned, last));
  });

  test.each([
    {},
    { kernel: [2, 2] },
    { kernel: [2], pValue: 4 },
    { kernel: [2], pad: [1], poolingConvention: "same" },
    { kernel: [2], layout: "NHWC" },
    { kernel: [0] },
  ] as const)("options %j are refused", (options) => {
    expect(() => evaluate((v) => Pooling(v, options), x)).toThrow(AttributeError);
  });
});

describe("FullyConnected, Convolution, Deconvolution", () => {
  const x = irregular([1, 2, 4]);

  test("a weight that does not fit is refused with the shape expected", () => {
    const run = () =>
      evaluate(
        (v, w) => FullyConnected(v, w, { noBias: true, numHidden: 3 }),
        x,
        irregular([3, 4]),
      );
    expect(run).toThrow("FullyConnected: weight does not fit the data: (3, 4) (allowed: (3, 8))");
  });

  test("numFilter and kernel, where given, are compared with the weight", () => {
    const weight = irregular([3, 2, 2]);
    const options = { noBias: true, numFilter: 5 };
    expect(() => evaluate((v, w) => Convolution(v, w, options), x, weight)).toThrow("(5, 2, 2)");
    const kernel = { noBias: true, kernel: [3] };
    expect(() => evaluate((v, w) => Convolution(v, w, kernel), x, weight)).toThrow("(3, 2, 3)");
  });

  test("a bias is given exactly where noBias is false", () => {
    const [w, b] = [irregular([3, 8]), irregular([3])];
    expect(() => evaluate((v, u) => FullyConnected(v, u), x, w)).toThrow("bias is missing");
    const both = (v: Value, u: Value, c: Value) => FullyConnected(v, u, c, { noBias: true });
    expect(() => evaluate(both, x, w, b)).toThrow(ArgumentError);
  });

  const swapped = { axes: [0, 2, 1] };
  test.each([
    ["Convolution", Convolution, [3, 2, 2]],
    ["Deconvolution", Deconvolution, [2, 3, 2]],
  ] as const)("%s in NWC is that in NCW with data and weight turned", (_, layer, shape) => {
    const weight = irregular([...shape]);
    const front: Program = (v, w = v) => layer(v, w, { noBias: true, stride: [2] });
    const last: Program = (v, w = v) => {
      const options = { noBias: true, stride: [2], layout: "NWC" };
      const [data, filters] = [fronts.transpose(v, swapped), fronts.transpose(w, swapped)];
      return fronts.transpose(layer(data, filters, options), swapped);
    };
    expect(evaluate(last, x, weight)).toEqual(evaluate(front, x, weight));
  });

  test("a layout for another number of axes is refused", () => {
    const program = (v: Value, w: Value) => Convolution(v, w, { noBias: true, layout: "NHWC" });
    expect(() => evaluate(program, x, irregular([3, 2, 2]))).toThrow(
      "layout does not fit the data: NHWC for 3 axes (allowed: NCW, NWC)",
    );
  });

  test("options for GPUs are refused with the reason", () => {
    const options = Object({ noBias: true, cudnnOff: true });
    expect(() => evaluate((v, w) => Convolution(v, w, options), x, irregular([3, 2, 2]))).toThrow(
      "option is not supported: it tunes a GPU library, and there is none: cudnnOff",
    );
  });

  test("Deconvolution with targetShape takes padding from it", () => {
    const program = (v: Value, w: Value) => Deconvolution(v, w, { stride: [2], targetShape: [7] });
    const [y] = evaluateAll(program, x, irregular([2, 1, 3]));
    expect(y?.shape).toEqual([1, 1, 7]);
    const large = (v: Value, w: Value) => Deconvolution(v, w, { stride: [2], targetShape: [10] });
    expect(() => evaluate(large, x, irregular([2, 1, 3]))).toThrow("at most (9,)");
  });

  test("Deconvolution refuses adj of a stride or more", () => {
    const program = (v: Value, w: Value) => Deconvolution(v, w, { stride: [2], adj: [2] });
    expect(() => evaluate(program, x, irregular([2, 1, 3]))).toThrow(AttributeError);
  });
});

describe("normalizations", () => {
  test("BatchNorm in training gives mean and population variance of the batch", () => {
    const x = given([1, 2, 3, 6], [2, 2]);
    const ones = given([1, 1]);
    const program: Program<Results> = (v, g, b) =>
      batchNorm(v, g, b, b, g, { eps: 0, training: true });
    const [y, mean, variance] = evaluateAll(program, x, ones, given([0, 0]));
    expect([y?.data, mean?.data, variance?.data]).toEqual([
      [-1, -1, 1, 1],
      [2, 4],
      [1, 4],
    ]);
  });

  test("BatchNorm with fixed gamma counts it as 1, with gradient 0", () => {
    const program: Program<Results> = (v, g, b) => batchNorm(v, g, b, b, g).slice(0, 1);
    const givens = [given([3], [1, 1]), given([4]), given([1])];
    expect(evaluate(program, ...givens).data[0]).toBeCloseTo(1 + 2 / Math.sqrt(4.001), 12);
    expect(gradientsOf(program, givens)[1]).toEqual([0]);
  });

  test("large means cost no accuracy", () => {
    const x = given([1e8 + 1, 1e8 - 1], [1, 2]);
    const program: Program = (v, g, b) => fronts.LayerNorm(v, g, b, { eps: 0 });
    expect(evaluate(program, x, given([1, 1]), given([0, 0])).data).toEqual([1, -1]);
  });

  test("parameters that do not fit are refused by name", () => {
    const x = irregular([2, 4, 3]);
    const run = (program: Program<Results>, size: number) => () =>
      evaluate(program, x, irregular([size]), irregular([4]));
    expect(run((v, g, b) => fronts.LayerNorm(v, g, b), 4)).toThrow("LayerNorm: gamma");
    expect(run((v, g, b) => fronts.InstanceNorm(v, g, b), 3)).toThrow("InstanceNorm: gamma");
    expect(run((v, g, b) => fronts.GroupNorm(v, g, b, { numGroups: 3 }), 3)).toThrow("4 channels");
    expect(run((v, g, b) => batchNorm(v, g, b, b, b), 3)).toThrow("BatchNorm: gamma");
  });

  test("L2Normalization of zeros is 0, with a finite gradient", () => {
    const x = given([0, 0], [1, 2]);
    expect(evaluate((v) => fronts.L2Normalization(v), x).data).toEqual([0, 0]);
    const [gradient] = gradientsOf((v) => fronts.L2Normalization(v), [x]);
    expect(gradient).toEqual([expect.closeTo(1e5, 5), expect.closeTo(1e5, 5)]);
  });

  test("LRN needs an odd window", () => {
    expect(() => evaluate((v) => fronts.LRN(v, { nsize: 2 }), irregular([1, 2, 2]))).toThrow(
      AttributeError,
    );
  });
});

describe("dropout", () => {
  const state = given([7, ...new Array<number>(1025).fill(0)], [1026]);
  const x = given(new Array<number>(40).fill(3), [40]);

  test("elements are 0 or enlarged, by the same mask in the gradient", () => {
    const program: Program = (v, s) => dropout(v, s, { p: 0.25 })[0];
    const y = evaluate(program, x, state).data;
    expect(new Set(y)).toEqual(new Set([0, 4]));
    expect(gradientsOf(program, [x, state])[0]).toEqual(y.map((value) => value / 3));
  });

  test("the next state gives another mask", () => {
    const [first, second] = evaluateAll(
      (v, s) => {
        const [y, next] = dropout(v, s);
        return [y, dropout(v, next)[0]];
      },
      x,
      state,
    );
    expect(first?.data).not.toEqual(second?.data);
  });

  test("one mask serves the axes named", () => {
    const image = given(new Array<number>(24).fill(1), [8, 3]);
    const y = evaluate((v, s) => dropout(v, s, { axes: [-1] })[0], image, state).data;
    const rows = Array.from({ length: 8 }, (_, row) => new Set(y.slice(3 * row, 3 * row + 3)).size);
    expect(rows).toEqual(new Array<number>(8).fill(1));
  });

  test("p = 0 is the identity, p = 1 is NaN, other values are refused", () => {
    expect(evaluate((v, s) => fronts.add(dropout(v, s, { p: 0 })[0], 0), x, state).data).toEqual(
      x.data,
    );
    expect(evaluate((v, s) => dropout(v, s, { p: 1 })[0], x, state).data).toEqual(
      x.data.map(() => Number.NaN),
    );
    expect(() => evaluate((v, s) => dropout(v, s, { p: 1.5 })[0], x, state)).toThrow(
      AttributeError,
    );
    expect(() => evaluate((v, s) => dropout(v, s, { p: Number.NaN })[0], x, state)).toThrow(
      AttributeError,
    );
  });
});

describe("UpSampling", () => {
  test("arrays of several sizes come to one and lie side by side", () => {
    const program = (a: Value, b: Value) => UpSampling(a, b, { scale: 2 });
    const [y] = evaluateAll(
      program,
      given([1, 2], [1, 1, 1, 2]),
      given([3, 4, 5, 6, 7, 8, 9, 0], [1, 1, 2, 4]),
    );
    expect(y).toEqual(given([1, 1, 2, 2, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 0], [1, 2, 2, 4]));
  });

  test("sizes without a whole factor, and a wrong numArgs, are refused", () => {
    const two = [irregular([1, 1, 2, 2]), irregular([1, 1, 3, 3])];
    expect(() => evaluate((a, b) => UpSampling(a, b, { scale: 2 }), ...two)).toThrow(ShapeError);
    expect(() => evaluate((a, b) => UpSampling(a, b, { numArgs: 3 }), ...two)).toThrow(
      ArgumentError,
    );
  });
});

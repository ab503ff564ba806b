import type { Attrs } from "@adjoint/graph";
import { exampleGraph } from "./examples/example.js";
import { type Given, given, irregular, run } from "./support.js";

type Numbers = readonly number[];

interface Case {
  readonly ins: readonly Given[];
  readonly attrs?: Attrs;
  /** The first result by a formula of its own, in double precision. */
  readonly value: (...ins: readonly Numbers[]) => Numbers;
}

const total = (x: Numbers) => x.reduce((sum, value) => sum + value, 0);
const average = (x: Numbers) => total(x) / x.length;
const variance = (x: Numbers) => average(x.map((value) => (value - average(x)) ** 2));
const dot = (a: Numbers, b: Numbers) => total(a.map((value, at) => value * (b[at] ?? Number.NaN)));
const row = (x: Numbers, at: number, length = 3) => x.slice(at * length, (at + 1) * length);
const rowsOf = (x: Numbers, length = 3) =>
  Array.from({ length: x.length / length }, (_, at) => row(x, at, length));
const column = (x: Numbers, at: number, length = 3) => rowsOf(x, length).map((one) => one[at] ?? 0);
const softmax = (x: Numbers) => x.map((value) => Math.exp(value) / total(x.map(Math.exp)));
const standardized = (x: Numbers, eps: number) =>
  x.map((value) => (value - average(x)) / Math.sqrt(variance(x) + eps));
/** Products of all rows of a with all rows of b. */
const products = (a: Numbers, b: Numbers, length = 3) =>
  rowsOf(a, length).flatMap((left) => rowsOf(b, length).map((right) => dot(left, right)));
const multiply = (a: Numbers, b: Numbers) => a.map((value, at) => value * (b[at] ?? Number.NaN));

const matrix = irregular([2, 3], 1);
const other = irregular([2, 3], 2);
const square = given([4.1, 0.3, -0.7, 3.3], [2, 2]);
const definite = given([4.1, 0.7, 0.7, 3.3], [2, 2]);
const determinant = 4.1 * 3.3 + 0.3 * 0.7;
const lastAxis = { axes: [1], keepdims: false };
const transposed = { transposeA: false, transposeB: true };
const windows = { stride: [1], dilate: [1], padLow: [0], padHigh: [0], groups: 1 };
const layer = { stride: [1], dilate: [1], pad: [0], groups: 1 };
const pool = { kernel: [2], stride: [1], padLow: [0], padHigh: [0] };
const pooling = { ...pool, pValue: 2, countIncludePad: true };
const signal = irregular([1, 1, 3]);
const weight = irregular([1, 1, 2], 2);
const pairsOf = (x: Numbers) => [x.slice(0, 2), x.slice(1, 3)];
const correlated = (x: Numbers, w: Numbers) => pairsOf(x).map((pair) => dot(pair, w));
/** The transpose of `correlated` in its first argument. */
const spread = (y: Numbers, w: Numbers) => {
  const [a = 0, b = 0, v = 0, u = 0] = [...y, ...w];
  return [a * v, a * u + b * v, b * u];
};
const lrn = { alpha: 0.3, beta: 0.75, knorm: 2, nsize: 3 };
const running = (x: Numbers, combine: (a: number, b: number) => number) =>
  x.map((_, at) => x.slice(0, at + 1).reduce(combine));
const prod = (x: Numbers) => x.reduce((product, value) => product * value, 1);
const labels = given([2, 0], [2], "int32");

/** The operators that compute more than an element at a time. */
const cases: Readonly<Record<string, Case>> = {
  sum: { ins: [matrix], attrs: lastAxis, value: (x) => rowsOf(x).map(total) },
  mean: { ins: [matrix], attrs: lastAxis, value: (x) => rowsOf(x).map(average) },
  prod: { ins: [matrix], attrs: lastAxis, value: (x) => rowsOf(x).map(prod) },
  nansum: { ins: [matrix], attrs: lastAxis, value: (x) => rowsOf(x).map(total) },
  nanprod: { ins: [matrix], attrs: lastAxis, value: (x) => rowsOf(x).map(prod) },
  norm: {
    ins: [matrix],
    attrs: { ...lastAxis, ord: 2 },
    value: (x) => rowsOf(x).map((one) => Math.hypot(...one)),
  },
  moments: { ins: [matrix], attrs: lastAxis, value: (x) => rowsOf(x).map(average) },
  cumsum: {
    ins: [irregular([5])],
    attrs: { axis: 0, reverse: false },
    value: (x) => running(x, (a, b) => a + b),
  },
  cumprod: {
    ins: [irregular([5])],
    attrs: { axis: 0, reverse: false },
    value: (x) => running(x, (a, b) => a * b),
  },
  addN: { ins: [matrix, other], value: (a, b) => a.map((value, at) => value + (b[at] ?? 0)) },
  dot: { ins: [matrix, other], attrs: transposed, value: (a, b) => products(a, b) },
  batchDot: {
    ins: [irregular([2, 1, 3]), irregular([2, 1, 3], 2)],
    attrs: transposed,
    value: (a, b) => rowsOf(a).map((left, at) => dot(left, row(b, at))),
  },
  conv: { ins: [signal, weight], attrs: windows, value: correlated },
  convData: {
    ins: [irregular([1, 1, 2]), weight],
    attrs: { ...windows, spatial: [3] },
    value: spread,
  },
  convWeight: {
    ins: [signal, irregular([1, 1, 2], 2)],
    attrs: { ...windows, kernel: [2] },
    value: correlated,
  },
  poolSum: { ins: [signal], attrs: pool, value: (x) => pairsOf(x).map(total) },
  poolSumAdjoint: {
    ins: [irregular([1, 1, 2])],
    attrs: { ...pool, spatial: [3] },
    value: (y) => spread(y, [1, 1]),
  },
  potrf: {
    ins: [definite],
    value: ([a = 0, , b = 0, c = 0]) => {
      const l = Math.sqrt(a);
      return [l, 0, b / l, Math.sqrt(c - (b / l) ** 2)];
    },
  },
  trsm: {
    ins: [square, given([1.7, -0.9], [2, 1])],
    attrs: { lower: true, transpose: false, rightSide: false },
    value: ([a = 0, , c = 0, d = 0], [x = 0, y = 0]) => [x / a, (y - (c * x) / a) / d],
  },
  inverse: {
    ins: [square],
    value: ([a = 0, b = 0, c = 0, d = 0]) => [d, -b, -c, a].map((value) => value / determinant),
  },
  det: { ins: [square], value: () => [determinant] },
  softmax: {
    ins: [matrix],
    attrs: { axis: 1, temperature: 1 },
    value: (x) => rowsOf(x).flatMap(softmax),
  },
  logSumExp: {
    ins: [matrix],
    attrs: lastAxis,
    value: (x) => rowsOf(x).map((one) => Math.log(total(one.map(Math.exp)))),
  },
  logSoftmax: {
    ins: [matrix],
    attrs: { axis: 1, temperature: 1 },
    value: (x) => rowsOf(x).flatMap((one) => softmax(one).map(Math.log)),
  },
  softmaxCrossEntropy: {
    ins: [matrix, labels],
    value: (x, at) => [
      total(rowsOf(x).map((one, place) => -Math.log(softmax(one)[at[place] ?? 0] ?? 0))),
    ],
  },
  FullyConnected: {
    ins: [matrix, other],
    attrs: { flatten: true },
    value: (x, w) => products(x, w),
  },
  Convolution: { ins: [signal, weight], attrs: layer, value: correlated },
  Deconvolution: {
    ins: [irregular([1, 1, 2]), weight],
    attrs: { ...layer, adj: [0] },
    value: spread,
  },
  Pooling: {
    ins: [signal],
    attrs: { ...pooling, poolType: "lp" },
    value: (x) => pairsOf(x).map((pair) => Math.hypot(...pair)),
  },
  BatchNorm: {
    ins: [matrix, ...[2, 3, 4, 5].map((seed) => irregular([3], seed))],
    attrs: { axis: 1, eps: 0.1, fixGamma: false, training: true },
    value(x, gamma, beta) {
      const columns = [0, 1, 2].map((at) => standardized(column(x, at), 0.1));
      return x.map((_, at) => {
        const channel = at % 3;
        const value = columns[channel]?.[Math.floor(at / 3)] ?? Number.NaN;
        return value * (gamma?.[channel] ?? 0) + (beta?.[channel] ?? 0);
      });
    },
  },
  LayerNorm: {
    ins: [matrix, irregular([3], 2), given([0, 0, 0])],
    attrs: { axis: 1, eps: 0.1 },
    value: (x, gamma) => rowsOf(x).flatMap((one) => multiply(standardized(one, 0.1), gamma)),
  },
  InstanceNorm: {
    ins: [irregular([1, 2, 3]), given([1, 1]), given([0, 0])],
    attrs: { eps: 0.1 },
    value: (x) => rowsOf(x).flatMap((one) => standardized(one, 0.1)),
  },
  GroupNorm: {
    ins: [irregular([1, 4, 3]), given([1, 1]), given([0, 0])],
    attrs: { groups: 2, eps: 0.1 },
    value: (x) => rowsOf(x, 6).flatMap((one) => standardized(one, 0.1)),
  },
  L2Normalization: {
    ins: [matrix],
    attrs: { axes: [1], eps: 0.1 },
    value: (x) =>
      rowsOf(x).flatMap((one) => one.map((value) => value / Math.sqrt(dot(one, one) + 0.1))),
  },
  LRN: {
    ins: [irregular([1, 3, 1])],
    attrs: lrn,
    value: (x) =>
      x.map((value, at) => {
        const near = x.slice(Math.max(at - 1, 0), at + 2);
        return value / (lrn.knorm + (lrn.alpha / lrn.nsize) * dot(near, near)) ** lrn.beta;
      }),
  },
};

describe("float64 is computed in double precision throughout", () => {
  test.each(Object.entries(cases))("%s", (name, { ins, attrs = {}, value }) => {
    const [result] = run(exampleGraph(name, { ins, attrs }), ins);
    const wanted = value(...ins.map(({ data }) => data));
    expect(result?.dtype).toBe("float64");
    expect(result?.data).toEqual(wanted.map((number) => expect.closeTo(number, 12)));
    // Numbers that float32 holds would prove nothing.
    expect(wanted.some((number) => Math.fround(number) !== number)).toBe(true);
  });
});

import { autograd, type NDArray, nd } from "../src/index.js";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const tiny = 1e-12;

type Fn = (x: NDArray) => NDArray;
type Row = readonly [
  name: string,
  fn: Fn,
  x: readonly number[],
  value: readonly number[],
  slope: readonly number[],
  /** The derivative of the slopes' sum. */
  curvature: readonly number[],
];

const double = (...numbers: readonly number[]) => nd.array(numbers, { dtype: "float64" });
const image: Fn = (x) => x.reshape([1, 1, 4]);
const pool = { kernel: [2], stride: [2] };

/** What is decided where a formula, taken literally, gives nothing or several answers. */
const rows: readonly Row[] = [
  ["prod, one zero", (x) => x.prod(), [2, 0, 3], [0], [0, 6, 0], [3, 5, 2]],
  ["prod, two zeros", (x) => x.prod(), [2, 0, 0, 3], [0], [0, 0, 0, 0], [0, 6, 6, 0]],
  ["prod, all zeros", (x) => x.prod(), [0, 0, 0], [0], [0, 0, 0], [0, 0, 0]],
  ["nanprod, a zero", (x) => nd.nanprod(x), [2, nan, 0], [0], [0, 0, 2], [1, 0, 1]],
  ["cumprod, zeros", (x) => nd.cumprod(x), [2, 0, 3, 0], [2, 0, 0, 0], [1, 8, 0, 0], [4, 12, 2, 6]],
  ["max, a tie: to each", (x) => x.square().max(), [1, -3, 3], [9], [0, -6, 6], [0, 2, 2]],
  ["min, a tie: to each", (x) => x.square().min(), [1, -1, 3], [1], [2, -2, 0], [2, 2, 0]],
  [
    "sort, a tie: in order",
    (x) => x.square().sort().mul(double(1, 10)),
    [-3, 3],
    [9, 90],
    [-6, 60],
    [2, 20],
  ],
  [
    "topk, a tie: the first",
    (x) => nd.topk(x.square(), { k: 1, retTyp: "value" }),
    [-3, 3],
    [9],
    [-6, 0],
    [2, 0],
  ],
  [
    "maximum, a tie: to the first",
    (x) => nd.maximum(x.square(), x.mul(2)),
    [2, 0, 1],
    [4, 0, 2],
    [4, 0, 2],
    [2, 2, 0],
  ],
  [
    "maximum pooling, a tie: the first",
    (x) => nd.Pooling(image(x.square()), { ...pool, poolType: "max" }).reshape([2]),
    [-1, 1, 2, 2],
    [1, 4],
    [-2, 0, 4, 0],
    [2, 0, 2, 0],
  ],
  ["x**2", (x) => x.pow(2), [0, -2], [0, 4], [0, -4], [2, 2]],
  ["x**3", (x) => x.pow(3), [0, -2], [0, -8], [0, 12], [0, -12]],
  ["x**1", (x) => x.pow(1), [0, -2], [0, -2], [1, 1], [0, 0]],
  ["x**0", (x) => x.pow(0), [0, -2], [1, 1], [0, 0], [0, 0]],
  [
    "powers of 0 by arrays",
    (x) => x.pow(double(0, 1, 2, 3)),
    [0, 0, 0, 0],
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 2, 0],
  ],
  ["0**x above 0", (x) => nd.pow(0, x), [1, 0.5], [0, 0], [0, 0], [0, 0]],
  ["norm: none at 0", (x) => x.norm(), [0, 0], [0], [nan, nan], [nan, nan]],
  ["norm with ord 1", (x) => x.norm({ ord: 1 }), [0, -2], [2], [0, -1], [0, 0]],
  [
    "clip: inside at its bounds",
    (x) => x.square().clip({ aMin: 1, aMax: 4 }),
    [0.5, 1, 1.5, 2, 3],
    [1, 1, 2.25, 4, 4],
    [0, 2, 3, 4, 0],
    [0, 2, 2, 2, 0],
  ],
  ["abs", (x) => x.abs(), [0, -1], [0, 1], [0, -1], [0, 0]],
  ["relu", (x) => x.square().relu(), [0, 2], [0, 4], [0, 4], [0, 2]],
  [
    "log1p near 0",
    (x) => x.log1p(),
    [tiny, 0],
    [tiny - tiny ** 2 / 2, 0],
    [1 - tiny, 1],
    [-1 + 2 * tiny, -1],
  ],
  [
    "expm1 near 0",
    (x) => x.expm1(),
    [tiny, -1e-300],
    [tiny + tiny ** 2 / 2, -1e-300],
    [1 + tiny, 1],
    [1 + tiny, 1],
  ],
  [
    "logSumExp of large numbers and -inf",
    (x) => x.logSumExp(),
    [1e4, -1e4, 1e4, Number.NEGATIVE_INFINITY],
    [1e4 + Math.LN2],
    [0.5, 0, 0.5, 0],
    [0, 0, 0, 0],
  ],
  [
    "logSumExp of -inf alone",
    (x) => x.logSumExp(),
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    [Number.NEGATIVE_INFINITY],
    [0, 0],
    [0, 0],
  ],
  [
    "softmax of large numbers",
    (x) => x.softmax().at(0),
    [1e4, -1e4, 1e4],
    [0.5],
    [0.25, 0, -0.25],
    [0, 0, 0],
  ],
  [
    "logSoftmax of large numbers",
    (x) => x.logSoftmax(),
    [1e4, -1e4, 0],
    [0, -2e4, -1e4],
    [-2, 1, 1],
    [0, 0, 0],
  ],
  ["softmax with -inf", (x) => x.softmax().at(1), [-inf, 0, 0], [0.5], [0, 0.25, -0.25], [0, 0, 0]],
  [
    "softmax of -inf alone: NaN",
    (x) => x.softmax(),
    [-inf, -inf],
    [nan, nan],
    [nan, nan],
    [nan, nan],
  ],
  ["an axis of length 1", (x) => x.softmax().mul(x), [3], [3], [1], [0]],
  ["logSoftmax of one", (x) => x.logSoftmax(), [1e4], [0], [0], [0]],
];

/** The derivative of `fn`'s sum, as a function. */
function slopeOf(fn: Fn): Fn {
  return (x) => {
    const [slope] = autograd.grad(fn(x), x, { createGraph: true });
    if (slope === undefined) throw new Error("no gradient");
    return slope;
  };
}

/** To 13 digits, however small. */
function isNear(have: number, want: number): boolean {
  return Object.is(have, want) || Math.abs(have - want) <= 1e-13 * Math.abs(want);
}

function expectNear(array: NDArray, want: readonly number[]): void {
  const have = [...array.toFlat()].map((one) => one + 0);
  expect(have.map((one, at) => (isNear(one, want[at] ?? nan) ? want[at] : one))).toEqual(want);
}

test.each(rows)("%s: value, derivative and second derivative", (_, fn, at, ...want) => {
  const x = double(...at).attachGrad();
  const have = autograd.record(() => [fn(x), slopeOf(fn)(x), slopeOf(slopeOf(fn))(x)]);
  expect(have).toHaveLength(want.length);
  have.forEach((array, order) => {
    expect(array.dtype).toBe("float64");
    expectNear(array, want[order] ?? []);
  });
});

import { autograd, type NDArray, nd } from "../src/index.js";

const float = Math.fround;

test("a mean of 1.43 is the float that MXNet reads, not the nearest", () => {
  nd.random.seed(679935691);
  const [first, second] = nd.random.normal({ loc: 1.43, scale: 2.25, shape: 385 }).toFlat();
  expect([first, second]).toEqual([1.755338191986084, 2.3225255012512207]);
});

/** Drawn by MXNet 1.9.1 after seed 3. */
describe("samples are MXNet's", () => {
  const { random } = nd;
  const shape = 1000;
  beforeEach(() => random.seed(3));

  test.each<[string, () => NDArray, expected: readonly number[]]>([
    [
      "uniform",
      () => random.uniform({ low: 0.1, high: 0.3, shape }),
      [0.21706046, 0.1843315, 0.25079587, 0.20565218, 0.18665141],
    ],
    [
      "normal",
      () => random.normal({ loc: 0.1, scale: 0.3, shape }),
      [-0.39082766, -0.4708523, 0.15436168, -0.19416222, -0.09292454],
    ],
    [
      "exponential",
      () => random.exponential({ scale: 0.3, shape }),
      [0.2640616, 0.16427673, 0.42070177, 0.22539872, 0.17035478],
    ],
    [
      "gamma, alpha below 1",
      () => random.gamma({ alpha: 0.7, beta: 1.3, shape }),
      [0.05476411, 0.13243319, 0.17049995, 0.8838903, 0.5960286],
    ],
    [
      "gamma",
      () => random.gamma({ alpha: 3.3, beta: 0.3, shape }),
      [0.2840258, 0.40796432, 0.9869545, 0.6436367, 1.7855419],
    ],
    ["poisson", () => random.poisson({ lam: 3.7, shape }), [4, 3, 3, 1, 3]],
    ["poisson, large", () => random.poisson({ lam: 37.3, shape }), [46, 49, 28, 51, 31]],
    ["negativeBinomial", () => random.negativeBinomial({ k: 3, p: 0.4, shape }), [1, 3, 2, 5, 8]],
    [
      "generalizedNegativeBinomial",
      () => random.generalizedNegativeBinomial({ mu: 2.5, alpha: 0.4, shape }),
      [0, 0, 1, 7, 1],
    ],
  ])("%s", (_, draw, expected) => {
    const values = draw().toFlat();
    // The first two, both sides of the first border between engines, and the last.
    expect([0, 1, 63, 64, 999].map((index) => values[index])).toEqual(expected.map(float));
  });

  test.each<[string, () => NDArray, shape: readonly number[], expected: readonly number[]]>([
    [
      "uniform",
      () => random.uniform({ low: nd.array([0, 1]), high: nd.array([1, 4]), shape: 3 }),
      [2, 3],
      [0.58530223, 0.42165753, 0.44139108, 1.9825814, 1.7920046, 1.7565645],
    ],
    [
      "normal",
      () => random.normal({ loc: nd.array([[0, 1]]), scale: nd.array([[1, 4]]), shape: 2 }),
      [1, 2, 2],
      [-1.6360921, -1.9028409, -2.5673966, -6.509566],
    ],
    [
      "exponential",
      () => random.exponential({ scale: nd.array([0.5, 4]), shape: 2 }),
      [2, 2],
      [0.44010264, 0.27379453, 2.3292227, 1.587174],
    ],
    [
      "gamma",
      () => random.gamma({ alpha: nd.array([0.5, 4]), beta: nd.array([1, 2]), shape: 2 }),
      [2, 2],
      [0.015187858, 0.040189557, 4.4005375, 13.283508],
    ],
    [
      "poisson",
      () => random.poisson({ lam: nd.array([0.5, 40]), shape: 2 }),
      [2, 2],
      [0, 0, 49, 52],
    ],
    [
      "without a shape",
      () => random.uniform({ low: nd.array([0, 1]), high: nd.array([1, 4]) }),
      [2],
      [0.58530223, 2.264972686767578],
    ],
  ])("arrays of parameters: %s", (_, draw, expectedShape, expected) => {
    const sample = draw();
    expect(sample.shape).toEqual(expectedShape);
    expect(sample.toFlat()).toEqual(expected.map(float));
  });

  test("in double precision, and in half from double", () => {
    const words = [0.18433151307989798, 0.16550543574671323];
    const bounds = { low: float(0.1), high: float(0.3), shape: 2 };
    expect(random.uniform({ ...bounds, dtype: "float64" }).toFlat()).toEqual(
      words.map((value) => expect.closeTo(value, 7)),
    );
    random.seed(3);
    expect(random.uniform({ ...bounds, dtype: "float16" }).toFlat()).toEqual([
      0.184326171875, 0.16552734375,
    ]);
    random.seed(3);
    expect(random.normal({ shape: 2, dtype: "float64" }).toFlat()).toEqual(
      [-1.7939614319441974, -0.8430917177812062].map((value) => expect.closeTo(value, 13)),
    );
  });

  test("Dropout keeps MXNet's elements, also in half precision and with shared masks", () => {
    const dropped = (x: NDArray, axes: readonly number[] = []) => {
      random.seed(3);
      const y = autograd.trainMode(() => nd.Dropout(x, { p: 0.4, axes })).toFlat();
      return y.flatMap((value, index) => (value === 0 ? [index] : []));
    };
    const halves = nd.ones([20], { dtype: "float16" });
    expect(dropped(halves)).toEqual([6, 9, 17, 18]);
    expect(dropped(nd.ones([20], { dtype: "float64" }))).toEqual([6, 9, 17, 18]);
    expect(dropped(nd.ones([10]))).toEqual([]);
  });
});

describe("samplers named Like", () => {
  const { random } = nd;
  const pairs: readonly (readonly [string, (x: NDArray) => NDArray, () => NDArray])[] = [
    ["uniform", (x) => random.uniformLike(x), () => random.uniform(like)],
    ["normal", (x) => random.normalLike(x, { loc: 2 }), () => random.normal({ loc: 2, ...like })],
    ["exponential", (x) => random.exponentialLike(x), () => random.exponential(like)],
    ["gamma", (x) => random.gammaLike(x), () => random.gamma(like)],
    ["poisson", (x) => random.poissonLike(x), () => random.poisson(like)],
    [
      "negativeBinomial",
      (x) => random.negativeBinomialLike(x, { p: 0.5 }),
      () => random.negativeBinomial({ p: 0.5, ...like }),
    ],
    [
      "generalizedNegativeBinomial",
      (x) => random.generalizedNegativeBinomialLike(x),
      () => random.generalizedNegativeBinomial(like),
    ],
  ];
  const like = { shape: [2, 3], dtype: "float64" } as const;

  test.each(pairs)("%s: shape and dtype are the array's", (_, drawLike, draw) => {
    random.seed(1);
    const sample = drawLike(nd.zeros([2, 3], { dtype: "float64" }));
    random.seed(1);
    expect(sample.toFlat()).toEqual(draw().toFlat());
    expect([sample.shape, sample.dtype]).toEqual([[2, 3], "float64"]);
  });
});

test("arrays of parameters get no gradient", () => {
  const [low, high] = [nd.array([0, 1]).attachGrad(), nd.array([2, 5]).attachGrad()];
  autograd.record(() => nd.random.uniform({ low, high, shape: 3 }).mul(high.sum())).backward();
  nd.random.seed(0);
  const alpha = nd.array([1, 2]).attachGrad();
  autograd.record(() => nd.random.gamma({ alpha, beta: 1 }).add(alpha)).backward();
  expect(low.grad?.toFlat()).toEqual([0, 0]);
  expect(high.grad?.toFlat()[0]).toBe(high.grad?.toFlat()[1]);
  expect(alpha.grad?.toFlat()).toEqual([1, 1]);
});

describe("LeakyReLU with random slopes", () => {
  const options = { actType: "rrelu", lowerBound: 0.25, upperBound: 0.5 } as const;

  test("in training mode each element has a slope of its own, and so has its gradient", () => {
    nd.random.seed(3);
    const x = nd.full([200], -2).attachGrad();
    const y = autograd.record(() => nd.LeakyReLU(x, options));
    y.backward();
    const slopes = x.grad?.toFlat() ?? [];
    expect(y.toFlat()).toEqual(slopes.map((slope) => slope * -2));
    expect(Math.min(...slopes)).toBeGreaterThanOrEqual(0.25);
    expect(Math.max(...slopes)).toBeLessThanOrEqual(0.5);
    expect(new Set(slopes).size).toBeGreaterThan(190);
  });

  test("above 0 it is the identity; outside of training mode the slope is the mean", () => {
    const x = nd.array([-4, 2]);
    expect(autograd.trainMode(() => nd.LeakyReLU(x, options)).toFlat()[1]).toBe(2);
    expect(nd.LeakyReLU(x, options).toFlat()).toEqual([-1.5, 2]);
  });

  test("refuses bounds out of order, in both modes", () => {
    const call = () => nd.LeakyReLU(nd.ones([1]), { ...options, upperBound: 0.1 });
    expect(call).toThrow(/^LeakyReLU: upperBound must not be below lowerBound/);
    expect(() => autograd.trainMode(call)).toThrow(/^LeakyReLU: /);
  });
});

describe("RNN with dropout between layers", () => {
  const run = (p: number, numLayers = 2) => {
    nd.random.seed(1);
    const x = nd.ones([2, 1, 1]);
    const parameters = nd.full([4 * numLayers], 0.5);
    const state = nd.zeros([numLayers, 1, 1]);
    return nd.RNN(x, parameters, state, { mode: "rnn_tanh", stateSize: 1, numLayers, p }).toFlat();
  };

  test("is active in training mode alone", () => {
    expect(run(0.9)).toEqual(run(0));
    expect(autograd.trainMode(() => run(0.9))).not.toEqual(run(0));
    expect(autograd.trainMode(() => run(0))).toEqual(run(0));
  });

  test("leaves the last layer's results alone", () => {
    expect(autograd.trainMode(() => run(0.9, 1))).toEqual(run(0, 1));
  });

  test.each([-0.1, 1.5, Number.NaN])("refuses p %d", (p) => {
    expect(() => run(p)).toThrow(/^RNN: p is not a probability/);
  });
});

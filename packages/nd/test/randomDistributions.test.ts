import { AttributeError, DTypeError, ShapeError } from "@adjoint/graph";
import { autograd, type NDArray, nd } from "../src/index.js";

const count = 20000;

/** Mean and variance of a sample. */
function moments(sample: NDArray): readonly [mean: number, variance: number] {
  const values = sample.toFlat();
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return [mean, squares / values.length];
}

type Draw = (shape: number) => NDArray;

describe("samples have the mean and variance of their distribution", () => {
  beforeEach(() => nd.random.seed(11));

  test.each<[string, Draw, mean: number, variance: number]>([
    ["uniform", (shape) => nd.random.uniform({ low: -1, high: 3, shape }), 1, 16 / 12],
    ["normal", (shape) => nd.random.normal({ loc: 2, scale: 3, shape }), 2, 9],
    ["exponential", (shape) => nd.random.exponential({ scale: 2, shape }), 2, 4],
    ["gamma", (shape) => nd.random.gamma({ alpha: 3, beta: 2, shape }), 6, 12],
    ["gamma below 1", (shape) => nd.random.gamma({ alpha: 0.5, beta: 2, shape }), 1, 2],
    ["poisson", (shape) => nd.random.poisson({ lam: 3, shape }), 3, 3],
    ["poisson, large", (shape) => nd.random.poisson({ lam: 50, shape }), 50, 50],
    [
      "poisson of millions",
      (shape) => nd.random.poisson({ lam: 4e6, shape, dtype: "float64" }),
      4e6,
      4e6,
    ],
    [
      "negativeBinomial",
      (shape) => nd.random.negativeBinomial({ k: 3, p: 0.4, shape }),
      4.5,
      11.25,
    ],
    [
      "generalizedNegativeBinomial",
      (shape) => nd.random.generalizedNegativeBinomial({ mu: 2, alpha: 0.5, shape }),
      2,
      4,
    ],
    ["Poisson's as its limit", (shape) => dispersed(shape, 0), 2, 2],
  ])("%s", (_, draw, mean, variance) => {
    const [foundMean, foundVariance] = moments(draw(count));
    expect(Math.abs(foundMean - mean)).toBeLessThan(4 * Math.sqrt(variance / count));
    expect(foundVariance / variance).toBeGreaterThan(0.92);
    expect(foundVariance / variance).toBeLessThan(1.08);
  });
});

function dispersed(shape: number, alpha: number): NDArray {
  return nd.random.generalizedNegativeBinomial({ mu: 2, alpha, shape });
}

/** Pearson's statistic of counts against equal or given chances. */
function chiSquare(counts: readonly number[], chances: readonly number[]): number {
  const total = counts.reduce((sum, value) => sum + value, 0);
  return counts.reduce((sum, value, index) => {
    const expected = total * (chances[index] ?? 0);
    return sum + (value - expected) ** 2 / expected;
  }, 0);
}

function countsOf(values: readonly number[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

describe("frequencies", () => {
  beforeEach(() => nd.random.seed(5));

  test("randint: all integers are equally likely", () => {
    const counts = countsOf(nd.random.randint(0, 10, { shape: count }).toFlat(), 10);
    // 9 degrees of freedom: exceeded by chance once in 1000 times.
    expect(chiSquare(counts, new Array(10).fill(0.1))).toBeLessThan(27.9);
  });

  test("poisson: e^-m m^k / k!", () => {
    const values = nd.random.poisson({ lam: 1.5, shape: count }).toFlat();
    const chances = [0.22313, 0.334695, 0.251021, 0.125511, 0.047067, 0.018576];
    const counts = countsOf(
      values.map((value) => Math.min(value, 5)),
      6,
    );
    expect(chiSquare(counts, chances)).toBeLessThan(20.5);
  });

  test("multinomial: the probabilities given", () => {
    const chances = [0.1, 0.2, 0.3, 0.4];
    const drawn = nd.random.multinomial(nd.array(chances), { shape: count }).toFlat();
    expect(chiSquare(countsOf(drawn, 4), chances)).toBeLessThan(16.3);
  });

  test("shuffle: all orders of three are equally likely", () => {
    const times = new Map<string, number>();
    for (let time = 0; time < 1200; time++) {
      const order = nd.random.shuffle(nd.arange(3)).toFlat().join();
      times.set(order, (times.get(order) ?? 0) + 1);
    }
    const counts = [...times.values()];
    expect(counts).toHaveLength(6);
    expect(chiSquare(counts, new Array(6).fill(1 / 6))).toBeLessThan(20.5);
  });
});

describe("multinomial", () => {
  const rows = nd.array([
    [0.1, 0.2, 0.3, 0.4],
    [0, 0, 0.5, 0.5],
  ]);

  test("draws MXNet's categories, from an engine of its own", () => {
    nd.random.seed(3);
    const drawn = [2, 2, 2, 2, 1, 1, 2, 2, 2, 1];
    nd.random.uniform({ shape: 200 });
    const single = nd.array([0.1, 0.2, 0.3, 0.4]);
    expect(nd.random.multinomial(single, { shape: 4 }).toFlat()).toEqual(drawn.slice(0, 4));
    expect(nd.random.multinomial(single, { shape: 6 }).toFlat()).toEqual(drawn.slice(4));
  });

  test("shape is drawn for each row; by default one number", () => {
    nd.random.seed(3);
    const drawn = nd.random.multinomial(rows, { shape: [2, 3] });
    expect(drawn.shape).toEqual([2, 2, 3]);
    expect(drawn.dtype).toBe("int32");
    expect(drawn.toFlat()).toEqual([2, 2, 2, 2, 1, 1, 3, 2, 2, 2, 2, 2]);
    expect(nd.random.multinomial(rows).shape).toEqual([2]);
    expect(nd.random.multinomial(nd.array([0.5, 0.5])).shape).toEqual([1]);
    expect(nd.random.multinomial(rows, { dtype: "uint8" }).dtype).toBe("uint8");
  });

  test("log-probabilities have the gradient head / p where something was drawn", () => {
    nd.random.seed(3);
    const p = nd.array([
      [0.1, 0.2, 0.3, 0.4],
      [0.25, 0.25, 0.25, 0.25],
    ]);
    p.attachGrad();
    const [drawn, logarithms] = autograd.record(() =>
      nd.random.multinomial(p, { shape: 3, getProb: true }),
    );
    logarithms.backward(
      nd.array([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    );
    expect(drawn.toFlat()).toEqual([2, 2, 2, 1, 1, 1]);
    expect(logarithms.toFlat()).toEqual([0.3, 0.3, 0.3, 0.25, 0.25, 0.25].map(closeToLog));
    expect(p.grad?.toFlat()).toEqual([0, 0, 20, 0, 0, 60, 0, 0].map((v) => expect.closeTo(v, 4)));
  });

  test("a category without a chance is never drawn, not even where a row sums up to less", () => {
    nd.random.seed(0);
    const drawn = nd.random.multinomial(nd.array([0, 0.1, 0.1, 0]), { shape: 1000 }).toFlat();
    expect(new Set(drawn)).toEqual(new Set([1, 2]));
  });

  test.each([
    ["negative", [-0.1, 1.1]],
    ["NaN", [Number.NaN, 1]],
    ["infinite", [Number.POSITIVE_INFINITY, 1]],
    ["zeros", [0, 0]],
  ])("refuses probabilities that are %s", (_, values) => {
    expect(() => nd.random.multinomial(nd.array(values))).toThrow(
      /^random\.multinomial: probabilities make no distribution: /,
    );
  });

  test("in the body of a branch, where values are unknown, a bad row gives -1", () => {
    const bad = nd.array([0, 0]);
    const [drawn] = nd.contrib.cond(
      nd.array([1]),
      () => [nd.random.multinomial(bad)],
      () => [nd.zeros([1], { dtype: "int32" })],
    );
    expect(drawn?.toFlat()).toEqual([-1]);
  });

  test("refuses integers, and an array without a row", () => {
    expect(() => nd.random.multinomial(nd.array([1], { dtype: "int32" }))).toThrow(DTypeError);
    expect(() => nd.random.multinomial(nd.zeros([2, 0]))).toThrow(ShapeError);
  });
});

function closeToLog(probability: number): number {
  return expect.closeTo(Math.log(probability), 5);
}

describe("shuffle", () => {
  test("moves whole slices, and leaves its argument as it is", () => {
    nd.random.seed(1);
    const x = nd.arange(20).reshape([10, 2]);
    const rows = nd.random.shuffle(x).toFlat();
    const firsts = rows.filter((_, index) => index % 2 === 0);
    expect(rows.filter((_, index) => index % 2 === 1)).toEqual(firsts.map((value) => value + 1));
    expect([...firsts].sort((a, b) => a - b)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    expect(firsts).not.toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    expect(x.toFlat()).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test("puts the head gradient back in order", () => {
    const x = nd.arange(6).attachGrad();
    const y = autograd.record(() => nd.random.shuffle(x));
    y.backward(y.mul(10).detach());
    expect(x.grad?.toFlat()).toEqual([0, 10, 20, 30, 40, 50]);
  });

  test("refuses an array without axes; an empty one is itself", () => {
    expect(() => nd.random.shuffle(nd.zeros([]))).toThrow(
      "random.shuffle: array has no axis to shuffle: () (allowed: one axis at least)",
    );
    expect(nd.random.shuffle(nd.zeros([0, 2])).shape).toEqual([0, 2]);
  });
});

describe("parameters that make no distribution", () => {
  test.each<[string, () => NDArray]>([
    ["random.normal", () => nd.random.normal({ loc: Number.NaN })],
    ["random.normalLike", () => nd.random.normalLike(nd.zeros([1]), { scale: 0 })],
    ["random.uniformLike", () => nd.random.uniformLike(nd.zeros([1]), { low: 2 })],
    ["random.exponentialLike", () => nd.random.exponentialLike(nd.zeros([1]), { scale: -1 })],
    ["random.gamma", () => nd.random.gamma({ alpha: 0 })],
    ["random.gammaLike", () => nd.random.gammaLike(nd.zeros([1]), { beta: -1 })],
    ["random.poisson", () => nd.random.poisson({ lam: -1 })],
    ["random.poisson", () => nd.random.poisson({ lam: Number.POSITIVE_INFINITY })],
    ["random.negativeBinomial", () => nd.random.negativeBinomial({ p: 0 })],
    ["random.negativeBinomial", () => nd.random.negativeBinomial({ p: 1.5 })],
    ["random.negativeBinomial", () => nd.random.negativeBinomial({ k: -1 })],
    [
      "random.generalizedNegativeBinomial",
      () => nd.random.generalizedNegativeBinomial({ alpha: -1 }),
    ],
  ])("%s names itself", (name, draw) => {
    expect(draw).toThrow(AttributeError);
    expect(draw).toThrow(`${name}: `);
  });

  test("in arrays they give NaN, and draw nothing", () => {
    nd.random.seed(3);
    const drawn = nd.random.gamma({ alpha: nd.array([0, 4]), beta: 2, shape: 2 }).toFlat();
    nd.random.seed(3);
    const valid = nd.random.gamma({ alpha: 4, beta: 2, shape: 2 }).toFlat();
    expect(drawn).toEqual([Number.NaN, Number.NaN, ...valid]);
  });

  test("integers are no dtype of continuous numbers", () => {
    expect(() => nd.random.uniform({ dtype: "int32" })).toThrow(
      "random.uniform: dtype is not one of this distribution: int32",
    );
    expect(() => nd.random.gammaLike(nd.zeros([1], { dtype: "int32" }))).toThrow(DTypeError);
    expect(() => nd.random.randint(0, 3, { dtype: "float32" })).toThrow(DTypeError);
  });
});

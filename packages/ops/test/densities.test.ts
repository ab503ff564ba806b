import {
  ArgumentError,
  AttributeError,
  DTypeError,
  type Shape,
  ShapeError,
  sizeOf,
} from "@adjoint/graph";
import { fronts } from "../src/index.js";
import {
  evaluate,
  expectDerivatives,
  expectError,
  float32,
  type Given,
  given,
  gradientsOf,
  irregular,
  near,
  type Program,
} from "./support.js";

/** Numbers between `low` and `high`. */
function within(low: number, high: number, shape: Shape, seed: number): Given {
  const { data } = irregular(shape, seed);
  return given(
    data.map((value) => low + ((value + 2) / 4) * (high - low)),
    shape,
  );
}

function counts(shape: Shape): Given {
  return given(
    Array.from({ length: sizeOf(shape) }, (_, at) => (at * 3) % 5),
    shape,
  );
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
/** Γ(x + n) / Γ(x) for an integer n. */
const rising = (x: number, n: number): number => (n === 0 ? 1 : (x + n - 1) * rising(x, n - 1));
/** Γ by Stirling's series, after Γ(x + 20) = Γ(x) rising(x, 20). */
function gamma(x: number): number {
  const z = x + 20;
  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5);
  return (Math.sqrt((2 * Math.PI) / z) * (z / Math.E) ** z * Math.exp(series)) / rising(x, 20);
}

const binomial = (x: number, k: number, p: number) =>
  (rising(k, x) / factorial(x)) * p ** k * (1 - p) ** x;

interface Row {
  readonly pdf: (isLog: boolean) => Program;
  readonly value: (x: number, a: number, b: number) => number;
  readonly bounds: readonly (readonly [number, number])[];
  readonly isCount?: true;
}

const rows: Readonly<Record<string, Row>> = {
  uniform: {
    pdf: (isLog) => (x, a, b) => fronts.randomPdfUniform(x, a, b, { isLog }),
    value: (_, low, high) => 1 / (high - low),
    bounds: [
      [0, 1],
      [2, 5],
    ],
  },
  normal: {
    pdf: (isLog) => (x, a, b) => fronts.randomPdfNormal(x, a, b, { isLog }),
    value: (x, mu, sigma) =>
      Math.exp((-0.5 * (x - mu) ** 2) / sigma ** 2) / (sigma * Math.sqrt(2 * Math.PI)),
    bounds: [
      [-1, 1],
      [0.5, 2],
    ],
  },
  gamma: {
    pdf: (isLog) => (x, a, b) => fronts.randomPdfGamma(x, a, b, { isLog }),
    value: (x, a, b) => (b ** a * x ** (a - 1) * Math.exp(-b * x)) / gamma(a),
    bounds: [
      [0.5, 3],
      [0.5, 2],
    ],
  },
  exponential: {
    pdf: (isLog) => (x, a) => fronts.randomPdfExponential(x, a, { isLog }),
    value: (x, rate) => rate * Math.exp(-rate * x),
    bounds: [[0.5, 2]],
  },
  poisson: {
    pdf: (isLog) => (x, a) => fronts.randomPdfPoisson(x, a, { isLog }),
    value: (x, mean) => (mean ** x * Math.exp(-mean)) / factorial(x),
    bounds: [[0.5, 3]],
    isCount: true,
  },
  "negative binomial": {
    pdf: (isLog) => (x, a, b) => fronts.randomPdfNegativeBinomial(x, a, b, { isLog }),
    value: binomial,
    bounds: [
      [0.5, 3],
      [0.2, 0.8],
    ],
    isCount: true,
  },
  "generalized negative binomial": {
    pdf: (isLog) => (x, a, b) => fronts.randomPdfGeneralizedNegativeBinomial(x, a, b, { isLog }),
    value: (x, mu, alpha) => binomial(x, 1 / alpha, 1 / (mu * alpha + 1)),
    bounds: [
      [0.5, 3],
      [0.3, 2],
    ],
    isCount: true,
  },
};

describe.each(Object.entries(rows))("%s", (_, { pdf, value, bounds, isCount }) => {
  const [drawn, leading]: readonly [Shape, Shape] = [[2, 3], [2]];
  const sample = isCount ? counts(drawn) : within(0.3, 2.5, drawn, 3);
  const parameters = bounds.map(([low, high], at) => within(low, high, leading, at + 1));
  const expected = sample.data.map((x, at) => {
    const [a = 0, b = 0] = parameters.map(({ data }) => data[Math.floor(at / 3)] ?? 0);
    return value(x, a, b);
  });

  test("has the values of its formula, for each draw by the parameters that lead to it", () => {
    expect(evaluate(pdf(false), sample, ...parameters).data).toEqual(
      expected.map((one) => near(one, 9)),
    );
    expect(evaluate(pdf(true), sample, ...parameters).data).toEqual(
      expected.map((one) => near(Math.log(one), 9)),
    );
  });

  test("is differentiable twice", () => {
    const constant = isCount ? [0] : [];
    expectDerivatives(pdf(false), [sample, ...parameters], { constant });
    expectDerivatives(pdf(true), [sample, ...parameters], { constant });
  });

  test("gives counts no gradient", () => {
    const [gradient] = gradientsOf(pdf(true), [sample, ...parameters]);
    expect(gradient?.every((one) => one === 0)).toBe(
      isCount === true || value === rows.uniform?.value,
    );
  });

  test("refuses parameters that do not fit, integers and mixed dtypes", () => {
    const short = bounds.map(() => within(1, 2, [3], 1));
    expectError(() => evaluate(pdf(false), sample, ...short), ShapeError, "(2, 3), (3,)");
    const single = bounds.map(() => float32([1, 1]));
    expectError(() => evaluate(pdf(false), sample, ...single), DTypeError, "dtypes differ");
    const integers = [given([1], [1], "int32"), ...bounds.map(() => given([1], [1], "int32"))];
    expectError(() => evaluate(pdf(false), ...integers), DTypeError, "floating-point");
    const text: unknown = "x";
    const apply = () => Reflect.apply(pdf(false), undefined, [text, text, text]);
    expectError(apply, ArgumentError, "argument 1 is not an array");
  });
});

describe("Dirichlet", () => {
  const pdf: Program = (x, alpha) => fronts.randomPdfDirichlet(x, alpha);
  const density = (x: readonly number[], alpha: readonly number[]) => {
    const total = alpha.reduce((sum, one) => sum + one, 0);
    const scale = alpha.reduce((product, one) => product / gamma(one), gamma(total));
    return x.reduce((product, one, at) => product * one ** ((alpha[at] ?? 1) - 1), scale);
  };

  test.each<[Shape, Shape]>([
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [
      [2, 2, 3],
      [2, 3],
    ],
    [[3], [3]],
  ])("shares of shape %j by concentrations of shape %j", (shape, concentrations) => {
    const x = within(0.1, 0.9, shape, 2);
    const alpha = within(0.5, 3, concentrations, 3);
    const perAlpha = sizeOf(shape) / sizeOf(concentrations);
    const expected = Array.from({ length: sizeOf(shape) / 3 }, (_, row) => {
      const from = Math.floor(row / perAlpha) * 3;
      return density(x.data.slice(row * 3, row * 3 + 3), alpha.data.slice(from, from + 3));
    });
    const result = evaluate(pdf, x, alpha);
    expect(result.data).toEqual(expected.map((one) => near(one, 9)));
    expect(result.shape).toEqual(shape.length === 1 ? [1] : shape.slice(0, -1));
    expectDerivatives(pdf, [x, alpha]);
    expectDerivatives((v, a) => fronts.randomPdfDirichlet(v, a, { isLog: true }), [x, alpha]);
  });

  test("refuses concentrations that do not fit, and unknown options", () => {
    const x = within(0.1, 0.9, [2, 3], 2);
    expectError(() => evaluate(pdf, x, within(1, 2, [2], 1)), ShapeError, "(2, 3), (2,)");
    expectError(() => evaluate(pdf, x, within(1, 2, [3, 3], 1)), ShapeError);
    expectError(() => evaluate(pdf, x, given([1], [])), ShapeError);
    const unknown = { isLog: true, log: true };
    expectError(
      () => evaluate((v) => fronts.randomPdfDirichlet(v, v, unknown), x),
      AttributeError,
      "unknown option: log",
    );
  });
});

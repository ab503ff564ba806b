import { given, irregular } from "../support.js";
import { type Example, type Examples, withEach } from "./example.js";

const real = [given([-1.7, -0.4, 0.3, 2.2])];
const positive = [given([0.2, 0.9, 1.6, 3.1])];
const unit = [given([-0.8, -0.1, 0.35, 0.7])];
const aboveOne = [given([1.1, 1.9, 4.2])];

const column = given([2.7, 1.3], [2, 1]);
const row = given([0.6, 1.7, 2.2]);
/** Broadcast both ways, of equal shapes, and with a scalar. */
const pairs: readonly Example[] = [
  { ins: [column, row] },
  { ins: [given([2.1, 0.4]), given([0.8, 1.9])], order: 2 },
  { ins: [given([1.3], []), row] },
];

function on(ins: Example["ins"], ...names: readonly string[]): Examples {
  return Object.fromEntries(names.map((name) => [name, [{ ins }]]));
}

const activations = ["relu", "sigmoid", "softrelu", "softsign", "tanh"];
const leaky = ["leaky", "rrelu", "elu", "selu", "gelu"];

/** The operators that work element by element: differentiated three times. */
export const elementwiseExamples: Examples = {
  ...on(real, "abs", "negative", "reciprocal", "square", "cbrt", "rcbrt", "exp", "expm1"),
  ...on(real, "sin", "cos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "degrees", "radians"),
  ...on(real, "sigmoid", "softsign", "relu", "erf", "erfc", "identity"),
  ...on(positive, "sqrt", "rsqrt", "log", "log1p", "log2", "log10", "gamma", "gammaln"),
  ...on(unit, "tan", "arcsin", "arccos", "arctanh", "erfinv"),
  ...on(aboveOne, "arccosh"),
  add: pairs,
  sub: pairs,
  mul: pairs,
  div: pairs,
  mod: pairs,
  pow: pairs,
  hypot: pairs,
  arctan2: pairs,
  maximum: pairs,
  minimum: pairs,
  addN: [
    { ins: [irregular([2, 2])] },
    { ins: [irregular([2, 2], 1), irregular([2, 2], 2), irregular([2, 2], 3)], order: 2 },
  ],
  where: [
    { ins: [given([1, 0], [2, 1], "int32"), irregular([3], 1), irregular([2, 3], 2)] },
    { ins: [given([-0.5, 0, 3]), given([1.5], []), irregular([3])], constant: [0] },
  ],
  polygamma: withEach(positive, { n: 0 }, { n: 1 }, { n: 3 }),
  cast: withEach(real, { dtype: "float64" }),
  clip: withEach(real, { aMin: -1, aMax: 1 }, { aMin: 0.5, aMax: Number.POSITIVE_INFINITY }),
  smoothL1: withEach(real, { scalar: 1 }, { scalar: 1.2 }),
  quadratic: withEach(real, { a: 0.5, b: -2, c: 3 }, { a: 0, b: 0, c: 1 }),
  roundSte: [{ ins: real, decreed: true }],
  signSte: [{ ins: real, decreed: true }],
  gradientMultiplier: [{ ins: real, attrs: { scalar: -0.5 }, decreed: true }],
  hardSigmoid: withEach(real, { alpha: 0.4, beta: 0.45 }),
  makeLoss: [
    { ins: real, attrs: { gradScale: 0.5, valid: false, validThresh: 0 }, decreed: true },
    { ins: real, attrs: { gradScale: 0.5, valid: true, validThresh: 0.1 }, decreed: true },
  ],
  Activation: withEach(real, ...activations.map((actType) => ({ actType }))),
  LeakyReLU: [
    ...withEach(real, ...leaky.map((actType) => ({ actType, slope: 0.25 }))),
    { ins: [irregular([2, 3]), irregular([3], 2)], attrs: { actType: "prelu", slope: 0.25 } },
    { ins: [irregular([4]), irregular([1], 2)], attrs: { actType: "prelu", slope: 0.25 } },
  ],
};

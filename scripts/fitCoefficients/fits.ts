import {
  add,
  type Big,
  big,
  divide,
  multiply,
  negate,
  shift,
  squareRoot,
  subtract,
} from "../../packages/runtime/test/wasm/precise/big.js";
import {
  asin,
  asinh,
  atan,
  atanh,
  cbrt,
  cos,
  exp,
  expm1,
  log,
  log1p,
  pi,
  sin,
  sinh,
  tanh,
} from "../../packages/runtime/test/wasm/precise/elementary.js";
import {
  erf,
  erfc,
  erfcx,
  erfinv,
  gamma,
  lgamma,
} from "../../packages/runtime/test/wasm/precise/special.js";
import type { Problem } from "./minimax.js";

/** One polynomial of the vector functions. */
export interface Fit extends Problem {
  readonly name: string;
  /** What it approximates, and where. */
  readonly formula: string;
  readonly single: boolean;
}

const one = big(1);
const two = big(2);
/** Half of log 2, and a little for the rounding of the reduction. */
const expBound = 0.34665736;
const quarterTurn = 0.6169;

const square = (x: Big) => multiply(x, x);
const cube = (x: Big) => multiply(x, square(x));
const relative = (part: Big, whole: Big) => divide(part, whole);

/** (f(x) - x) / x^3 in z = x^2, for odd f that starts with x. */
function oddTail(f: (x: Big) => Big): Pick<Problem, "value" | "weight"> {
  return {
    value(z) {
      const x = squareRoot(z);
      return divide(subtract(f(x), x), multiply(x, z));
    },
    weight(z) {
      const x = squareRoot(z);
      return relative(multiply(x, z), f(x));
    },
  };
}

/** f(x) / x - 1 in z = x^2, for odd f that does not start with x. */
function oddQuotient(f: (x: Big) => Big): Pick<Problem, "value" | "weight"> {
  return {
    value(z) {
      const x = squareRoot(z);
      return subtract(divide(f(x), x), one);
    },
    weight(z) {
      const x = squareRoot(z);
      return relative(x, f(x));
    },
  };
}

/** (e^r - 1 - r) / r^2, so that e^r - 1 is right as well. */
const expTail = {
  value: (r: Big) => divide(subtract(expm1(r), r), square(r)),
  weight: (r: Big) => relative(square(r), expm1(r)),
};

const cosTail = {
  value: (z: Big) => {
    const partial = subtract(one, shift(z, -1));
    return divide(subtract(cos(squareRoot(z)), partial), square(z));
  },
  weight: square,
};

const twiceAtanh = (s: Big) => shift(atanh(s), 1);
/** (sqrt 2 - 1) / (sqrt 2 + 1): the largest s = f / (2 + f), squared. */
const logBound = 0.029438;

const exponential: readonly Fit[] = [
  {
    name: "expTail32",
    formula: "(e^r - 1 - r) / r^2 for |r| <= log(2) / 2, for e^r - 1",
    single: true,
    ...expTail,
    low: -expBound,
    high: expBound,
    degree: 4,
  },
  {
    name: "expTail64",
    formula: "(e^r - 1 - r) / r^2 for |r| <= log(2) / 2, for e^r - 1",
    single: false,
    ...expTail,
    low: -expBound,
    high: expBound,
    degree: 10,
  },
];

const logarithm: readonly Fit[] = [
  {
    name: "logTail32",
    formula: "(log(1 + f) - f + f^2 / 2) / f^3 for sqrt(1/2) <= 1 + f <= sqrt(2)",
    single: true,
    value: (f) => divide(add(subtract(log1p(f), f), shift(square(f), -1)), cube(f)),
    weight: (f) => relative(cube(f), log1p(f)),
    low: Math.SQRT1_2 - 1,
    high: Math.SQRT2 - 1,
    degree: 8,
  },
  {
    name: "atanhTail64",
    formula: "(2 atanh(s) - 2 s) / s^3 in w = s^2 for |s| <= 0.1716",
    single: false,
    value: (w) => {
      const s = squareRoot(w);
      return divide(subtract(twiceAtanh(s), shift(s, 1)), multiply(s, w));
    },
    weight: (w) => relative(multiply(squareRoot(w), w), twiceAtanh(squareRoot(w))),
    low: 0,
    high: logBound,
    degree: 6,
  },
  {
    name: "atanhRest64",
    formula: "(2 atanh(s) - 2 s - 2/3 s^3) / s^5 in w = s^2 for |s| <= 0.1716",
    single: false,
    value: (w) => {
      const s = squareRoot(w);
      const known = multiply(s, add(two, multiply(w, divide(two, big(3)))));
      return divide(subtract(twiceAtanh(s), known), multiply(s, square(w)));
    },
    weight: (w) => relative(multiply(squareRoot(w), square(w)), twiceAtanh(squareRoot(w))),
    low: 0,
    high: logBound,
    degree: 8,
  },
];

const trigonometric: readonly Fit[] = [
  {
    name: "sinTail32",
    formula: "(sin(x) - x) / x^3 in z = x^2 for |x| <= pi / 4",
    single: true,
    ...oddTail(sin),
    low: 0,
    high: quarterTurn,
    degree: 2,
  },
  {
    name: "cosTail32",
    formula: "(cos(x) - 1 + x^2 / 2) / x^4 in z = x^2 for |x| <= pi / 4",
    single: true,
    ...cosTail,
    low: 0,
    high: quarterTurn,
    degree: 2,
  },
  {
    name: "sinTail64",
    formula: "(sin(x) - x) / x^3 in z = x^2 for |x| <= pi / 4",
    single: false,
    ...oddTail(sin),
    low: 0,
    high: quarterTurn,
    degree: 5,
  },
  {
    name: "cosTail64",
    formula: "(cos(x) - 1 + x^2 / 2) / x^4 in z = x^2 for |x| <= pi / 4",
    single: false,
    ...cosTail,
    low: 0,
    high: quarterTurn,
    degree: 5,
  },
  {
    name: "atanTail64",
    formula: "(atan(x) - x) / x^3 in z = x^2 for |x| <= 7/16",
    single: false,
    ...oddTail(atan),
    low: 0,
    high: (7 / 16) ** 2,
    degree: 10,
  },
  {
    name: "asinTail64",
    formula: "(asin(x) - x) / x^3 in z = x^2 for |x| <= 1/2",
    single: false,
    ...oddTail(asin),
    low: 0,
    high: 0.25,
    degree: 12,
  },
];

const hyperbolic: readonly Fit[] = [
  {
    name: "tanhTail32",
    formula: "(tanh(x) - x) / x^3 in z = x^2 for |x| <= 5/8",
    single: true,
    ...oddTail(tanh),
    low: 0,
    high: 0.625 ** 2,
    degree: 4,
  },
  {
    name: "tanhTail64",
    formula: "(tanh(x) - x) / x^3 in z = x^2 for |x| <= 5/8",
    single: false,
    ...oddTail(tanh),
    low: 0,
    high: 0.625 ** 2,
    degree: 11,
  },
  {
    name: "sinhTail64",
    formula: "(sinh(x) - x) / x^3 in z = x^2 for |x| <= 1",
    single: false,
    ...oddTail(sinh),
    low: 0,
    high: 1,
    degree: 7,
  },
  {
    name: "asinhTail64",
    formula: "(asinh(x) - x) / x^3 in z = x^2 for |x| <= 1/2",
    single: false,
    ...oddTail(asinh),
    low: 0,
    high: 0.25,
    degree: 12,
  },
  {
    name: "atanhTailWide64",
    formula: "(atanh(x) - x) / x^3 in z = x^2 for |x| <= 1/2",
    single: false,
    ...oddTail(atanh),
    low: 0,
    high: 0.25,
    degree: 13,
  },
];

const root: readonly Fit[] = [
  {
    name: "cbrtStart",
    formula: "cbrt(m) for 1 <= m <= 2",
    single: false,
    value: cbrt,
    weight: (m) => relative(one, cbrt(m)),
    low: 1,
    high: 2,
    degree: 4,
  },
];

/** t = (x - 4) / (x + 4), solved for x. */
const erfcxArgument = (t: Big) => divide(shift(add(one, t), 2), subtract(one, t));

const errorFunction: readonly Fit[] = [
  {
    name: "erfTail32",
    formula: "erf(x) / x - 1 in z = x^2 for |x| <= 15/16",
    single: true,
    ...oddQuotient(erf),
    low: 0,
    high: 0.9375 ** 2,
    degree: 6,
  },
  {
    name: "erfcLogarithm32",
    formula: "-log(erfc(x)) for 15/16 <= x <= 4, for erf(x)",
    single: true,
    value: (x) => negate(log(erfc(x))),
    weight: (x) => divide(erfc(x), erf(x)),
    low: 0.9375,
    high: 4,
    degree: 6,
  },
  {
    name: "erfTail64",
    formula: "erf(x) / x - 1 in z = x^2 for |x| <= 27/32",
    single: false,
    ...oddQuotient(erf),
    low: 0,
    high: 0.84375 ** 2,
    degree: 11,
  },
  {
    name: "erfcxTail64",
    formula: "(1 + 2 x) e^(x^2) erfc(x) in t = (x - 4) / (x + 4) for 7/16 <= x <= 28",
    single: false,
    value: (t) => multiply(add(one, shift(erfcxArgument(t), 1)), erfcx(erfcxArgument(t))),
    weight: () => one,
    low: -0.803,
    high: 0.751,
    degree: 22,
  },
  {
    name: "erfinvCentre64",
    formula: "erfinv(y) / y - 1 in z = y^2 for |y| <= 3/4",
    single: false,
    ...oddQuotient(erfinv),
    low: 0,
    high: 0.5625,
    degree: 23,
  },
  {
    name: "erfinvStart",
    formula: "erfinv(y) in t = sqrt(-log(1 - y^2)) for 3/4 <= y <= 1 - 2^-53",
    single: false,
    value: (t) => erfinv(squareRoot(subtract(one, exp(negate(square(t)))))),
    weight: (t) => divide(one, t),
    low: 0.9,
    high: 6.003,
    degree: 13,
  },
];

/** 1 - Euler's constant, the slope of log Gamma at 2. */
const slopeAtTwo = big(0.42278433509846713);
const slopeAtTwoRest = big(4.942915152430645e-18);
const slope = add(slopeAtTwo, slopeAtTwoRest);
/** (pi^2 / 6 - 1) / 2, half the curvature there. */
const halfCurvature = divide(subtract(multiply(pi, pi), big(6)), big(12));

const gammaFunctions: readonly Fit[] = [
  {
    name: "gammaTail64",
    formula: "(Gamma(2 + z) - 1) / z for |z| <= 1/2",
    single: false,
    value: (z) => divide(subtract(gamma(add(two, z)), one), z),
    weight: (z) => relative(z, gamma(add(two, z))),
    low: -0.5,
    high: 0.5,
    degree: 18,
  },
  {
    name: "logGammaTail64",
    formula: "log Gamma(2 + z) without the terms of z and z^2, / z^3 for |z| <= 1/2",
    single: false,
    value(z) {
      const parabola = multiply(add(slope, multiply(halfCurvature, z)), z);
      return divide(subtract(lgamma(add(two, z)), parabola), cube(z));
    },
    weight: (z) => relative(cube(z), lgamma(add(two, z))),
    low: -0.5,
    high: 0.5,
    degree: 18,
  },
];

export const fits: readonly Fit[] = [
  ...exponential,
  ...logarithm,
  ...trigonometric,
  ...hyperbolic,
  ...root,
  ...errorFunction,
  ...gammaFunctions,
];

import { type DType, dtypes, isFloat, type Shape, type Value } from "@adjoint/graph";
import { first } from "@adjoint/ops";
import { anyNumber, type DomainName } from "../domains.js";
import type { Sketch } from "../sketch.js";
import { beside, combined, each, type Maker, type Makers } from "./maker.js";

const on =
  (domain: DomainName): Maker =>
  (sketch) => ({ ins: [sketch.array({ domain })], attrs: {} });

/** A value beside another one: a number at times, which simplification looks for. */
function operand(sketch: Sketch, dtype: DType, shape: Shape, domain: DomainName = "real"): Value {
  const { choices, style } = sketch;
  if (!choices.chance(0.2)) return sketch.like({ dtype, shape: beside(sketch, shape) }, domain);
  const value =
    style === "smooth" && domain !== "real" ? choices.between(1, 2) : fillFor(sketch, dtype);
  const attrs = { shape: choices.chance(0.8) ? [] : beside(sketch, shape), dtype, value };
  return first("full", sketch.emit("full", { ins: [], attrs }));
}

/** Two arrays of one dtype that broadcast. */
const pairOf =
  (left: DomainName, right: DomainName): Maker =>
  (sketch) => {
    const a = sketch.array({ domain: left });
    const { dtype, shape } = a.type;
    const b = operand(sketch, dtype, shape, right);
    return { ins: sketch.choices.chance(0.5) && left === right ? [b, a] : [a, b], attrs: {} };
  };

/** A number that the dtype holds. */
function fillFor({ choices, style }: Sketch, dtype: DType): number {
  const least = dtype === "uint8" || dtype === "bool" ? 0 : -2;
  if (choices.chance(0.5)) return choices.between(least, dtype === "bool" ? 1 : 2);
  return style === "smooth" && isFloat(dtype) ? choices.real(-2, 2) : anyNumber(choices, dtype);
}

function sourceDType(sketch: Sketch): DType {
  return sketch.dtype(sketch.style === "smooth" ? ["float64"] : dtypes);
}

const withAttrs =
  (attrsOf: (sketch: Sketch) => Readonly<Record<string, number | string | boolean>>): Maker =>
  (sketch) => ({ ins: [sketch.array()], attrs: attrsOf(sketch) });

const conditions: Maker = (sketch) => {
  const a = sketch.array();
  const { dtype, shape } = a.type;
  const b = operand(sketch, dtype, shape);
  const condition = operand(sketch, sketch.dtype(dtypes), combined(shape, b.type.shape));
  return { ins: [condition, a, b], attrs: {} };
};

const casts: Maker = (sketch) => {
  const x = sketch.array({ dtypes });
  const { dtype } = x.type;
  const smooth = dtype === "float64" ? dtypes : (["float64"] as const);
  return { ins: [x], attrs: { dtype: sketch.dtype(sketch.style === "smooth" ? smooth : dtypes) } };
};

const leaky: Maker = (sketch) => {
  const { choices } = sketch;
  const actType = choices.pick(["leaky", "prelu", "rrelu", "elu", "selu", "gelu"]);
  const slope = choices.pick([0.25, 0.5, 1, 0]);
  const x = sketch.array({ dtypes: sketch.floats, ranks: [1, 3] });
  if (actType !== "prelu") return { ins: [x], attrs: { actType, slope } };
  const { dtype, shape } = x.type;
  const count = choices.chance(0.3) ? 1 : (shape[shape.length === 1 ? 0 : 1] ?? 1);
  return { ins: [x, sketch.like({ dtype, shape: [count] })], attrs: { actType, slope } };
};

/** Operators that work element by element. */
export const elementwiseMakers: Makers = {
  full: (sketch) => {
    const dtype = sourceDType(sketch);
    return { ins: [], attrs: { shape: sketch.shape(0, 2), dtype, value: fillFor(sketch, dtype) } };
  },
  arange: (sketch) => {
    const { choices } = sketch;
    const repeat = choices.between(1, 2);
    const dtype = sourceDType(sketch);
    const whole = !isFloat(dtype);
    const start = whole ? choices.between(0, 2) : choices.real(-2, 2);
    const step = whole ? choices.between(0, 2) : choices.real(-1, 1);
    const length = choices.between(0, 4) * repeat;
    return { ins: [], attrs: { start, step, length, repeat, dtype } };
  },
  eye: (sketch) => ({
    ins: [],
    attrs: {
      rows: sketch.length(),
      columns: sketch.length(),
      k: sketch.choices.between(-1, 1),
      dtype: sourceDType(sketch),
    },
  }),
  ...each(on("real"), "negative", "abs", "sign", "ceil", "floor", "round", "rint", "trunc"),
  ...each(on("moderate"), "exp", "expm1", "sinh", "cosh"),
  ...each(on("real"), "tanh", "square", "sin", "cos", "arctan", "degrees", "radians", "arcsinh"),
  ...each(on("positive"), "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "cbrt", "rcbrt"),
  ...each(on("positive"), "reciprocal", "gamma", "gammaln"),
  ...each(on("unit"), "tan", "arcsin", "arccos", "arctanh", "erfinv"),
  ...each(on("real"), "erf", "erfc", "logicalNot", "sigmoid", "softsign", "relu"),
  ...each(on("real"), "identity", "zerosLike", "onesLike", "stopGradient"),
  ...each(on("real"), "roundSte", "signSte"),
  arccosh: on("aboveOne"),
  ...each(pairOf("real", "real"), "add", "sub", "mul", "maximum", "minimum"),
  ...each(pairOf("real", "positive"), "div", "mod", "hypot", "arctan2"),
  pow: pairOf("positive", "moderate"),
  ...each(pairOf("real", "real"), "equal", "notEqual", "greater", "greaterEqual", "lesser"),
  ...each(pairOf("real", "real"), "lesserEqual", "logicalAnd", "logicalOr", "logicalXor"),
  addN: (sketch) => {
    const x = sketch.array();
    const others = Array.from({ length: sketch.choices.between(0, 3) }, () => sketch.like(x.type));
    return { ins: [x, ...others], attrs: {} };
  },
  polygamma: (sketch) => ({
    ins: [sketch.array({ dtypes: sketch.floats, domain: "positive" })],
    attrs: { n: sketch.choices.between(0, 2) },
  }),
  where: conditions,
  cast: casts,
  clip: withAttrs(({ choices }) => ({
    aMin: choices.pick([-1, -0.5, 0, Number.NEGATIVE_INFINITY]),
    aMax: choices.pick([0.5, 1, 2, Number.POSITIVE_INFINITY]),
  })),
  smoothL1: withAttrs(({ choices }) => ({ scalar: choices.pick([1, 0.5, 2]) })),
  makeLoss: withAttrs(({ choices }) => ({
    gradScale: choices.pick([1, 0.5]),
    valid: choices.chance(0.5),
    validThresh: 0.1,
  })),
  quadratic: withAttrs(({ choices }) => ({ a: choices.pick([0, 1, 0.5]), b: -1, c: 2 })),
  gradientMultiplier: withAttrs(({ choices }) => ({ scalar: choices.pick([-0.5, 0, 2]) })),
  hardSigmoid: withAttrs(() => ({ alpha: 0.2, beta: 0.5 })),
  Activation: (sketch) => ({
    ins: [sketch.array({ dtypes: sketch.floats })],
    attrs: {
      actType: sketch.choices.pick(["relu", "sigmoid", "softrelu", "softsign", "tanh"]),
    },
  }),
  LeakyReLU: leaky,
};

import {
  ArgumentError,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  type Value,
} from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, headOf, isOperand, nth } from "../core/define.js";
import { checkChoice, readOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { sumTo } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { add, mul } from "./arithmetic.js";
import { greater } from "./compare.js";
import { exp, expm1 } from "./exponential.js";
import { square } from "./powers.js";
import { erf } from "./special.js";
import { select } from "./where.js";

const name = "LeakyReLU";

export const leakyTypes = ["leaky", "prelu", "rrelu", "elu", "selu", "gelu"] as const;
export type LeakyType = (typeof leakyTypes)[number];

type LeakyAttrs = { actType: string; slope: number };

export interface LeakyReLUOptions {
  /** Which function. */
  actType: LeakyType;
  /** Slope below 0 of `leaky`, scale of `elu`. */
  slope: number;
  /** `rrelu`: the slope is the mean of both bounds. */
  lowerBound: number;
  /** `rrelu`: the other bound. */
  upperBound: number;
}

const leakyDefaults: LeakyReLUOptions = {
  actType: "leaky",
  slope: 0.25,
  lowerBound: 0.125,
  upperBound: 0.334,
};

// Klambauer et al. 2017, Self-Normalizing Neural Networks, eq. 14.
const seluAlpha = 1.6732632423543772;
const seluLambda = 1.0507009873554805;

interface LeakyRow {
  value(x: Value, slope: Value | number): Value;
  /** Gradient to x. At 0 it is the slope from below. */
  vjp(head: Value, x: Value, y: Value, slope: Value | number): Value;
}

const linear: LeakyRow = {
  value: (x, slope) => select(greater(x, 0), x, mul(x, slope)),
  vjp: (head, x, _y, slope) => select(greater(x, 0), head, mul(head, slope)),
};

/** Distribution function of the standard normal. */
function normalCdf(x: Value): Value {
  return mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
}

function normalDensity(x: Value): Value {
  return mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
}

const rows: { readonly [K in LeakyType]: LeakyRow } = {
  leaky: linear,
  prelu: linear,
  rrelu: linear,
  elu: {
    value: (x, slope) => select(greater(x, 0), x, mul(expm1(x), slope)),
    vjp: (head, _x, y, slope) => select(greater(y, 0), head, mul(head, add(y, slope))),
  },
  selu: {
    value: (x) => mul(select(greater(x, 0), x, mul(expm1(x), seluAlpha)), seluLambda),
    vjp: (head, _x, y) =>
      mul(head, select(greater(y, 0), seluLambda, add(y, seluLambda * seluAlpha))),
  },
  // d/dx x Phi(x) = Phi(x) + x phi(x) (Hendrycks & Gimpel 2016).
  gelu: {
    value: (x) => mul(x, normalCdf(x)),
    vjp: (head, x) => mul(head, add(normalCdf(x), mul(x, normalDensity(x)))),
  },
};

function leakyRow(actType: string): LeakyRow {
  return rows[checkChoice(name, "actType", actType, leakyTypes)];
}

/** Gamma's shape, laid along axis 1 of x, or axis 0 of a vector. */
function gammaShape(x: Shape, gamma: Shape): Shape {
  const axis = x.length === 1 ? 0 : 1;
  const count = gamma[0];
  if (gamma.length === 1 && (count === 1 || count === x[axis])) {
    return x.map((_, position) => (position === axis ? (count ?? 1) : 1));
  }
  throw new ShapeError({
    op: name,
    problem: "gamma does not fit",
    received: `${formatShape(gamma)} for ${formatShape(x)}`,
    allowed: `(1,) or one per index of axis ${axis}`,
  });
}

/** The slope below 0: gamma, laid along its axis, or the attribute. */
function slopeOf(ins: readonly Value[], { slope }: LeakyAttrs): Value | number {
  const gamma = ins[1];
  if (gamma === undefined) return slope;
  return reshape(gamma, gammaShape(nth(name, ins, 0).type.shape, gamma.type.shape));
}

export const leakyReLUOp = defineOp<LeakyAttrs>({
  name,
  arity: { min: 1, max: 2 },
  attrs: { actType: "string", slope: "number" },
  infer(ins, { actType }) {
    leakyRow(actType);
    const [x, gamma] = [nth(name, ins, 0), ins[1]];
    if ((gamma !== undefined) !== (actType === "prelu")) {
      throw new ArgumentError({
        op: name,
        problem: "wrong number of arguments",
        received: `${ins.length} with actType ${actType}`,
        allowed: "x and gamma for prelu, x for all others",
      });
    }
    sameDType(name, ins);
    if (gamma !== undefined) gammaShape(x.shape, gamma.shape);
    return [x];
  },
  compose: (ins, attrs) => [leakyRow(attrs.actType).value(nth(name, ins, 0), slopeOf(ins, attrs))],
  vjp: {
    rule({ ins, outs, heads, attrs }) {
      const [x, y, gamma, head] = [nth(name, ins, 0), nth(name, outs, 0), ins[1], headOf(heads)];
      const dx = leakyRow(attrs.actType).vjp(head, x, y, slopeOf(ins, attrs));
      if (gamma === undefined) return [dx];
      const below = select(greater(x, 0), 0, mul(head, x));
      const laid = gammaShape(x.type.shape, gamma.type.shape);
      return [dx, reshape(sumTo(below, laid), gamma.type.shape)];
    },
  },
  docs: [
    "Above 0 the identity, below 0 a slope or curve; `prelu` takes slopes as its second argument.",
    "Derivative at 0 that from below. `gelu` is `x Phi(x)` with the error function.",
  ].join("\n"),
});

/**
 * A rectifier that lets something through below 0.
 *
 * - `leaky`: `slope * x`; `prelu`: `gamma * x`, with `gamma` along axis 1
 * - `rrelu`: the mean of both bounds times x, as MXNet has it outside training
 * - `elu`: `slope * (e**x - 1)`; `selu`: the same with fixed constants; `gelu`: `x * Phi(x)`
 *
 * @param x any shape and dtype; (batch, channels, ...) where gamma has one slope per channel
 * @param gamma slopes of `prelu`, shape (1,) or (channels,); for the other functions there is none
 * @returns x's shape and dtype
 * @throws AttributeError for an unknown `actType`; ArgumentError for a missing or superfluous
 *   gamma; ShapeError for a gamma that does not fit
 * @derivative at 0 that from below; `selu` by its true derivative, where MXNet's is wrong
 * @edges NaN stays; at NaN the gradient of `leaky` and `rrelu` is the slope
 * @edges `gelu` is NaN at -inf, where the formula is -inf times 0
 * @example
 * ```ts
 * nd.LeakyReLU(nd.array([-4, 2]), { actType: "leaky", slope: 0.5 }); // [-2.  2.]
 * nd.LeakyReLU(nd.array([-4, 2]), nd.array([0.1]), { actType: "prelu" }); // [-0.4  2. ]
 * ```
 */
export function LeakyReLU<T extends Operand<T>>(
  x: T,
  gamma: T,
  options: Partial<LeakyReLUOptions>,
): T;
export function LeakyReLU<T extends Operand<T>>(x: T, options?: Partial<LeakyReLUOptions>): T;
export function LeakyReLU<T extends Operand<T>>(
  x: T,
  second?: T | Partial<LeakyReLUOptions>,
  third?: Partial<LeakyReLUOptions>,
): T {
  const gamma = isGamma<T>(second) ? second : undefined;
  const options = isGamma<T>(second) ? third : second;
  const { actType, slope, lowerBound, upperBound } = readOptions(name, options, leakyDefaults);
  checkChoice(name, "actType", actType, leakyTypes);
  checkOperands(name, [x]);
  const attrs = { actType, slope: actType === "rrelu" ? (lowerBound + upperBound) / 2 : slope };
  return applyOne(leakyReLUOp, gamma === undefined ? [x] : [x, gamma], attrs);
}

function isGamma<T>(value: unknown): value is T {
  return isOperand(value);
}

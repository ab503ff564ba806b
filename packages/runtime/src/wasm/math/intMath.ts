import type { BinaryFunction, UnaryFunction } from "@adjoint/graph";
import type { Value } from "../assembler/value.js";
import { lowerHalves, upperHalf } from "./halves.js";
import { LaneMath, type Vector } from "./laneMath.js";
import type { MathContext } from "./mathContext.js";
import { emitBinary, emitUnary } from "./vectorMath.js";

type IntUnary = (context: MathContext, x: Vector) => Vector;
type IntBinary = (context: MathContext, a: Vector, b: Vector) => Vector;

/** The two vectors of doubles that hold four integers. */
function toDoubles({ code }: MathContext, x: Vector): readonly [Vector, Vector] {
  const upper = code.shuffle(x, x, upperHalf);
  return [code.op("f64x2.convert_low_i32x4_s", x), code.op("f64x2.convert_low_i32x4_s", upper)];
}

/** JavaScript's `| 0` on four doubles: modulo 2^32, 0 for infinities and NaN. */
export function toIntegers(context: MathContext, low: Vector, high: Vector): Vector {
  const { code } = context;
  const math = new LaneMath(context, "f64x2");
  const convert = (x: Vector) => {
    const whole = math.truncate(x);
    const turns = math.floor(math.multiply(whole, 2 ** -32));
    // Below 2^32, and exact: both are multiples of the last bit of x.
    const rest = math.subtract(whole, math.multiply(turns, 2 ** 32));
    return code.op("i32x4.trunc_sat_f64x2_u_zero", rest);
  };
  return code.shuffle(convert(low), convert(high), lowerHalves);
}

/** Results that are doubles, brought back into the integers. */
function throughDoubles(fn: UnaryFunction): IntUnary {
  return (context, x) => {
    const [low, high] = toDoubles(context, x);
    return toIntegers(
      context,
      emitUnary(context, fn, "f64x2", low),
      emitUnary(context, fn, "f64x2", high),
    );
  };
}

function binaryThroughDoubles(fn: BinaryFunction): IntBinary {
  return (context, a, b) => {
    const [aLow, aHigh] = toDoubles(context, a);
    const [bLow, bHigh] = toDoubles(context, b);
    return toIntegers(
      context,
      emitBinary(context, fn, "f64x2", aLow, bLow),
      emitBinary(context, fn, "f64x2", aHigh, bHigh),
    );
  };
}

const same: IntUnary = (_, x) => x;
const zero = ({ code, constants }: MathContext) => code.constant(32, constants.i32x4(0));

/** -1, 0 or 1: the masks of x < 0 and of x > 0 are -1. */
const sign: IntUnary = (context, x) => {
  const { code } = context;
  const none = zero(context);
  const positive = code.op("i32x4.gt_s", x, none);
  return code.op("i32x4.sub", code.op("i32x4.lt_s", x, none), positive);
};

type IntInstruction =
  | ("add" | "sub" | "mul" | "max_s" | "min_s")
  | ("eq" | "ne" | "lt_s" | "le_s" | "gt_s" | "ge_s");

function instruction(name: IntInstruction): IntBinary {
  return ({ code }, a, b) => code.op(`i32x4.${name}`, a, b);
}

function logical(name: "and" | "or" | "xor"): IntBinary {
  return (context, a, b) => {
    const { code } = context;
    const none = zero(context);
    const first = code.op("i32x4.ne", a, none);
    return code.op(`v128.${name}`, first, code.op("i32x4.ne", b, none));
  };
}

const unaryForms: { readonly [F in UnaryFunction]: IntUnary } = {
  neg: ({ code }, x) => code.op("i32x4.neg", x),
  abs: ({ code }, x) => code.op("i32x4.abs", x),
  sign,
  ceil: same,
  floor: same,
  round: same,
  rint: same,
  trunc: same,
  exp: throughDoubles("exp"),
  expm1: throughDoubles("expm1"),
  log: throughDoubles("log"),
  log1p: throughDoubles("log1p"),
  log2: throughDoubles("log2"),
  log10: throughDoubles("log10"),
  sqrt: throughDoubles("sqrt"),
  cbrt: throughDoubles("cbrt"),
  sin: throughDoubles("sin"),
  cos: throughDoubles("cos"),
  tan: throughDoubles("tan"),
  asin: throughDoubles("asin"),
  acos: throughDoubles("acos"),
  atan: throughDoubles("atan"),
  sinh: throughDoubles("sinh"),
  cosh: throughDoubles("cosh"),
  tanh: throughDoubles("tanh"),
  asinh: throughDoubles("asinh"),
  acosh: throughDoubles("acosh"),
  atanh: throughDoubles("atanh"),
  sigmoid: throughDoubles("sigmoid"),
  erf: throughDoubles("erf"),
  erfc: throughDoubles("erfc"),
  erfinv: throughDoubles("erfinv"),
  gamma: throughDoubles("gamma"),
  lgamma: throughDoubles("lgamma"),
  not: (context, x) => context.code.op("i32x4.eq", x, zero(context)),
  isNaN: zero,
};

const binaryForms: { readonly [F in BinaryFunction]: IntBinary } = {
  add: instruction("add"),
  sub: instruction("sub"),
  mul: instruction("mul"),
  div: binaryThroughDoubles("div"),
  mod: binaryThroughDoubles("mod"),
  pow: binaryThroughDoubles("pow"),
  max: instruction("max_s"),
  min: instruction("min_s"),
  atan2: binaryThroughDoubles("atan2"),
  hypot: binaryThroughDoubles("hypot"),
  polygamma: binaryThroughDoubles("polygamma"),
  eq: instruction("eq"),
  ne: instruction("ne"),
  lt: instruction("lt_s"),
  le: instruction("le_s"),
  gt: instruction("gt_s"),
  ge: instruction("ge_s"),
  and: logical("and"),
  or: logical("or"),
  xor: logical("xor"),
};

/**
 * Emits a function of four 32-bit integers; results outside of them wrap around, and fractions are
 * dropped. `not` and `isNaN` give masks: lanes of all ones or all zeros.
 */
export function emitIntUnary(
  context: MathContext,
  fn: UnaryFunction,
  x: Value<"v128">,
): Value<"v128"> {
  return unaryForms[fn](context, x);
}

/**
 * Emits a function of four pairs of 32-bit integers. `div` truncates; a quotient by 0 is 0, so that
 * whoever must refuse it looks at the divisors. Comparisons and logical functions give masks.
 */
export function emitIntBinary(
  context: MathContext,
  fn: BinaryFunction,
  a: Value<"v128">,
  b: Value<"v128">,
): Value<"v128"> {
  return binaryForms[fn](context, a, b);
}

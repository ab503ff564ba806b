import type { BinaryFunction, UnaryFunction } from "@adjoint/graph";
import type { Value } from "../assembler/value.js";
import { erf, erfc, erfcOfSingles, erfinv } from "./errorFunction.js";
import { exp, expm1, sigmoid } from "./exponential.js";
import { gamma } from "./gamma.js";
import { binaryThroughDoubles, throughDoubles } from "./halves.js";
import { acosh, asinh, atanh, cosh, singles, sinh, tanh } from "./hyperbolic.js";
import { acos, asin, atan, atan2 } from "./inverseTrigonometric.js";
import { LaneMath, type Vector } from "./laneMath.js";
import { log, log1p, log2, log10 } from "./logarithm.js";
import { lgamma } from "./logGamma.js";
import type { MathContext, VectorType } from "./mathContext.js";
import { polygamma } from "./polygamma.js";
import { pow, powOfSingles } from "./power.js";
import { mod } from "./remainder.js";
import { cbrt, hypot, hypotOfSingles } from "./roots.js";
import { rint, round, sign } from "./rounding.js";
import { cos, sin, tan, tanOfSingles } from "./trigonometric.js";

export type { MathContext, VectorType } from "./mathContext.js";

type Unary = (math: LaneMath, x: Vector) => Vector;
type Binary = (math: LaneMath, a: Vector, b: Vector) => Vector;

/** How a function is computed for each type of lanes. */
interface Forms<F> {
  readonly f32x4: F;
  readonly f64x2: F;
}

/** One formula for both types, in place. */
function inline<F>(form: F): Forms<F> {
  return { f32x4: form, f64x2: form };
}

/**
 * In doubles a helper of the module, in singles by way of it, or of a cheaper formula where that is
 * given.
 */
function inDoubles(name: string, form: Unary, ofSingles?: Unary): Forms<Unary> {
  const call: Unary = (math, x) => math.callUnary(name, x, form);
  const callForSingles: Unary = (math, x) =>
    ofSingles === undefined ? call(math, x) : math.callUnary(`${name}OfSingles`, x, ofSingles);
  return { f32x4: (math, x) => throughDoubles(math, x, callForSingles), f64x2: call };
}

/** In place for singles, a helper for doubles. */
function shortForSingles(name: string, form: Unary): Forms<Unary> {
  return { f32x4: form, f64x2: (math, x) => math.callUnary(name, x, form) };
}

function binaryInDoubles(name: string, form: Binary, ofSingles?: Binary): Forms<Binary> {
  const call: Binary = (math, a, b) => math.callBinary(name, a, b, form);
  const callForSingles: Binary = (math, a, b) =>
    ofSingles === undefined
      ? call(math, a, b)
      : math.callBinary(`${name}OfSingles`, a, b, ofSingles);
  return {
    f32x4: (math, a, b) => binaryThroughDoubles(math, a, b, callForSingles),
    f64x2: call,
  };
}

type UnaryInstruction = "neg" | "abs" | "ceil" | "floor" | "trunc" | "sqrt";

function instruction(name: UnaryInstruction): Forms<Unary> {
  return inline((math, x) => math.context.code.op(`${math.type}.${name}`, x));
}

type BinaryInstruction =
  | ("add" | "sub" | "mul" | "div" | "max" | "min")
  | ("eq" | "ne" | "lt" | "le" | "gt" | "ge");

function binaryInstruction(name: BinaryInstruction): Forms<Binary> {
  return inline((math, a, b) => math.context.code.op(`${math.type}.${name}`, a, b));
}

/** A logical function of whether each operand is not 0. */
function logical(name: "and" | "or" | "xor"): Forms<Binary> {
  return inline((math, a, b) =>
    math.context.code.op(`v128.${name}`, math.notEqual(a, 0), math.notEqual(b, 0)),
  );
}

const singleLog2: Unary = (math, x) => math.multiply(log(math, x), Math.LOG2E);
const singleLog10: Unary = (math, x) => math.multiply(log(math, x), Math.LOG10E);

const unaryForms: { readonly [F in UnaryFunction]: Forms<Unary> } = {
  neg: instruction("neg"),
  abs: instruction("abs"),
  sign: inline(sign),
  ceil: instruction("ceil"),
  floor: instruction("floor"),
  round: inline(round),
  rint: inline(rint),
  trunc: instruction("trunc"),
  exp: inline(exp),
  expm1: inline(expm1),
  log: inline(log),
  log1p: inline(log1p),
  log2: inDoubles("log2", log2, singleLog2),
  log10: inDoubles("log10", log10, singleLog10),
  sqrt: instruction("sqrt"),
  cbrt: inDoubles("cbrt", cbrt),
  sin: shortForSingles("sin", sin),
  cos: shortForSingles("cos", cos),
  tan: inDoubles("tan", tan, tanOfSingles),
  asin: inDoubles("asin", asin),
  acos: inDoubles("acos", acos),
  atan: inDoubles("atan", atan),
  sinh: inDoubles("sinh", sinh, singles.sinh),
  cosh: inDoubles("cosh", cosh, singles.cosh),
  tanh: inline(tanh),
  asinh: inDoubles("asinh", asinh, singles.asinh),
  acosh: inDoubles("acosh", acosh, singles.acosh),
  atanh: inDoubles("atanh", atanh, singles.atanh),
  sigmoid: inline(sigmoid),
  erf: shortForSingles("erf", erf),
  erfc: inDoubles("erfc", erfc, erfcOfSingles),
  erfinv: inDoubles("erfinv", erfinv),
  gamma: inDoubles("gamma", gamma),
  lgamma: inDoubles("lgamma", lgamma),
  not: inline((math, x) => math.equal(x, 0)),
  isNaN: inline((math, x) => math.isNaN(x)),
};

const binaryForms: { readonly [F in BinaryFunction]: Forms<Binary> } = {
  add: binaryInstruction("add"),
  sub: binaryInstruction("sub"),
  mul: binaryInstruction("mul"),
  div: binaryInstruction("div"),
  mod: binaryInDoubles("mod", mod),
  pow: binaryInDoubles("pow", pow, powOfSingles),
  max: binaryInstruction("max"),
  min: binaryInstruction("min"),
  atan2: binaryInDoubles("atan2", atan2),
  hypot: binaryInDoubles("hypot", hypot, hypotOfSingles),
  polygamma: binaryInDoubles("polygamma", polygamma),
  eq: binaryInstruction("eq"),
  ne: binaryInstruction("ne"),
  lt: binaryInstruction("lt"),
  le: binaryInstruction("le"),
  gt: binaryInstruction("gt"),
  ge: binaryInstruction("ge"),
  and: logical("and"),
  or: logical("or"),
  xor: logical("xor"),
};

/**
 * Emits a function of one vector, with the meaning that `@adjoint/graph` gives it. Cheap functions
 * are written in place; expensive ones are helpers of the module. A lane's result does not depend
 * on the other lanes. `not` and `isNaN` give masks: lanes of all ones or all zeros, as wide as the
 * operand's.
 *
 * Errors in units in the last place, for all numbers, denormal ones too: at most 1.6 for singles,
 * and 1/2 for those that go by way of doubles; at most 1.6 for doubles. The tests hold a bound for
 * each function.
 *
 * @example
 * ```ts
 * const y = emitUnary(context, "tanh", "f32x4", x);
 * ```
 */
export function emitUnary(
  context: MathContext,
  fn: UnaryFunction,
  type: VectorType,
  x: Value<"v128">,
): Value<"v128"> {
  return unaryForms[fn][type](new LaneMath(context, type), x);
}

/**
 * Emits a function of two vectors. Comparisons and logical functions give masks, as wide as the
 * operands.
 *
 * Errors are as for functions of one vector, but for two ranges of polygamma in doubles, where terms
 * cancel next to its zeros: digamma of x < -32 may be off by 2^-57, and derivatives of even order, for
 * negative x, by 2^-62 of n! / d^(n + 1) with d the distance to the nearest pole.
 */
export function emitBinary(
  context: MathContext,
  fn: BinaryFunction,
  type: VectorType,
  a: Value<"v128">,
  b: Value<"v128">,
): Value<"v128"> {
  return binaryForms[fn][type](new LaneMath(context, type), a, b);
}

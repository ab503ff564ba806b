import type { BinaryFunction, UnaryFunction } from "@adjoint/graph";
import type {
  int64BinaryLoops,
  int64Predicates,
  int64Relations,
  int64UnaryLoops,
} from "../../kernels/int64/scalarTables.js";
import type { FunctionBuilder, Value } from "../assembler/index.js";
import type { Vector } from "./laneMath.js";
import type { MathContext } from "./mathContext.js";

type Int64Unary = keyof typeof int64UnaryLoops | keyof typeof int64Predicates;
type Int64Binary = keyof typeof int64BinaryLoops | keyof typeof int64Relations;
type Unary = (context: MathContext, x: Vector) => Vector;
type Binary = (context: MathContext, a: Vector, b: Vector) => Vector;

const zero = ({ code, constants }: MathContext) => code.constant(64, constants.i64x2(0n));
const same: Unary = (_, x) => x;

const isNotZero: Unary = (context, x) => context.code.op("i64x2.ne", x, zero(context));

type Instruction = "add" | "sub" | "mul" | "eq" | "ne" | "lt_s" | "le_s" | "gt_s" | "ge_s";

function instruction(name: Instruction): Binary {
  return ({ code }, a, b) => code.op(`i64x2.${name}`, a, b);
}

function larger(name: "gt_s" | "lt_s"): Binary {
  return ({ code }, a, b) => code.op("v128.bitselect", a, b, code.op(`i64x2.${name}`, a, b));
}

function logical(name: "and" | "or" | "xor"): Binary {
  return (context, a, b) =>
    context.code.op(`v128.${name}`, isNotZero(context, a), isNotZero(context, b));
}

/** A function of single elements, in a helper of the module. */
function laneByLane(
  name: string,
  write: (code: FunctionBuilder, a: Value<"i64">, b: Value<"i64">) => void,
): Binary {
  return ({ code, outOfLine }, a, b) => {
    const type = { params: ["i64", "i64"], results: ["i64"] } as const;
    const helper = outOfLine.function(`i64.${name}`, type, (inner) =>
      write(inner, inner.param(0, "i64"), inner.param(1, "i64")),
    );
    const resultOf = (lane: number) => {
      const [x, y] = [
        code.lane("i64x2.extract_lane", lane, a),
        code.lane("i64x2.extract_lane", lane, b),
      ];
      return code.callFor(helper, "i64", x, y);
    };
    return code.lane("i64x2.replace_lane", 1, code.op("i64x2.splat", resultOf(0)), resultOf(1));
  };
}

/** Truncates; 0 for divisor 0. The one quotient that does not fit, by -1, wraps. */
function writeQuotient(code: FunctionBuilder, a: Value<"i64">, b: Value<"i64">): void {
  code.if(code.op("i64.eqz", b), () => code.return(b));
  code.if(code.op("i64.eq", b, code.i64(-1n)), () =>
    code.return(code.op("i64.sub", code.i64(0n), a)),
  );
  code.return(code.op("i64.div_s", a, b));
}

/** The remainder with the sign of the divisor; 0 for divisor 0. */
function writeRemainder(code: FunctionBuilder, a: Value<"i64">, b: Value<"i64">): void {
  code.if(code.op("i64.eqz", b), () => code.return(b));
  const rest = code.op("i64.rem_s", a, b);
  const none = code.op("i64.eqz", rest);
  const agrees = code.op("i64.ge_s", code.op("i64.xor", rest, b), code.i64(0n));
  const moved = code.op("i64.add", rest, b);
  code.return(code.select(code.op("i32.or", none, agrees), rest, moved));
}

/**
 * By squaring, modulo 2^64. Of a negative power the fraction is dropped: what is left is 0, but for
 * bases 1 and -1, whose power with the opposite exponent is the same.
 */
function writePower(code: FunctionBuilder, a: Value<"i64">, b: Value<"i64">): void {
  const [nothing, one, minusOne] = [code.i64(0n), code.i64(1n), code.i64(-1n)];
  const rest = code.variable("i64", b);
  code.if(code.op("i64.lt_s", b, nothing), () => {
    const isUnit = code.op("i32.or", code.op("i64.eq", a, one), code.op("i64.eq", a, minusOne));
    code.if(code.op("i32.eqz", isUnit), () => code.return(nothing));
    code.assign(rest, code.op("i64.and", b, one));
  });
  const [result, square] = [code.variable("i64", one), code.variable("i64", a)];
  code.block((end) => {
    code.loop((again) => {
      code.branchIf(code.op("i64.eqz", rest), end);
      const isOdd = code.op("i64.ne", code.op("i64.and", rest, one), nothing);
      code.assign(result, code.select(isOdd, code.op("i64.mul", result, square), result));
      code.assign(square, code.op("i64.mul", square, square));
      code.assign(rest, code.op("i64.shr_u", rest, one));
      code.branch(again);
    });
  });
  code.return(result);
}

const unaryForms: { readonly [F in Int64Unary]: Unary } = {
  neg: ({ code }, x) => code.op("i64x2.neg", x),
  abs: ({ code }, x) => code.op("i64x2.abs", x),
  // The masks of x < 0 and of x > 0 are -1.
  sign(context, x) {
    const { code } = context;
    const none = zero(context);
    const negative = code.op("i64x2.lt_s", x, none);
    return code.op("i64x2.sub", negative, code.op("i64x2.gt_s", x, none));
  },
  ceil: same,
  floor: same,
  round: same,
  rint: same,
  trunc: same,
  not: (context, x) => context.code.op("i64x2.eq", x, zero(context)),
  isNaN: zero,
};

const binaryForms: { readonly [F in Int64Binary]: Binary } = {
  add: instruction("add"),
  sub: instruction("sub"),
  mul: instruction("mul"),
  div: laneByLane("div", writeQuotient),
  mod: laneByLane("mod", writeRemainder),
  pow: laneByLane("pow", writePower),
  max: larger("gt_s"),
  min: larger("lt_s"),
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

function isUnary(fn: UnaryFunction): fn is Int64Unary {
  return Object.hasOwn(unaryForms, fn);
}

function isBinary(fn: BinaryFunction): fn is Int64Binary {
  return Object.hasOwn(binaryForms, fn);
}

/** Whether a function is exact on int64; others are refused wherever a program is run. */
export function isInt64Function(fn: UnaryFunction | BinaryFunction): boolean {
  return Object.hasOwn(unaryForms, fn) || Object.hasOwn(binaryForms, fn);
}

/**
 * Emits a function of two 64-bit integers; results wrap modulo 2^64. `not` and `isNaN` give masks:
 * lanes of all ones or all zeros.
 */
export function emitInt64Unary(context: MathContext, fn: UnaryFunction, x: Vector): Vector {
  if (!isUnary(fn)) throw new TypeError(`${fn} is not exact on int64`);
  return unaryForms[fn](context, x);
}

/**
 * Emits a function of two pairs of 64-bit integers. `div` truncates; a quotient by 0 is 0, so that
 * whoever must refuse it looks at the divisors. Comparisons and logical functions give masks.
 */
export function emitInt64Binary(
  context: MathContext,
  fn: BinaryFunction,
  a: Vector,
  b: Vector,
): Vector {
  if (!isBinary(fn)) throw new TypeError(`${fn} is not exact on int64`);
  return binaryForms[fn](context, a, b);
}

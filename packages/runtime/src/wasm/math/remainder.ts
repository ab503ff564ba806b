import type { FunctionBuilder, FunctionRef } from "../assembler/functionBuilder.js";
import type { Value } from "../assembler/value.js";
import type { LaneMath, Vector } from "./laneMath.js";
import type { MathContext } from "./mathContext.js";

/**
 * Quotients below are whole numbers of 26 bits, whose products with halves of a divisor are exact.
 */
const largestQuotient = 2 ** 26;

/**
 * The remainder of doubles with the sign of the divisor, exact but for the last addition; 0 for
 * divisor 0. Where a quotient is large, bit by bit.
 */
export function mod(math: LaneMath, a: Vector, b: Vector): Vector {
  const { code } = math.context;
  const [size, divisor] = [math.absolute(a), math.absolute(b)];
  const quotient = math.truncate(math.divide(size, divisor));
  const value = code.variable("v128", shortRemainder(math, size, divisor, quotient));
  const isShort = math.less(quotient, largestQuotient);
  const isPlain = math.and(math.less(2 ** -900, divisor), math.less(divisor, Infinity));
  const isUsual = math.and(isShort, isPlain);
  code.if(math.any(math.not(isUsual)), () => {
    const exact = math.callBinary("longRemainder", size, divisor, longRemainders);
    code.assign(value, math.select(isUsual, value, exact));
  });
  const truncated = math.xor(value, math.signOf(a));
  const isZero = math.equal(truncated, 0);
  const differs = math.less(math.multiply(signOne(math, truncated), signOne(math, b)), 0);
  const wrapped = math.add(truncated, b);
  const moved = math.select(math.and(differs, math.not(isZero)), wrapped, truncated);
  return math.select(math.equal(b, 0), 0, moved);
}

function signOne(math: LaneMath, x: Vector): Vector {
  return math.withSign(math.vector(1), x);
}

/** size - quotient divisor, exactly; the rounded quotient may be 1 too large. */
function shortRemainder(math: LaneMath, size: Vector, divisor: Vector, quotient: Vector): Vector {
  const high = math.and(divisor, math.bits(-(1n << 27n)));
  const low = math.subtract(divisor, high);
  const first = math.subtract(size, math.multiply(quotient, high));
  const rest = math.subtract(first, math.multiply(quotient, low));
  return math.select(math.less(rest, 0), math.add(rest, divisor), rest);
}

function longRemainders(math: LaneMath, a: Vector, b: Vector): Vector {
  const { code } = math.context;
  const helper = scalarHelper(math.context);
  const remainder = (lane: number) =>
    code.callFor(
      helper,
      "f64",
      code.lane("f64x2.extract_lane", lane, a),
      code.lane("f64x2.extract_lane", lane, b),
    );
  const splat = code.op("f64x2.splat", remainder(0));
  const value = code.lane("f64x2.replace_lane", 1, splat, remainder(1));
  const isDefined = math.and(math.less(a, Infinity), math.less(0, b));
  const checked = math.select(isDefined, value, NaN);
  const isWhole = math.and(math.less(a, Infinity), math.equal(b, Infinity));
  return math.select(isWhole, a, math.select(math.isNaN(b), b, checked));
}

type Long = Value<"i64">;

/** The remainder of two numbers >= 0 by long division of their integers, eleven bits at a time. */
function scalarHelper({ outOfLine }: MathContext): FunctionRef {
  const type = { params: ["f64", "f64"], results: ["f64"] } as const;
  return outOfLine.function("remainder", type, (code) => {
    const dividend = decompose(code, code.param(0, "f64"));
    const divisor = decompose(code, code.param(1, "f64"));
    const rest = code.variable("i64", dividend.integer);
    const distance = code.variable("i64", code.op("i64.sub", dividend.exponent, divisor.exponent));
    // Integers that are too short stand for numbers below the divisor's.
    code.if(code.op("i64.lt_s", distance, code.i64(0n)), () => code.return(code.param(0, "f64")));
    // The divisor is 0 for lanes that are decided elsewhere.
    code.if(code.op("i64.eqz", divisor.integer), () => code.return(code.f64(0)));
    code.assign(rest, code.op("i64.rem_u", rest, divisor.integer));
    code.block((done) => {
      code.loop((again) => {
        code.branchIf(code.op("i64.eqz", distance), done);
        const isLong = code.op("i64.le_s", code.i64(11n), distance);
        const step = code.select(isLong, code.i64(11n), distance);
        const longer = code.op("i64.shl", rest, step);
        code.assign(rest, code.op("i64.rem_u", longer, divisor.integer));
        code.assign(distance, code.op("i64.sub", distance, step));
        code.branch(again);
      });
    });
    code.return(compose(code, rest, divisor.exponent));
  });
}

/** x = integer 2^(exponent - 1075) */
function decompose(code: FunctionBuilder, x: Value<"f64">): { integer: Long; exponent: Long } {
  const bits = code.op("i64.reinterpret_f64", x);
  const field = code.op("i64.shr_u", bits, code.i64(52n));
  const fraction = code.op("i64.and", bits, code.i64(0xfffffffffffffn));
  const isNormal = code.op("i64.lt_s", code.i64(0n), field);
  const whole = code.op("i64.or", fraction, code.i64(1n << 52n));
  return {
    integer: code.select(isNormal, whole, fraction),
    exponent: code.select(isNormal, field, code.i64(1n)),
  };
}

/** integer 2^(exponent - 1075), which is a number: it has the divisor's last bit. */
function compose(code: FunctionBuilder, integer: Long, exponent: Long): Value<"f64"> {
  const power = (value: Long) =>
    code.op("f64.reinterpret_i64", code.op("i64.shl", value, code.i64(52n)));
  const factor = power(exponent);
  const whole = code.op("f64.convert_i64_s", integer);
  // 2^(exponent - 1023), then 2^-52.
  const isTiny = code.op("i64.lt_s", exponent, code.i64(54n));
  const small = code.op("f64.mul", whole, code.f64(2 ** -1074));
  const tiny = code.op("f64.mul", small, power(code.op("i64.add", exponent, code.i64(1022n))));
  const usual = code.op("f64.mul", code.op("f64.mul", whole, code.f64(2 ** -52)), factor);
  return code.select(isTiny, tiny, usual);
}

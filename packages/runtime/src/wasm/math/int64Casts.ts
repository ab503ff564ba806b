import type { FunctionBuilder, Value } from "../assembler/index.js";
import type { Vector } from "./laneMath.js";
import type { MathContext } from "./mathContext.js";

/** The two doubles nearest to two 64-bit integers. */
export function doublesOfLongs({ code }: MathContext, longs: Vector): Vector {
  const [first, second] = lanesOf(code, longs);
  const low = code.op("f64x2.splat", code.op("f64.convert_i64_s", first));
  return code.lane("f64x2.replace_lane", 1, low, code.op("f64.convert_i64_s", second));
}

/** The four singles nearest to four 64-bit integers. */
export function singlesOfLongs({ code }: MathContext, low: Vector, high: Vector): Vector {
  const [first, second] = lanesOf(code, low);
  const others = [second, ...lanesOf(code, high)];
  const start = code.op("f32x4.splat", code.op("f32.convert_i64_s", first));
  return others.reduce(
    (singles, long, i) =>
      code.lane("f32x4.replace_lane", i + 1, singles, code.op("f32.convert_i64_s", long)),
    start,
  );
}

/** Two doubles as 64-bit integers: the fraction dropped, modulo 2^64, 0 for infinities and NaN. */
export function longsOfDoubles({ code, outOfLine }: MathContext, doubles: Vector): Vector {
  const type = { params: ["f64"], results: ["i64"] } as const;
  const helper = outOfLine.function("i64.fromDouble", type, writeLongOfDouble);
  const [first, second] = [0, 1].map((lane) => {
    const double = code.lane("f64x2.extract_lane", lane, doubles);
    return code.callFor(helper, "i64", double);
  });
  if (first === undefined || second === undefined) throw new RangeError("two lanes");
  return code.lane("i64x2.replace_lane", 1, code.op("i64x2.splat", first), second);
}

/** What is beyond 64 bits is a whole number, whose significand is moved to its place. */
function writeLongOfDouble(code: FunctionBuilder): void {
  const x = code.param(0, "f64");
  code.if(code.op("f64.lt", code.op("f64.abs", x), code.f64(2 ** 63)), () =>
    code.return(code.op("i64.trunc_sat_f64_s", x)),
  );
  const bits = code.op("i64.reinterpret_f64", x);
  const exponent = code.op("i64.and", code.op("i64.shr_u", bits, code.i64(52n)), code.i64(0x7ffn));
  const shift = code.op("i64.sub", exponent, code.i64(1075n));
  code.if(code.op("i64.ge_s", shift, code.i64(64n)), () => code.return(code.i64(0n)));
  const fraction = code.op("i64.and", bits, code.i64(2n ** 52n - 1n));
  const whole = code.op("i64.or", fraction, code.i64(2n ** 52n));
  const size = code.op("i64.shl", whole, shift);
  const negative = code.op("i64.sub", code.i64(0n), size);
  code.return(code.select(code.op("i64.lt_s", bits, code.i64(0n)), negative, size));
}

function lanesOf(code: FunctionBuilder, longs: Vector): readonly [Value<"i64">, Value<"i64">] {
  return [code.lane("i64x2.extract_lane", 0, longs), code.lane("i64x2.extract_lane", 1, longs)];
}

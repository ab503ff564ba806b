import { inverses, logOf2, lowestHigh, series } from "../../random/logOfDouble.js";
import { centres, cubic, lowest, quadratic, quartic } from "../../random/logOfFloat.js";
import type { Value } from "../assembler/index.js";
import type { MathContext } from "../math/mathContext.js";

type Double = Value<"f64">;

/** Arithmetic in doubles. */
function arithmetic({ code }: MathContext) {
  return {
    add: (a: Double, b: Double) => code.op("f64.add", a, b),
    subtract: (a: Double, b: Double) => code.op("f64.sub", a, b),
    multiply: (a: Double, b: Double) => code.op("f64.mul", a, b),
    single: (x: Double) => code.op("f64.promote_f32", code.op("f32.demote_f64", x)),
  };
}

/** `logOfFloat`, of a float32 as a double. */
export function emitLogOfFloat(math: MathContext, x: Double): Double {
  const { code, constants } = math;
  const { add, subtract, multiply, single } = arithmetic(math);
  const whole = code.op("i32.reinterpret_f32", code.op("f32.demote_f64", x));
  const above = code.op("i32.sub", whole, lowest);
  const exponent = code.op("i32.shr_s", above, 23);
  const bits = code.op("i32.sub", whole, code.op("i32.shl", exponent, 23));
  const z = code.op("f64.promote_f32", code.op("f32.reinterpret_i32", bits));
  const part = code.op("i32.and", code.op("i32.shr_s", above, 15), 15 << 4);
  const table = constants.addressOf(new Uint8Array(new Float64Array(centres.flat()).buffer));
  const row = code.op("i32.add", part, table);
  const r = subtract(multiply(z, code.load("f64.load", row)), code.f64(1));
  const square = multiply(r, r);
  const slope = add(multiply(code.f64(cubic), r), code.f64(quadratic));
  const tail = add(multiply(code.f64(quartic), square), slope);
  const scale = multiply(code.op("f64.convert_i32_s", exponent), code.f64(Math.LN2));
  const head = add(add(code.load("f64.load", row, 8), scale), r);
  return single(add(multiply(tail, square), head));
}

/** `logOfDouble`, with the same bits. */
export function emitLogOfDouble(math: MathContext, x: Double): Double {
  const { code, constants } = math;
  const { add, subtract, multiply, single } = arithmetic(math);
  const whole = code.op("i64.reinterpret_f64", x);
  const high = code.op("i32.wrap_i64", code.op("i64.shr_u", whole, code.i64(32n)));
  const above = code.op("i32.sub", high, lowestHigh);
  const exponent = code.op("i32.shr_s", above, 20);
  const scale = code.op("i64.shl", code.op("i64.extend_i32_s", exponent), code.i64(52n));
  const z = code.op("f64.reinterpret_i64", code.op("i64.sub", whole, scale));
  const part = code.op("i32.and", code.op("i32.shr_s", above, 13), 127);
  const table = constants.addressOf(new Uint8Array(inverses.buffer));
  const row = code.op("i32.add", code.op("i32.mul", part, 24), table);
  const c = code.load("f64.load", row);

  const front = single(z);
  const a = subtract(multiply(front, c), code.f64(1));
  const b = multiply(subtract(z, front), c);
  const r = add(a, b);
  const rest = subtract(r, a);
  const low = add(subtract(a, subtract(r, rest)), subtract(b, rest));

  const s = single(r);
  const t = subtract(r, s);
  const half = code.f64(0.5);
  const square = multiply(multiply(half, s), s);
  const [ninth, ...others] = series;
  const cubicTerm = others.reduce(
    (sum, next) => add(multiply(sum, r), code.f64(next)),
    code.f64(ninth),
  );

  const k = code.op("f64.convert_i32_s", exponent);
  const head = add(multiply(k, code.f64(logOf2[0])), code.load("f64.load", row, 8));
  const first = add(head, r);
  const second = subtract(first, square);
  const errors = add(add(subtract(head, first), r), subtract(subtract(first, second), square));
  const tails = add(multiply(k, code.f64(logOf2[1])), code.load("f64.load", row, 16));
  const halfCross = multiply(multiply(half, t), add(s, r));
  const small = subtract(subtract(add(tails, low), halfCross), multiply(r, low));
  const cube = multiply(multiply(multiply(cubicTerm, r), r), r);
  return add(second, add(errors, add(small, cube)));
}

import type { FunctionBuilder } from "../assembler/index.js";

/**
 * The number that 16 raw bits stand for. Exponent and fraction, moved to where a single has them,
 * are 2^112 times too small, those of infinities and NaN too.
 */
export function writeDecodeHalf(code: FunctionBuilder): void {
  const half = code.param(0, "i32");
  const size = code.op("i32.and", half, 0x7fff);
  const bits = code.variable("i32", code.op("i32.shl", size, 13));
  const scale = code.variable("f64", code.f64(2 ** 112));
  code.if(code.op("i32.ge_s", size, 0x7c00), () => {
    code.assign(bits, code.op("i32.or", bits, 0x7f800000));
    code.assign(scale, code.f64(1));
  });
  const single = code.op("f32.reinterpret_i32", bits);
  const value = code.op("f64.mul", code.op("f64.promote_f32", single), scale);
  const sign = code.op("f64.convert_i32_s", code.op("i32.sub", 0x7fff, half));
  const signed = code.op("f64.copysign", value, sign);
  code.return(signed);
}

/** The nearest float16 as 16 raw bits, ties to even; too large becomes infinity. */
export function writeEncodeHalf(code: FunctionBuilder): void {
  const value = code.param(0, "f64");
  code.if(code.op("f64.ne", value, value), () => code.return(0x7e00));
  const all = code.op("i64.reinterpret_f64", value);
  const sign = code.op(
    "i32.and",
    code.op("i32.wrap_i64", code.op("i64.shr_u", all, code.i64(48n))),
    0x8000,
  );
  const size = code.op("f64.abs", value);
  const infinite = code.op("i32.or", sign, 0x7c00);
  code.if(code.op("f64.ge", size, code.f64(65520)), () => code.return(infinite));
  code.if(code.op("f64.lt", size, code.f64(2 ** -14)), () => {
    // Multiples of 2^-24; a carry out of the fraction lands in the exponent, as it should.
    const units = code.op("f64.nearest", code.op("f64.mul", size, code.f64(2 ** 24)));
    code.return(code.op("i32.or", sign, code.op("i32.trunc_sat_f64_s", units)));
  });
  const bits = code.op("i64.reinterpret_f64", size);
  const lowest = code.op("i64.and", code.op("i64.shr_u", bits, code.i64(42n)), code.i64(1n));
  const half = code.op("i64.add", code.i64(2n ** 41n - 1n), lowest);
  const rounded = code.op("i64.shr_u", code.op("i64.add", bits, half), code.i64(42n));
  const biased = code.op("i32.sub", code.op("i32.wrap_i64", rounded), (1023 - 15) << 10);
  code.return(code.op("i32.or", sign, biased));
}

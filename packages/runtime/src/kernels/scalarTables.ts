import type { BinaryFunction, DType, UnaryFunction } from "@adjoint/graph";
import { mod, rint, roundHalfAway, sigmoid, sign, tanh } from "../math/elementary.js";
import { erf, erfc, erfinv } from "../math/erf.js";
import { gamma } from "../math/gamma.js";
import { lgamma } from "../math/logGamma.js";
import { polygamma } from "../math/polygamma.js";
import { power } from "../math/power.js";
import { convert } from "../storage.js";

/** `out[i] = f(x[i])` for the first `count` elements. */
export type UnaryLoop = (x: Float64Array, out: Float64Array, count: number) => void;

/** `out[i] = f(a[i], b[i])` for the first `count` elements. */
export type BinaryLoop = (
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  count: number,
) => void;

/**
 * Scalar functions of one argument in double precision. One loop each, so that none is shared by
 * many functions.
 */
export const unaryLoops: { readonly [F in UnaryFunction]: UnaryLoop } = {
  neg(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = -(x[i] ?? 0);
  },
  abs(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.abs(x[i] ?? 0);
  },
  sign(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = sign(x[i] ?? 0);
  },
  ceil(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.ceil(x[i] ?? 0);
  },
  floor(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.floor(x[i] ?? 0);
  },
  round(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = roundHalfAway(x[i] ?? 0);
  },
  rint(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = rint(x[i] ?? 0);
  },
  trunc(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.trunc(x[i] ?? 0);
  },
  exp(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.exp(x[i] ?? 0);
  },
  expm1(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.expm1(x[i] ?? 0);
  },
  log(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.log(x[i] ?? 0);
  },
  log1p(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.log1p(x[i] ?? 0);
  },
  log2(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.log2(x[i] ?? 0);
  },
  log10(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.log10(x[i] ?? 0);
  },
  sqrt(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.sqrt(x[i] ?? 0);
  },
  cbrt(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.cbrt(x[i] ?? 0);
  },
  sin(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.sin(x[i] ?? 0);
  },
  cos(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.cos(x[i] ?? 0);
  },
  tan(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.tan(x[i] ?? 0);
  },
  asin(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.asin(x[i] ?? 0);
  },
  acos(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.acos(x[i] ?? 0);
  },
  atan(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.atan(x[i] ?? 0);
  },
  sinh(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.sinh(x[i] ?? 0);
  },
  cosh(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.cosh(x[i] ?? 0);
  },
  tanh(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = tanh(x[i] ?? 0);
  },
  asinh(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.asinh(x[i] ?? 0);
  },
  acosh(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.acosh(x[i] ?? 0);
  },
  atanh(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.atanh(x[i] ?? 0);
  },
  sigmoid(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = sigmoid(x[i] ?? 0);
  },
  erf(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = erf(x[i] ?? 0);
  },
  erfc(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = erfc(x[i] ?? 0);
  },
  erfinv(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = erfinv(x[i] ?? 0);
  },
  gamma(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = gamma(x[i] ?? 0);
  },
  lgamma(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = lgamma(x[i] ?? 0);
  },
  not(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = x[i] === 0 ? 1 : 0;
  },
  isNaN(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Number.isNaN(x[i]) ? 1 : 0;
  },
};

/** Scalar functions of two arguments in double precision. */
export const binaryLoops: { readonly [F in BinaryFunction]: BinaryLoop } = {
  add(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0) + (b[i] ?? 0);
  },
  sub(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0) - (b[i] ?? 0);
  },
  mul(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0) * (b[i] ?? 0);
  },
  div(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0) / (b[i] ?? 0);
  },
  mod(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = mod(a[i] ?? 0, b[i] ?? 0);
  },
  pow(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = power(a[i] ?? 0, b[i] ?? 0);
  },
  max(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.max(a[i] ?? 0, b[i] ?? 0);
  },
  min(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.min(a[i] ?? 0, b[i] ?? 0);
  },
  atan2(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.atan2(a[i] ?? 0, b[i] ?? 0);
  },
  hypot(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.hypot(a[i] ?? 0, b[i] ?? 0);
  },
  polygamma(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = polygamma(a[i] ?? 0, b[i] ?? 0);
  },
  eq(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = a[i] === b[i] ? 1 : 0;
  },
  ne(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = a[i] !== b[i] ? 1 : 0;
  },
  lt(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0) < (b[i] ?? 0) ? 1 : 0;
  },
  le(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0) <= (b[i] ?? 0) ? 1 : 0;
  },
  gt(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0) > (b[i] ?? 0) ? 1 : 0;
  },
  ge(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0) >= (b[i] ?? 0) ? 1 : 0;
  },
  and(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = a[i] !== 0 && b[i] !== 0 ? 1 : 0;
  },
  or(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = a[i] !== 0 || b[i] !== 0 ? 1 : 0;
  },
  xor(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] !== 0) !== (b[i] !== 0) ? 1 : 0;
  },
};

/**
 * Integer arithmetic that doubles can't carry out: products modulo 2^32, and division that
 * truncates (the divisors are not 0). Others are computed in double precision, where sums of two
 * integers are exact.
 */
export const integerLoops: { readonly [F in "mul" | "div"]: BinaryLoop } = {
  mul(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.imul(a[i] ?? 0, b[i] ?? 0);
  },
  div(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.trunc((a[i] ?? 0) / (b[i] ?? 0));
  },
};

/** Conversion to each dtype in place of a cast, element by element; see `convert`. */
export const castLoops: { readonly [D in DType]: UnaryLoop } = {
  float32(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.fround(x[i] ?? 0);
  },
  float64(x, out, count) {
    out.set(x.subarray(0, count));
  },
  float16(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = convert.float16(x[i] ?? 0);
  },
  int32(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = (x[i] ?? 0) | 0;
  },
  int64(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = convert.int64(x[i] ?? 0);
  },
  int8(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = ((x[i] ?? 0) << 24) >> 24;
  },
  uint8(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = (x[i] ?? 0) & 255;
  },
  bool(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = x[i] !== 0 ? 1 : 0;
  },
};

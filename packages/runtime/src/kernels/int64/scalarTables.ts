import type { DType } from "@adjoint/graph";
import { convert, toInt64 } from "../../storage.js";

/** `out[i] = f(x[i])` for the first `count` elements; what does not fit 64 bits wraps. */
export type Int64UnaryLoop = (x: BigInt64Array, out: BigInt64Array, count: number) => void;

/** `out[i] = f(a[i], b[i])` for the first `count` elements; what does not fit 64 bits wraps. */
export type Int64BinaryLoop = (
  a: BigInt64Array,
  b: BigInt64Array,
  out: BigInt64Array,
  count: number,
) => void;

/** `out[i]` is 1 where the relation holds, else 0. */
export type Int64Relation = (
  a: BigInt64Array,
  b: BigInt64Array,
  out: Float64Array,
  count: number,
) => void;

const same: Int64UnaryLoop = (x, out, count) => out.set(x.subarray(0, count));

/** The functions of one argument whose results are integers. */
export const int64UnaryLoops = {
  neg(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = -(x[i] ?? 0n);
  },
  abs(x, out, count) {
    for (let i = 0; i < count; i++) {
      const value = x[i] ?? 0n;
      out[i] = value < 0n ? -value : value;
    }
  },
  sign(x, out, count) {
    for (let i = 0; i < count; i++) {
      const value = x[i] ?? 0n;
      out[i] = value > 0n ? 1n : value < 0n ? -1n : 0n;
    }
  },
  ceil: same,
  floor: same,
  round: same,
  rint: same,
  trunc: same,
} as const satisfies { readonly [name: string]: Int64UnaryLoop };

/** The functions of one argument that give `bool`. */
export const int64Predicates = {
  not(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = x[i] === 0n ? 1 : 0;
  },
  isNaN(_x, out, count) {
    out.fill(0, 0, count);
  },
} as const satisfies {
  readonly [name: string]: (x: BigInt64Array, out: Float64Array, count: number) => void;
};

/** The functions of two arguments whose results are integers. Divisors of `div` are not 0. */
export const int64BinaryLoops = {
  add(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0n) + (b[i] ?? 0n);
  },
  sub(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0n) - (b[i] ?? 0n);
  },
  mul(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0n) * (b[i] ?? 0n);
  },
  div(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0n) / (b[i] ?? 1n);
  },
  mod(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = modulo(a[i] ?? 0n, b[i] ?? 0n);
  },
  pow(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = power(a[i] ?? 0n, b[i] ?? 0n);
  },
  max(a, b, out, count) {
    for (let i = 0; i < count; i++) {
      const [x, y] = [a[i] ?? 0n, b[i] ?? 0n];
      out[i] = x > y ? x : y;
    }
  },
  min(a, b, out, count) {
    for (let i = 0; i < count; i++) {
      const [x, y] = [a[i] ?? 0n, b[i] ?? 0n];
      out[i] = x < y ? x : y;
    }
  },
} as const satisfies { readonly [name: string]: Int64BinaryLoop };

/** Comparisons and logical functions. */
export const int64Relations = {
  eq(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = a[i] === b[i] ? 1 : 0;
  },
  ne(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = a[i] !== b[i] ? 1 : 0;
  },
  lt(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0n) < (b[i] ?? 0n) ? 1 : 0;
  },
  le(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0n) <= (b[i] ?? 0n) ? 1 : 0;
  },
  gt(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0n) > (b[i] ?? 0n) ? 1 : 0;
  },
  ge(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] ?? 0n) >= (b[i] ?? 0n) ? 1 : 0;
  },
  and(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = a[i] !== 0n && b[i] !== 0n ? 1 : 0;
  },
  or(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = a[i] !== 0n || b[i] !== 0n ? 1 : 0;
  },
  xor(a, b, out, count) {
    for (let i = 0; i < count; i++) out[i] = (a[i] !== 0n) !== (b[i] !== 0n) ? 1 : 0;
  },
} as const satisfies { readonly [name: string]: Int64Relation };

/** The remainder with the sign of the divisor; 0 for divisor 0. */
function modulo(a: bigint, b: bigint): bigint {
  if (b === 0n) return 0n;
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

/**
 * `base` to the power of `exponent` modulo 2^64, by squaring. Of a negative power the fraction is
 * dropped: what is left is 0, but for bases 1 and -1.
 */
function power(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) return base === 1n || base === -1n ? power(base, -exponent) : 0n;
  let [result, square, rest] = [1n, base, exponent];
  for (; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}

/** Doubles to int64: see `toInt64`. */
export function castToInt64(x: Float64Array, out: BigInt64Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = toInt64(x[i] ?? 0);
}

type FromInt64 = (x: BigInt64Array, out: Float64Array, count: number) => void;

function wrapping(bits: 8 | 32): FromInt64 {
  return (x, out, count) => {
    for (let i = 0; i < count; i++) out[i] = Number(BigInt.asIntN(bits, x[i] ?? 0n));
  };
}

/** int64 to each other dtype, rounded once or wrapped. */
export const castFromInt64: { readonly [D in Exclude<DType, "int64">]: FromInt64 } = {
  float32(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Math.fround(Number(roundToOdd(x[i] ?? 0n)));
  },
  float64(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Number(x[i]);
  },
  float16(x, out, count) {
    // Where a double is rounded, a half is infinite.
    for (let i = 0; i < count; i++) out[i] = convert.float16(Number(x[i]));
  },
  int32: wrapping(32),
  int8: wrapping(8),
  uint8(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = Number((x[i] ?? 0n) & 255n);
  },
  bool(x, out, count) {
    for (let i = 0; i < count; i++) out[i] = x[i] === 0n ? 0 : 1;
  },
};

/**
 * A number that a double holds and that rounds to the same float32 as `x`: the lowest 11 bits,
 * where a long number has any, are gathered in the bit above them. S. Boldo, G. Melquiond, When
 * double rounding is odd, IMACS 2005.
 */
function roundToOdd(x: bigint): bigint {
  const low = x & 0x7ffn;
  const short = BigInt.asIntN(53, x) === x;
  return short || low === 0n ? x : (x - low) | 0x800n;
}

import { type DType, DTypeError, type TypedArray } from "@adjoint/graph";
import { decodeHalf, encodeHalf, roundToHalf } from "./half.js";

/** Arrays whose elements are JavaScript numbers. */
export type NumberArray = Exclude<TypedArray, BigInt64Array>;

/**
 * The dtypes that kernels calculate with in doubles. int64 has its own path (`kernels/int64`), as
 * far as its results are exact.
 */
export const doubleDTypes: readonly DType[] = [
  "float32",
  "float64",
  "float16",
  "int32",
  "int8",
  "uint8",
  "bool",
];

/**
 * What a number becomes when it is converted to a dtype. Integers drop the fraction and wrap; NaN
 * becomes 0, and true for `bool`.
 */
export const convert: { readonly [D in DType]: (value: number) => number } = {
  float32: Math.fround,
  float64: (value) => value,
  float16: roundToHalf,
  int32: (value) => value | 0,
  int64: (value) => Number(toInt64(value)),
  int8: (value) => (value << 24) >> 24,
  uint8: (value) => value & 255,
  bool: (value) => (value !== 0 ? 1 : 0),
};

/**
 * The 64-bit integer that a number is converted to: fraction dropped, wrapped; NaN and infinities
 * are 0.
 */
export function toInt64(value: number): bigint {
  return Number.isFinite(value) ? BigInt.asIntN(64, BigInt(Math.trunc(value))) : 0n;
}

/** Throws a DTypeError unless all dtypes are among `allowed`. */
export function requireDTypes(
  { op, site }: { readonly op: string; readonly site?: string | undefined },
  received: readonly DType[],
  allowed: readonly DType[] = doubleDTypes,
): void {
  const refused = received.find((dtype) => !allowed.includes(dtype));
  if (refused !== undefined) throw dtypeRefusal({ op, site }, refused, allowed);
}

/** The error for a dtype that something can't be calculated with. */
export function dtypeRefusal(
  { op, site }: { readonly op: string; readonly site?: string | undefined },
  received: DType,
  allowed: readonly DType[] = doubleDTypes,
): DTypeError {
  return new DTypeError({
    op,
    problem: "can't calculate with this dtype; cast first",
    received,
    allowed: allowed.join(", "),
    site,
  });
}

/**
 * Reads `count` elements from position `from` on, `step` apart, as numbers to `to[at]` and after.
 */
export function load(
  data: TypedArray,
  dtype: DType,
  from: number,
  step: number,
  to: Float64Array,
  at: number,
  count: number,
): void {
  if (data instanceof Float32Array) {
    for (let i = 0; i < count; i++) to[at + i] = data[from + i * step] ?? 0;
  } else if (data instanceof Float64Array) {
    for (let i = 0; i < count; i++) to[at + i] = data[from + i * step] ?? 0;
  } else if (data instanceof BigInt64Array) {
    for (let i = 0; i < count; i++) to[at + i] = Number(data[from + i * step]);
  } else if (dtype === "float16") {
    for (let i = 0; i < count; i++) to[at + i] = decodeHalf(data[from + i * step] ?? 0);
  } else {
    for (let i = 0; i < count; i++) to[at + i] = data[from + i * step] ?? 0;
  }
}

/**
 * Converts the first `count` numbers of `from` to `dtype` and writes them at position `at` and
 * after.
 */
export function store(
  data: TypedArray,
  dtype: DType,
  at: number,
  from: Float64Array,
  count: number,
): void {
  if (data instanceof Float32Array) {
    for (let i = 0; i < count; i++) data[at + i] = from[i] ?? 0;
  } else if (data instanceof Float64Array) {
    for (let i = 0; i < count; i++) data[at + i] = from[i] ?? 0;
  } else if (data instanceof BigInt64Array) {
    for (let i = 0; i < count; i++) data[at + i] = toInt64(from[i] ?? 0);
  } else if (dtype === "float16") {
    for (let i = 0; i < count; i++) data[at + i] = encodeHalf(from[i] ?? 0);
  } else if (dtype === "bool") {
    for (let i = 0; i < count; i++) data[at + i] = from[i] !== 0 ? 1 : 0;
  } else {
    for (let i = 0; i < count; i++) data[at + i] = from[i] ?? 0;
  }
}

/** The elements of an int64 array; the caller knows that it is one. */
export function int64sOf(data: TypedArray | undefined): BigInt64Array {
  if (data instanceof BigInt64Array) return data;
  throw new TypeError("int64 elements are not in a BigInt64Array");
}

/** All elements as a fresh Float64Array. */
export function toDoubles(data: TypedArray, dtype: DType): Float64Array {
  const doubles = new Float64Array(data.length);
  load(data, dtype, 0, 1, doubles, 0, data.length);
  return doubles;
}

/**
 * Elements as plain cells for moving without arithmetic: an int64 is two cells, any other element
 * one.
 */
export function cellsOf(data: TypedArray): { readonly cells: NumberArray; readonly width: 1 | 2 } {
  if (!(data instanceof BigInt64Array)) return { cells: data, width: 1 };
  return { cells: new Int32Array(data.buffer, data.byteOffset, data.length * 2), width: 2 };
}

/** Element types. `float16` is computed in double and rounded when stored; `int64` wraps at 64 bits. */
export const dtypes = [
  "float32",
  "float64",
  "float16",
  "int32",
  "int64",
  "int8",
  "uint8",
  "bool",
] as const;

export type DType = (typeof dtypes)[number];

export type TypedArray =
  | Float32Array
  | Float64Array
  | Uint16Array
  | Int32Array
  | BigInt64Array
  | Int8Array
  | Uint8Array;

const bytes: { readonly [D in DType]: number } = {
  float32: 4,
  float64: 8,
  float16: 2,
  int32: 4,
  int64: 8,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** Bytes per element. */
export function bytesOf(dtype: DType): number {
  return bytes[dtype];
}

export function isDType(value: unknown): value is DType {
  return dtypes.some((dtype) => dtype === value);
}

/** True for the dtypes that carry gradients. */
export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64" || dtype === "float16";
}

import {
  type DType,
  formatShape,
  formatType,
  ShapeError,
  sizeOf,
  type TensorType,
  type TypedArray,
} from "@adjoint/graph";
import { decodeHalf } from "./half.js";
import { store } from "./storage.js";

/**
 * An array in memory: contiguous and row-major. `bool` is held as 0 and 1 in a `Uint8Array`,
 * `int64` in a `BigInt64Array`, `float16` as raw bits in a `Uint16Array`.
 */
export interface Tensor {
  readonly type: TensorType;
  readonly data: TypedArray;
}

/** Rows within rows of numbers, as deep as the array has axes. */
export type NestedNumbers = number | readonly NestedNumbers[];

const constructors: {
  readonly [D in DType]: (buffer: ArrayBufferLike, offset: number, length: number) => TypedArray;
} = {
  float32: (buffer, offset, length) => new Float32Array(buffer, offset, length),
  float64: (buffer, offset, length) => new Float64Array(buffer, offset, length),
  float16: (buffer, offset, length) => new Uint16Array(buffer, offset, length),
  int32: (buffer, offset, length) => new Int32Array(buffer, offset, length),
  int64: (buffer, offset, length) => new BigInt64Array(buffer, offset, length),
  int8: (buffer, offset, length) => new Int8Array(buffer, offset, length),
  uint8: (buffer, offset, length) => new Uint8Array(buffer, offset, length),
  bool: (buffer, offset, length) => new Uint8Array(buffer, offset, length),
};

/** The typed array of `dtype` over a part of a buffer; `offset` in bytes, `length` in elements. */
export function arrayOver(
  buffer: ArrayBufferLike,
  dtype: DType,
  offset: number,
  length: number,
): TypedArray {
  return constructors[dtype](buffer, offset, length);
}

/** A fresh array of `length` zeros. Engines make small ones of a length faster than ones over a buffer. */
export function allocate(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(length);
    case "float64":
      return new Float64Array(length);
    case "float16":
      return new Uint16Array(length);
    case "int32":
      return new Int32Array(length);
    case "int64":
      return new BigInt64Array(length);
    case "int8":
      return new Int8Array(length);
    case "uint8":
    case "bool":
      return new Uint8Array(length);
    default:
      return dtype satisfies never;
  }
}

/** True where `data` is the kind of array that stores `dtype`. */
export function stores(dtype: DType, data: TypedArray): boolean {
  switch (dtype) {
    case "float32":
      return data instanceof Float32Array;
    case "float64":
      return data instanceof Float64Array;
    case "float16":
      return data instanceof Uint16Array;
    case "int32":
      return data instanceof Int32Array;
    case "int64":
      return data instanceof BigInt64Array;
    case "int8":
      return data instanceof Int8Array;
    case "uint8":
    case "bool":
      return data instanceof Uint8Array;
    default:
      return dtype satisfies never;
  }
}

/**
 * A tensor of the given type: zeros, or `data` in row-major order. A typed array that already
 * stores the dtype is taken as it is, without a copy; other numbers are converted as a cast does.
 * Throws a ShapeError where the length does not fit.
 *
 * @example
 * ```ts
 * createTensor({ dtype: "float32", shape: [2, 2] }, [1, 2, 3, 4]);
 * ```
 */
export function createTensor(type: TensorType, data?: readonly number[] | TypedArray): Tensor {
  const size = sizeOf(type.shape);
  if (data === undefined) return { type, data: allocate(type.dtype, size) };
  if (data.length !== size) {
    throw new ShapeError({
      op: "createTensor",
      problem: "data does not fill the shape",
      received: `${data.length} elements for ${formatType(type)}`,
      allowed: `${size} elements`,
    });
  }
  if (!Array.isArray(data) && ArrayBuffer.isView(data) && stores(type.dtype, data)) {
    return { type, data };
  }
  const converted = allocate(type.dtype, size);
  if (Array.isArray(data) && (type.dtype === "float32" || type.dtype === "float64")) {
    for (let at = 0; at < size; at++) converted[at] = Number(data[at]);
    return { type, data: converted };
  }
  store(converted, type.dtype, 0, Float64Array.from(data, Number), size);
  return { type, data: converted };
}

/**
 * A tensor of nested lists of numbers. Throws a ShapeError where rows differ in length.
 *
 * @example
 * ```ts
 * tensorOf([[1, 2], [3, 4]], "float32").type; // float32[2,2]
 * ```
 */
export function tensorOf(values: NestedNumbers, dtype: DType): Tensor {
  const shape: number[] = [];
  for (let level = values; typeof level !== "number"; level = level[0] ?? 0) {
    shape.push(level.length);
  }
  const flat: number[] = [];
  flatten(values, shape, 0, flat);
  return createTensor({ dtype, shape }, flat);
}

function flatten(values: NestedNumbers, shape: readonly number[], axis: number, to: number[]) {
  if (typeof values === "number" ? axis !== shape.length : values.length !== shape[axis]) {
    throw new ShapeError({
      op: "tensorOf",
      problem: "rows differ in length",
      received: typeof values === "number" ? "a number" : `${values.length} entries`,
      allowed: `rows of ${formatShape(shape.slice(axis))}`,
    });
  }
  if (typeof values === "number") to.push(values);
  else for (const value of values) flatten(value, shape, axis + 1, to);
}

/** The elements as JavaScript numbers, in row-major order. `int64` beyond 2^53 is rounded. */
export function toNumbers(tensor: Tensor): number[] {
  const { data, type } = tensor;
  if (data instanceof BigInt64Array) return Array.from(data, Number);
  if (type.dtype === "float16") return Array.from(data, decodeHalf);
  return Array.from(data);
}

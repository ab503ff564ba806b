import {
  AttributeError,
  BoundsError,
  type DType,
  dtypes,
  isDType,
  nearestName,
  type Shape,
  ShapeError,
  sizeOf,
  tensorType,
} from "@adjoint/graph";
import { describe, readOptions } from "@adjoint/ops";
import { createTensor } from "@adjoint/runtime";
import { NDArray } from "./array/ndarray.js";
import { flatten, type Nested } from "./array/nested.js";
import { session } from "./session.js";

export interface DTypeOption {
  /** Element type; float32 unless given. */
  dtype: DType;
}

const float32: DTypeOption = { dtype: "float32" };

function dtypeOf(op: string, options: Partial<DTypeOption> | undefined): DType {
  const { dtype } = readOptions(op, options, float32);
  if (isDType(dtype)) return dtype;
  throw new AttributeError({
    op,
    problem: "unknown dtype",
    received: String(dtype),
    allowed: nearestName(String(dtype), dtypes) ?? dtypes.join(", "),
  });
}

/**
 * A shape given as a list, or the length of the only axis.
 *
 * @internal
 */
export function shapeOf(op: string, shape: number | readonly number[]): Shape {
  const list: readonly unknown[] = Array.isArray(shape) ? shape : [shape];
  const valid = list.filter((length): length is number => isLength(length));
  if (valid.length === list.length && sizeOf(valid) <= 2 ** 31) return valid;
  throw new ShapeError({
    op,
    problem: "shape is not valid",
    received: `[${list.map(String).join(", ")}]`,
    allowed: "integers of at least 0, with at most 2^31 elements",
  });
}

function isLength(length: unknown): boolean {
  return typeof length === "number" && Number.isSafeInteger(length) && length >= 0;
}

function filled(type: ReturnType<typeof tensorType>, values?: readonly number[]): NDArray {
  return session.fromTensor(createTensor(type, values));
}

/**
 * An array of the numbers in `source`: a number, nested arrays, a typed array or another array.
 *
 * @param source a number, nested arrays of numbers and booleans, a typed array, or another array
 * @returns float32 unless `dtype` is given; another array keeps its dtype
 * @throws ShapeError for rows of different lengths; ArgumentError for anything but numbers;
 *   AttributeError for an unknown dtype
 * @derivative 0 everywhere: a new array is a copy that depends on nothing
 * @edges integer dtypes drop the fraction and wrap around, NaN becomes 0; an empty list has shape
 *   `(0,)`
 * @example
 * ```ts
 * nd.array([[1, 2], [3, 4]]); // [[1. 2.] [3. 4.]]
 * nd.array([[1, 2], [3, 4]], { dtype: "int32" }).shape; // [2, 2]
 * ```
 */
export function array(
  source: Nested | NDArray | Float32Array | Float64Array | Int32Array | Uint8Array,
  options?: Partial<DTypeOption>,
): NDArray {
  if (source instanceof NDArray) {
    const dtype = options?.dtype === undefined ? source.dtype : dtypeOf("array", options);
    return filled(tensorType(dtype, source.shape), source.toFlat());
  }
  const dtype = dtypeOf("array", options);
  if (ArrayBuffer.isView(source)) return filled(tensorType(dtype, [source.length]), [...source]);
  const { values, shape } = flatten(source);
  return filled(tensorType(dtype, shape), values);
}

/**
 * An array of zeros.
 *
 * @param shape lengths of the axes; a number for a vector
 * @returns float32 unless `dtype` is given
 * @throws ShapeError for lengths that are not integers of at least 0; AttributeError for an unknown
 *   dtype
 * @derivative 0 everywhere: the result is constant
 * @edges a length of 0 makes an empty array
 * @example
 * ```ts
 * nd.zeros([2, 3]); // [[0. 0. 0.] [0. 0. 0.]]
 * ```
 */
export function zeros(shape: number | readonly number[], options?: Partial<DTypeOption>): NDArray {
  return filled(tensorType(dtypeOf("zeros", options), shapeOf("zeros", shape)));
}

/**
 * An array of ones.
 *
 * @param shape lengths of the axes; a number for a vector
 * @returns float32 unless `dtype` is given
 * @throws ShapeError for lengths that are not integers of at least 0; AttributeError for an unknown
 *   dtype
 * @derivative 0 everywhere: the result is constant
 * @example
 * ```ts
 * nd.ones([2, 3], { dtype: "int32" }); // [[1 1 1] [1 1 1]]
 * ```
 */
export function ones(shape: number | readonly number[], options?: Partial<DTypeOption>): NDArray {
  return full(shape, 1, options);
}

/**
 * An array in which each element is `value`.
 *
 * @param shape lengths of the axes; a number for a vector
 * @param value any number, converted to the dtype
 * @returns float32 unless `dtype` is given
 * @throws ShapeError for lengths that are not integers of at least 0; AttributeError for an unknown
 *   dtype or a value that is not a number
 * @derivative 0 everywhere: the result is constant
 * @example
 * ```ts
 * nd.full([2, 2], 7); // [[7. 7.] [7. 7.]]
 * ```
 */
export function full(
  shape: number | readonly number[],
  value: number,
  options?: Partial<DTypeOption>,
): NDArray {
  const dims = shapeOf("full", shape);
  const values = new Array<number>(sizeOf(dims)).fill(checkNumber("full", "value", value));
  return filled(tensorType(dtypeOf("full", options), dims), values);
}

/**
 * An array whose elements do not matter: zeros here, as nothing reads memory that was not written.
 *
 * @param shape lengths of the axes; a number for a vector
 * @returns float32 unless `dtype` is given
 * @throws ShapeError for lengths that are not integers of at least 0; AttributeError for an unknown
 *   dtype
 * @derivative 0 everywhere: the result is constant
 * @example
 * ```ts
 * nd.empty([2]).shape; // [2]
 * ```
 */
export function empty(shape: number | readonly number[], options?: Partial<DTypeOption>): NDArray {
  return filled(tensorType(dtypeOf("empty", options), shapeOf("empty", shape)));
}

export interface ArangeOptions extends DTypeOption {
  /** Distance of neighbours. */
  step: number;
  /** How often each number comes. */
  repeat: number;
}

/**
 * The numbers from `start` to before `stop`; with one argument, from 0 to before it.
 *
 * @param start first number; with one argument, where the range ends
 * @param stop where the range ends; it is not part of it
 * @param step distance of neighbours; may stand in the options too
 * @returns float32 unless `dtype` is given, shape (numbers,)
 * @throws BoundsError if the range is empty; AttributeError for a bound that is not a finite number
 * @derivative 0 everywhere: the result is constant
 * @example
 * ```ts
 * nd.arange(4); // [0. 1. 2. 3.]
 * nd.arange(1, 2, { step: 0.25 }); // [1.   1.25 1.5  1.75]
 * ```
 */
export function arange(start: number, options?: Partial<ArangeOptions>): NDArray;
export function arange(
  start: number,
  stop: number | null,
  options?: Partial<ArangeOptions>,
): NDArray;
export function arange(
  start: number,
  stop: number | null,
  step: number,
  options?: Partial<ArangeOptions>,
): NDArray;
export function arange(
  start: number,
  ...rest: readonly (number | null | Partial<ArangeOptions> | undefined)[]
): NDArray {
  const numbers = rest.filter((one): one is number => typeof one === "number");
  const [stop, stepGiven] = numbers;
  const options = rest.find((one) => typeof one === "object" && one !== null);
  const [low, high] = stop === undefined ? [0, start] : [start, stop];
  const settings = readOptions("arange", typeof options === "object" ? (options ?? {}) : {}, {
    ...float32,
    step: stepGiven ?? 1,
    repeat: 1,
  });
  const step = checkNumber("arange", "step", settings.step);
  const count = Math.ceil(
    (checkNumber("arange", "stop", high) - checkNumber("arange", "start", low)) / step,
  );
  if (!(count > 0 && Number.isFinite(count))) {
    throw new BoundsError({
      op: "arange",
      problem: "range is empty",
      received: `(start, stop, step) = (${low}, ${high}, ${step})`,
    });
  }
  const values: number[] = [];
  for (let i = 0; i < count; i++) {
    for (let again = 0; again < settings.repeat; again++) values.push(low + i * step);
  }
  return filled(tensorType(dtypeOf("arange", { dtype: settings.dtype }), [values.length]), values);
}

/**
 * `count` numbers from `start` to `stop`, evenly spaced.
 *
 * @param start first number
 * @param stop last number, or with `endpoint: false` the one behind it
 * @param count how many
 * @param options.endpoint whether `stop` is the last number
 * @returns float32 unless `dtype` is given, shape (count,)
 * @throws ShapeError for a count that is not an integer of at least 0; AttributeError for an
 *   unknown dtype
 * @derivative 0 everywhere: the result is constant
 * @edges a single number is `start`
 * @example
 * ```ts
 * nd.linspace(0, 1, 5); // [0.   0.25 0.5  0.75 1.  ]
 * ```
 */
export function linspace(
  start: number,
  stop: number,
  count: number,
  options?: Partial<DTypeOption & { endpoint: boolean }>,
): NDArray {
  const settings = readOptions("linspace", options, { ...float32, endpoint: true });
  const [length = 0] = shapeOf("linspace", count);
  const gaps = settings.endpoint ? length - 1 : length;
  const step = gaps > 0 ? (stop - start) / gaps : 0;
  const values = Array.from({ length }, (_, i) => start + i * step);
  return filled(tensorType(dtypeOf("linspace", { dtype: settings.dtype }), [length]), values);
}

/**
 * A matrix with ones on one diagonal, zeros elsewhere.
 *
 * @param rows number of rows
 * @param columns number of columns; 0 for as many as rows
 * @param options.k the diagonal: 0 the main one, positive above it, negative below
 * @returns float32 unless `dtype` is given, shape (rows, columns)
 * @throws ShapeError for lengths that are not integers of at least 0; AttributeError for an unknown
 *   dtype
 * @derivative 0 everywhere: the result is constant
 * @example
 * ```ts
 * nd.eye(2); // [[1. 0.] [0. 1.]]
 * nd.eye(2, 3, { k: 1 }); // [[0. 1. 0.] [0. 0. 1.]]
 * ```
 */
export function eye(
  rows: number,
  columns?: number | Partial<DTypeOption & { k: number }>,
  options?: Partial<DTypeOption & { k: number }>,
): NDArray {
  const given = typeof columns === "object" ? columns : options;
  const width = typeof columns === "object" ? 0 : (columns ?? 0);
  const settings = readOptions("eye", given, { ...float32, k: 0 });
  const [m = 0, n = 0] = shapeOf("eye", [rows, width === 0 ? rows : width]);
  const values = Array.from({ length: m * n }, (_, at) =>
    (at % n) - Math.floor(at / n) === settings.k ? 1 : 0,
  );
  return filled(tensorType(dtypeOf("eye", { dtype: settings.dtype }), [m, n]), values);
}

function checkNumber(op: string, name: string, value: unknown): number {
  if (typeof value === "number" && (name === "value" || Number.isFinite(value))) return value;
  throw new AttributeError({
    op,
    problem: `${name} is not a number`,
    received: describe(value),
    allowed: name === "value" ? "a number" : "a finite number",
  });
}

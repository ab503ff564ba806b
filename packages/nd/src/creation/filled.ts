import { tensorType } from "@adjoint/graph";
import { copyTensor } from "@adjoint/runtime";
import { NDArray } from "../array/ndarray.js";
import { flatten, type Nested } from "../array/nested.js";
import { session } from "../session.js";
import { checkNumber, type DTypeOption, dtypeOf, filled, made } from "./newArray.js";
import { shapeArgument } from "./shapeArgument.js";

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
  source: Nested | NDArray | NumberArray,
  options?: Partial<DTypeOption>,
): NDArray {
  const given = dtypeOf("array", options);
  if (source instanceof NDArray) {
    const dtype = options?.dtype === undefined ? source.dtype : given;
    const { tracing } = session;
    if (tracing !== undefined && source.emitter.watcher !== undefined) {
      return tracing.copyOf(source, dtype);
    }
    if (dtype === source.dtype) return session.fromTensor(copyTensor(source.tensor()));
    return made("array", tensorType(dtype, source.shape), source.toFlat());
  }
  if (isNumberArray(source)) {
    const type = tensorType(given, [source.length]);
    const isExact = source instanceof BigInt64Array && given === "int64";
    if (isExact) return session.fromTensor({ type, data: source.slice() });
    return made("array", type, Float64Array.from(source, Number));
  }
  const { values, shape } = flatten(source);
  return made("array", tensorType(given, shape), values);
}

/** The typed arrays that numbers may come from. */
type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

function isNumberArray(source: Nested | NDArray | NumberArray): source is NumberArray {
  return ArrayBuffer.isView(source) && !(source instanceof DataView);
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
  const dtype = dtypeOf("zeros", options);
  return made("zeros", tensorType(dtype, shapeArgument("zeros", shape)));
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
  const dtype = dtypeOf("ones", options);
  return filled("ones", tensorType(dtype, shapeArgument("ones", shape)), 1);
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
  const dtype = dtypeOf("full", options);
  const number = checkNumber("full", "value", value);
  return filled("full", tensorType(dtype, shapeArgument("full", shape)), number);
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
  const dtype = dtypeOf("empty", options);
  return made("empty", tensorType(dtype, shapeArgument("empty", shape)));
}

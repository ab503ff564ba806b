import type { TensorType, TypedArray } from "@adjoint/graph";
import { formatArray } from "./formatArray.js";

/**
 * Row-major `data` as MXNet 1.9 writes an NDArray: an empty line, numpy's text, and a line with
 * shape and device. This is `str(array)`; Python's `print` puts one more line end behind it.
 *
 * @throws ShapeError if `data` has not as many elements as the shape
 *
 * @example
 * ```ts
 * formatNDArray(Float32Array.of(1), tensorType("float32", [1])); // "\n[1.]\n<NDArray 1 @cpu(0)>"
 * ```
 */
export function formatNDArray(data: TypedArray, type: TensorType): string {
  return `\n${formatArray(data, type)}\n<NDArray ${type.shape.join("x")} @cpu(0)>`;
}

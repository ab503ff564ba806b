import { ShapeError, sizeOf, type TensorType, type TypedArray } from "@adjoint/graph";
import { elementWords } from "./elementWords.js";
import { layout, shownOffsets } from "./layout.js";

/**
 * Row-major `data` as numpy 1.23 writes an array of that type with its default print options:
 * `str(array)`.
 *
 * float16 comes as raw bits, bool as 0 and 1. Shape `[]` gives the bare number, an axis of length 0
 * gives `[]`, more than 1000 elements give the corners only.
 *
 * @throws ShapeError if `data` has not as many elements as the shape
 *
 * @example
 * ```ts
 * formatArray(Float32Array.of(1, 2.5, -3), tensorType("float32", [3])); // "[ 1.   2.5 -3. ]"
 * ```
 */
export function formatArray(data: TypedArray, type: TensorType): string {
  const { shape } = type;
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError({
      op: "formatArray",
      problem: "data does not fill the shape",
      received: `${data.length} elements`,
      allowed: `${sizeOf(shape)}`,
    });
  }
  if (data.length === 0) return "[]";
  const elements = shownOffsets(shape).map((offset) => data[offset] ?? 0);
  return layout(shape, elementWords(elements, type));
}

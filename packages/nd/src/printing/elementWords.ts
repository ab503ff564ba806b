import type { TensorType } from "@adjoint/graph";
import { decodeHalf } from "@adjoint/runtime";
import { alignRight } from "./alignRight.js";
import { floatWords } from "./floatWords.js";
import { formatScalar } from "./formatScalar.js";

/**
 * The words for elements of an array, made to stand under each other; for the only element of shape
 * `[]`, numpy's `str(x)` of a scalar. float16 elements are raw bits, bools numbers.
 */
export function elementWords(
  elements: readonly (number | bigint)[],
  { dtype, shape }: TensorType,
): string[] {
  switch (dtype) {
    case "float16":
    case "float32":
    case "float64": {
      const numbers = elements.map(Number);
      const values = dtype === "float16" ? numbers.map(decodeHalf) : numbers;
      if (shape.length === 0) return values.map((value) => formatScalar(value, dtype));
      return floatWords(values, dtype);
    }
    case "int32":
    case "int64":
    case "int8":
    case "uint8":
      return alignRight(elements.map(String));
    case "bool": {
      const words = elements.map((element) => (element ? "True" : "False"));
      // numpy leaves room for the longer word even where all are true.
      return shape.length === 0 ? words : words.map((word) => word.padStart(5));
    }
    default:
      return dtype satisfies never;
  }
}

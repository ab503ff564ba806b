import {
  type DType,
  DTypeError,
  formatShape,
  formatType,
  type Operand,
  ShapeError,
  tensorType,
} from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, nth } from "../core/define.js";
import { checkInteger, readOptions } from "../core/options.js";
import { takeAt } from "./take.js";

export type EmbeddingAttrs = { inputDim: number; outputDim: number };

export const embeddingOp = defineOp<EmbeddingAttrs>({
  name: "Embedding",
  arity: 2,
  attrs: { inputDim: "int", outputDim: "int" },
  infer(ins, { inputDim, outputDim }) {
    const [data, weight] = [nth("Embedding", ins, 0), nth("Embedding", ins, 1)];
    const [rows, columns, ...rest] = weight.shape;
    if (rows !== inputDim || columns !== outputDim || rest.length > 0) {
      throw new ShapeError({
        op: "Embedding",
        problem: "weight has another shape",
        received: formatShape(weight.shape),
        allowed: formatShape([inputDim, outputDim]),
      });
    }
    return [tensorType(weight.dtype, [...data.shape, outputDim])];
  },
  compose: (ins) => [takeAt(nth("Embedding", ins, 1), nth("Embedding", ins, 0), 0)],
  docs:
    "Rows of the weight (inputDim, outputDim), picked by indices; those out of range count as " +
    "the nearest. Repeated indices add up in the weight's gradient; the indices get none.",
});

export interface EmbeddingOptions {
  /** Rows of the weight: how many different indices there are. */
  inputDim: number;
  /** Columns of the weight: the length of each vector. */
  outputDim: number;
  /** The weight's dtype; null for whichever it has. */
  dtype?: DType | null;
}

/**
 * A vector for each index.
 *
 * @param data indices of any shape and dtype; fractions are cut off
 * @param weight shape (inputDim, outputDim)
 * @returns shape data.shape + (outputDim,)
 * @throws ShapeError if the weight has another shape; DTypeError if it has another `dtype` than asked
 * @derivative to the weight the head gradient, added up in the rows that it was taken from; none to
 *   the indices, in which the result is piecewise constant
 * @edges an index out of range counts as the nearest
 * @example
 * ```ts
 * nd.Embedding(nd.array([1, 1]), nd.array([[1, 2], [3, 4]]), { inputDim: 2, outputDim: 2 });
 * // [[3. 4.] [3. 4.]]
 * ```
 */
export function Embedding<T extends Operand<T>>(data: T, weight: T, options: EmbeddingOptions): T {
  const { inputDim, outputDim, dtype } = readOptions<Required<EmbeddingOptions>>(
    "Embedding",
    options,
    { inputDim: Number.NaN, outputDim: Number.NaN, dtype: null },
  );
  checkOperands("Embedding", [data, weight]);
  if (dtype !== null && dtype !== weight.type.dtype) {
    throw new DTypeError({
      op: "Embedding",
      problem: "weight has another dtype",
      received: formatType(weight.type),
      allowed: String(dtype),
    });
  }
  checkInteger("Embedding", "inputDim", inputDim, 1);
  checkInteger("Embedding", "outputDim", outputDim, 1);
  return applyOne(embeddingOp, [data, weight], { inputDim, outputDim });
}

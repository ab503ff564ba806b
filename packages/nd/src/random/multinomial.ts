import { ArgumentError, type DType, DTypeError, formatType, isFloat } from "@adjoint/graph";
import { categoryLogarithm, describe, fronts, multinomialSample, readOptions } from "@adjoint/ops";
import { NDArray } from "../array/ndarray.js";
import { session } from "../session.js";
import { keep, type SampleSettings, sampleType } from "./draw.js";

export interface MultinomialOptions {
  /** What is drawn for each row; by default one number: shape `(1,)` for a single row, else none. */
  shape: number | readonly number[];
  /** Give the logarithms of the probabilities of what was drawn as well. */
  getProb: boolean;
  /** Element type of the numbers drawn. */
  dtype: DType;
}

const op = "random.multinomial";

const dtypes: readonly DType[] = ["int32", "int64", "uint8", "float32", "float64", "float16"];

/**
 * Numbers of categories, drawn by their probabilities: MXNet's.
 *
 * @param probabilities floating point, shape (K,) or (..., K): each row sums up to 1
 * @returns int32 positions in a row, 0 to K - 1, of shape `rows + shape`; with `getProb` a list of
 *   them and their log-probabilities, in the dtype of the probabilities
 * @throws ShapeError for probabilities without a row; DTypeError for probabilities that are
 *   integers, or a dtype that has none; ArgumentError for
 *   probabilities that are negative or not finite, or 0 throughout a row
 * @derivative 0 for the numbers drawn; log-probabilities give `head / p` to what was drawn
 * @edges a category of probability 0 is never drawn; if a row sums up to less than 1, its last
 *   other category gets the rest, and what lies beyond a sum of 1 is never drawn
 * @edges in the body of a loop or branch values are not known yet: a row that makes no distribution
 *   gives -1 there
 * @example
 * ```ts
 * nd.random.multinomial(nd.array([0.3, 0.3, 0.4]), { shape: 5 }); // [1 1 2 2 2]
 * ```
 */
export function multinomial(
  probabilities: NDArray,
  options: Partial<MultinomialOptions> & { getProb: true },
): readonly [NDArray, NDArray];
export function multinomial(
  probabilities: NDArray,
  options?: Partial<MultinomialOptions> & { getProb?: false },
): NDArray;
export function multinomial(
  probabilities: NDArray,
  options?: Partial<MultinomialOptions>,
): NDArray | readonly [NDArray, NDArray] {
  const given = readOptions<SampleSettings & { getProb: boolean }>(op, options, {
    shape: null,
    getProb: false,
    dtype: "int32",
  });
  checkProbabilities(probabilities);
  const single = probabilities.shape.length < 2;
  const { shape, dtype } = sampleType(op, given, single ? [1] : [], dtypes);
  const categories = keep(multinomialSample(session.randomState, probabilities, shape));
  const result = dtype === "int32" ? categories : fronts.cast(categories, { dtype });
  return given.getProb ? [result, categoryLogarithm(probabilities, categories)] : result;
}

function checkProbabilities(probabilities: NDArray): void {
  if (!(probabilities instanceof NDArray)) {
    throw new ArgumentError({
      op,
      problem: "probabilities are not an array",
      received: describe(probabilities),
      allowed: "NDArray",
    });
  }
  if (!isFloat(probabilities.dtype)) {
    throw new DTypeError({
      op,
      problem: "probabilities are not floating point",
      received: formatType(probabilities.type),
      allowed: "float32, float64, float16",
    });
  }
  if (!session.hasNoNumbers) checkRows(probabilities);
}

/** Refuses rows that make no distribution. */
function checkRows(probabilities: NDArray): void {
  const values = probabilities.toFlat();
  const length = probabilities.shape.at(-1) ?? 1;
  for (let start = 0; start < values.length; start += length) {
    const row = values.slice(start, start + length);
    const bad = row.find((value) => !(value >= 0 && value < Infinity));
    if (bad === undefined && row.some((value) => value > 0)) continue;
    throw new ArgumentError({
      op,
      problem: "probabilities make no distribution",
      received: bad === undefined ? "a row of zeros" : String(bad),
      allowed: "finite numbers of at least 0, one of them above 0",
    });
  }
}

import { formatShape, ShapeError } from "@adjoint/graph";
import { checkFinite, checkInteger, checkOperands, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { array } from "../creation/filled.js";

export interface BipartiteMatchingOptions {
  /** Scores that are not above it, or with `isAscend` not below, match nothing. */
  threshold: number;
  /** The smallest scores match first. */
  isAscend: boolean;
  /** No match is made after more than this many; below 1 for no limit. */
  topk: number;
}

/** Pairs of one matrix: for each row its column, and for each column its row, or -1. */
function matchGreedily(
  scores: readonly number[],
  [rows, columns]: readonly [number, number],
  { threshold, isAscend, topk }: BipartiteMatchingOptions,
): readonly [number[], number[]] {
  const sign = isAscend ? 1 : -1;
  const order = [...scores.keys()].sort((a, b) => sign * ((scores[a] ?? 0) - (scores[b] ?? 0)));
  const [ofRow, ofColumn] = [new Array<number>(rows).fill(-1), new Array<number>(columns).fill(-1)];
  let count = 0;
  for (const at of order) {
    const [row, column] = [Math.floor(at / columns), at % columns];
    if (ofRow[row] !== -1 || ofColumn[column] !== -1) continue;
    const isMatch = sign * ((scores[at] ?? 0) - Math.fround(threshold)) < 0;
    if (!isMatch) break;
    ofRow[row] = column;
    ofColumn[column] = row;
    if (++count > topk && topk > 0) break;
  }
  return [ofRow, ofColumn];
}

/**
 * Matches rows with columns, one to one, the best scores first. The scores are read at once.
 *
 * @param data scores, shape (..., rows, columns)
 * @returns `[columns, rows]` of data's dtype and shapes (..., rows) and (..., columns): the partner
 *   of each, or -1
 * @throws ShapeError for fewer than two axes; AttributeError without `threshold`
 * @derivative 0 everywhere: partners are integers
 * @edges of equal scores the first matches; with `topk` above 0 one more match is made, as in MXNet
 * @example
 * ```ts
 * const scores = nd.array([[0.5, 0.6], [0.1, 0.2], [0.3, 0.4]]);
 * nd.contrib.bipartiteMatching(scores, { threshold: 0.1 }); // [ 1. -1.  0.], [2. 0.]
 * ```
 */
export function bipartiteMatching(
  data: NDArray,
  options: Partial<BipartiteMatchingOptions> & { threshold: number },
): readonly [NDArray, NDArray] {
  const read = readOptions<BipartiteMatchingOptions>("bipartiteMatching", options, {
    threshold: Number.NaN,
    isAscend: false,
    topk: -1,
  });
  checkFinite("bipartiteMatching", "threshold", read.threshold);
  checkInteger("bipartiteMatching", "topk", read.topk, -1);
  checkOperands("bipartiteMatching", [data]);
  const [rows, columns] = data.shape.slice(-2);
  if (rows === undefined || columns === undefined) {
    throw new ShapeError({
      op: "bipartiteMatching",
      problem: "data is no matrix of scores",
      received: formatShape(data.shape),
      allowed: "(..., rows, columns)",
    });
  }
  const scores = data.toFlat();
  const size = rows * columns;
  const batch = data.shape.slice(0, -2);
  const matches = Array.from({ length: size === 0 ? 0 : data.size / size }, (_, at) =>
    matchGreedily(scores.slice(at * size, (at + 1) * size), [rows, columns], read),
  );
  const result = (side: 0 | 1, length: number) =>
    array(
      matches.flatMap((match) => match[side]),
      { dtype: data.dtype },
    ).reshape([...batch, length]);
  return [result(0, rows), result(1, columns)];
}

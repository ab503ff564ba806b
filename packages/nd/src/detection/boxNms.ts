import { formatShape, ShapeError } from "@adjoint/graph";
import { checkInteger, checkOperands, fronts, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { array } from "../creation/filled.js";
import { type BoxFormat, checkFormat, convertBoxes, cornersAt, overlapOf } from "./boxes.js";

export interface BoxNmsOptions {
  /** A box that overlaps more with a better one is left out. */
  overlapThresh: number;
  /** Boxes whose score is not above it are left out. */
  validThresh: number;
  /** Boxes looked at, the best first; below 0 for all. */
  topk: number;
  /** The column where the four coordinates begin. */
  coordStart: number;
  /** The column of the scores. */
  scoreIndex: number;
  /** The column of the classes; -1 for none. */
  idIndex: number;
  /** Boxes of this class are left out; -1 for none. */
  backgroundId: number;
  /** Boxes of other classes leave boxes out as well. */
  forceSuppress: boolean;
  /** Whether boxes come as corners, or as centre, width and height. */
  inFormat: BoxFormat;
  /** The same for the result. */
  outFormat: BoxFormat;
}

const defaults: BoxNmsOptions = {
  overlapThresh: 0.5,
  validThresh: 0,
  topk: -1,
  coordStart: 2,
  scoreIndex: 1,
  idIndex: -1,
  backgroundId: -1,
  forceSuppress: false,
  inFormat: "corner",
  outFormat: "corner",
};

/** Rows of one example that stay, the best first. */
function survivors(rows: readonly (readonly number[])[], options: BoxNmsOptions): number[] {
  const { coordStart, idIndex, backgroundId, forceSuppress, overlapThresh } = options;
  const score = (row: number) => rows[row]?.[options.scoreIndex] ?? 0;
  const isKnown = (row: number) =>
    score(row) > Math.fround(options.validThresh) &&
    (idIndex < 0 || backgroundId < 0 || rows[row]?.[idIndex] !== backgroundId);
  const ordered = [...rows.keys()].filter(isKnown).sort((a, b) => score(b) - score(a));
  const kept: number[] = [];
  for (const row of options.topk < 0 ? ordered : ordered.slice(0, options.topk)) {
    const box = cornersAt(rows[row] ?? [], coordStart);
    const isCovered = kept.some(
      (other) =>
        (forceSuppress || idIndex < 0 || rows[other]?.[idIndex] === rows[row]?.[idIndex]) &&
        overlapOf(cornersAt(rows[other] ?? [], coordStart), box) > Math.fround(overlapThresh),
    );
    if (!isCovered) kept.push(row);
  }
  return kept;
}

function inCorners(data: NDArray, begin: number, from: BoxFormat, to: BoxFormat): NDArray {
  if (from === to) return data;
  const columns = (first: number, last: number) =>
    first === last ? [] : [fronts.sliceAxis(data, { axis: -1, begin: first, end: last })];
  const [boxes = data] = columns(begin, begin + 4);
  const end = data.shape[data.ndim - 1] ?? 0;
  const parts = [...columns(0, begin), convertBoxes(boxes, from, to), ...columns(begin + 4, end)];
  return fronts.concat<NDArray>(...parts, { dim: -1 });
}

function checkColumns(data: NDArray, options: BoxNmsOptions): void {
  const width = data.shape[data.ndim - 1] ?? 0;
  for (const name of ["coordStart", "scoreIndex", "idIndex", "backgroundId", "topk"] as const) {
    checkInteger(
      "boxNms",
      name,
      options[name],
      name === "coordStart" || name === "scoreIndex" ? 0 : -1,
    );
  }
  const last = Math.max(options.coordStart + 3, options.scoreIndex, options.idIndex);
  if (data.ndim >= 2 && last < width) return;
  throw new ShapeError({
    op: "boxNms",
    problem: "data has too few columns",
    received: formatShape(data.shape),
    allowed: `(..., boxes, columns) with at least ${last + 1} columns`,
  });
}

/**
 * Leaves out boxes that overlap with better ones (non-maximum suppression). Which ones stay is read
 * at once.
 *
 * @param data shape (..., boxes, columns): scores, coordinates and, with `idIndex`, classes
 * @returns shape and dtype of data: the boxes that stay, the best first, then rows of -1
 * @throws ShapeError for too few columns; AttributeError for options out of range
 * @derivative the head gradient of each row goes to the row that it was taken from
 * @edges of equal scores the first counts as better
 * @example
 * ```ts
 * const boxes = nd.array([[0, 0.4, 0, 0, 1, 1], [0, 0.6, 0, 0, 1, 0.9]]);
 * nd.contrib.boxNms(boxes);
 * // [[ 0.   0.6  0.   0.   1.   0.9] [-1.  -1.  -1.  -1.  -1.  -1. ]]
 * ```
 */
export function boxNms(data: NDArray, options?: Partial<BoxNmsOptions>): NDArray {
  const read = readOptions<BoxNmsOptions>("boxNms", options, defaults);
  const from = checkFormat("boxNms", "inFormat", read.inFormat);
  const to = checkFormat("boxNms", "outFormat", read.outFormat);
  checkOperands("boxNms", [data]);
  checkColumns(data, read);
  const [count = 0, width = 0] = data.shape.slice(-2);
  const flat = data.reshape([-1, width]);
  const values = inCorners(flat.detach(), read.coordStart, from, "corner").toFlat();
  const taken: number[] = [];
  for (let first = 0; first < flat.length; first += count) {
    const rows = Array.from({ length: count }, (_, at) =>
      values.slice((first + at) * width, (first + at + 1) * width),
    );
    const kept = survivors(rows, read).map((row) => first + row);
    taken.push(...kept, ...new Array<number>(count - kept.length).fill(-1));
  }
  const places = array(taken, { dtype: "int32" });
  const rows = inCorners(fronts.take(flat, places), read.coordStart, from, to);
  const stays = array(taken.map((row) => [row < 0 ? 0 : 1]));
  const mask = fronts.broadcastTo(stays, { shape: [taken.length, width] });
  const result = fronts.where(mask, rows, fronts.onesLike(rows).mul(-1));
  return result.reshape(data.shape);
}

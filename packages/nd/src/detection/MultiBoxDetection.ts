import { checkFinite, checkInteger, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { array } from "../creation/filled.js";
import { type Corners, checkBoxes, cornersAt, overlapOf } from "./boxes.js";
import { checkVariances } from "./MultiBoxTarget.js";

export interface MultiBoxDetectionOptions {
  /** Cut boxes to the image. */
  clip: boolean;
  /** Detections that are less sure are left out. */
  threshold: number;
  /** The class that is no detection. */
  backgroundId: number;
  /** Of boxes that overlap more, the better one stays; 0 or less, or above 1: all stay. */
  nmsThreshold: number;
  /** Boxes of other classes leave boxes out as well. */
  forceSuppress: boolean;
  /** Factors of the offsets. */
  variances: readonly number[];
  /** Detections that stay before overlaps are looked at; 0 or less: all. */
  nmsTopk: number;
}

const defaults: MultiBoxDetectionOptions = {
  clip: true,
  threshold: 0.01,
  backgroundId: 0,
  nmsThreshold: 0.5,
  forceSuppress: false,
  variances: [0.1, 0.1, 0.2, 0.2],
  nmsTopk: -1,
};

interface Detection {
  readonly id: number;
  readonly score: number;
  readonly box: Corners;
}

/** The box at some offsets from an anchor. */
function boxAt(anchor: Corners, offsets: readonly number[], options: MultiBoxDetectionOptions) {
  const { left, top, right, bottom } = anchor;
  const [width, height] = [right - left, bottom - top];
  const [dx = 0, dy = 0, dw = 0, dh = 0] = offsets.map(
    (offset, at) => offset * (options.variances[at] ?? 1),
  );
  const [x, y] = [dx * width + (left + right) / 2, dy * height + (top + bottom) / 2];
  const [w, h] = [(Math.exp(dw) * width) / 2, (Math.exp(dh) * height) / 2];
  const cut = (edge: number) => (options.clip ? Math.min(Math.max(edge, 0), 1) : edge);
  return { left: cut(x - w), top: cut(y - h), right: cut(x + w), bottom: cut(y + h) };
}

/** The best class of an anchor besides the background; undefined where it is not sure enough. */
function bestClass(
  scores: readonly number[],
  { backgroundId, threshold }: MultiBoxDetectionOptions,
): { id: number; score: number } | undefined {
  let [id, score] = [-1, -1];
  scores.forEach((one, at) => {
    if (at !== backgroundId && one > score) [id, score] = [at, one];
  });
  if (id < 0 || score < Math.fround(threshold)) return undefined;
  return { id: backgroundId >= 0 && id > backgroundId ? id - 1 : id, score };
}

/**
 * In the order of scores, with class -1 for those that are left out; behind `nmsTopk` rows stands
 * what stood there before, as in MXNet.
 */
function withoutOverlaps(
  detections: readonly Detection[],
  { nmsThreshold, nmsTopk, forceSuppress }: MultiBoxDetectionOptions,
): readonly Detection[] {
  const sorted = [...detections].sort((a, b) => b.score - a.score);
  if (!(nmsThreshold > 0 && nmsThreshold <= 1)) return detections;
  const kept = nmsTopk > 0 ? sorted.slice(0, nmsTopk) : sorted;
  const out = new Set<number>();
  kept.forEach((one, at) => {
    if (out.has(at)) return;
    kept.forEach((other, place) => {
      const meets = place > at && (forceSuppress || one.id === other.id);
      if (meets && overlapOf(one.box, other.box) >= Math.fround(nmsThreshold)) out.add(place);
    });
  });
  const rest = detections.slice(kept.length).map((one) => ({ ...one, id: -1 }));
  return [...kept.map((one, at) => (out.has(at) ? { ...one, id: -1 } : one)), ...rest];
}

/**
 * What a detector found: boxes from offsets, the best first, without those that overlap with better
 * ones (Liu et al. 2016). All arguments are read at once.
 *
 * @param clsProb probabilities, shape (batch, classes, anchors)
 * @param locPred offsets, shape (batch, 4 * anchors)
 * @param anchor corners, shape (1, anchors, 4)
 * @returns clsProb's dtype, shape (batch, anchors, 6): class (not counting the background), score,
 *   left, top, right, bottom; class -1 for what is left out, rows of -1 at the end
 * @throws ShapeError for other shapes; AttributeError for options out of range
 * @derivative 0 everywhere, as in MXNet: the result is for use after training
 * @example
 * ```ts
 * const anchor = nd.array([[[0, 0, 0.5, 0.5]]]);
 * nd.contrib.MultiBoxDetection(nd.array([[[0.2], [0.8]]]), nd.zeros([1, 4]), anchor);
 * // [[[0.  0.8 0.  0.  0.5 0.5]]]
 * ```
 */
export function MultiBoxDetection(
  clsProb: NDArray,
  locPred: NDArray,
  anchor: NDArray,
  options?: Partial<MultiBoxDetectionOptions>,
): NDArray {
  const read = readOptions<MultiBoxDetectionOptions>("MultiBoxDetection", options, defaults);
  checkFinite("MultiBoxDetection", "threshold", read.threshold);
  checkFinite("MultiBoxDetection", "nmsThreshold", read.nmsThreshold);
  checkInteger("MultiBoxDetection", "backgroundId", read.backgroundId);
  checkInteger("MultiBoxDetection", "nmsTopk", read.nmsTopk);
  checkVariances("MultiBoxDetection", read.variances);
  checkBoxes("MultiBoxDetection", "clsProb", clsProb, [-1, -1, -1]);
  const [batch = 0, classes = 0, count = 0] = clsProb.shape;
  checkBoxes("MultiBoxDetection", "locPred", locPred, [batch, 4 * count]);
  checkBoxes("MultiBoxDetection", "anchor", anchor, [1, count, 4]);
  const [scores, offsets, corners] = [clsProb.toFlat(), locPred.toFlat(), anchor.toFlat()];
  const rows = Array.from({ length: batch }, (_, image) => {
    const found = Array.from({ length: count }, (__, at): readonly Detection[] => {
      const ofAnchor = Array.from(
        { length: classes },
        (___, id) => scores[(image * classes + id) * count + at] ?? 0,
      );
      const best = bestClass(ofAnchor, read);
      const from = 4 * (image * count + at);
      const box = boxAt(cornersAt(corners, 4 * at), offsets.slice(from, from + 4), read);
      return best === undefined ? [] : [{ ...best, box }];
    }).flat();
    const kept = withoutOverlaps(found, read).map(({ id, score, box }) => [
      id,
      score,
      ...Object.values(box),
    ]);
    const none = Array.from({ length: count - kept.length }, () => [-1, -1, -1, -1, -1, -1]);
    return [...kept, ...none];
  });
  return array(rows, { dtype: clsProb.dtype });
}

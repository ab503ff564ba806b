import { checkFinite, fronts, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { arange } from "../creation/ranges.js";
import { type BoxFormat, checkBoxes, checkFormat, columnsOf, convertBoxes } from "./boxes.js";

/**
 * The offsets from anchors to the boxes that they are matched with, for training.
 *
 * @param samples shape (batch, anchors): 1 where an anchor is matched, other numbers where it is not
 * @param matches shape (batch, anchors): which box
 * @param anchors corners, shape (batch, anchors, 4)
 * @param refs corners of the boxes, shape (batch, boxes, 4)
 * @param means four numbers that are subtracted from the offsets
 * @param stds four numbers that they are then divided by
 * @returns `[offsets, masks]` of shape (batch, anchors, 4): of the centre, in widths and heights of
 *   the anchor, and logarithms of the ratios of the sizes; 0 and mask 0 where nothing is matched
 * @throws ShapeError for other shapes
 * @derivative as composed, to `anchors` and `refs`
 * @edges matches out of range count as the nearest
 * @example
 * ```ts
 * const [one, box] = [nd.ones([1, 1]), nd.array([[[0, 0, 2, 2]]])];
 * const [zeros, ones] = [nd.zeros([4]), nd.ones([4])];
 * const matches = nd.zeros([1, 1]);
 * nd.contrib.boxEncode(one, matches, box, nd.array([[[1, 1, 3, 3]]]), zeros, ones);
 * // [[[0.5 0.5 0.  0. ]]], [[[1. 1. 1. 1.]]]
 * ```
 */
export function boxEncode(
  samples: NDArray,
  matches: NDArray,
  anchors: NDArray,
  refs: NDArray,
  means: NDArray,
  stds: NDArray,
): readonly [NDArray, NDArray] {
  checkBoxes("boxEncode", "samples", samples, [-1, -1]);
  const [batch = 0, count = 0] = samples.shape;
  checkBoxes("boxEncode", "matches", matches, [batch, count]);
  checkBoxes("boxEncode", "anchors", anchors, [batch, count, 4]);
  checkBoxes("boxEncode", "refs", refs, [batch, -1, 4]);
  for (const four of [means, stds]) checkBoxes("boxEncode", "means or stds", four, [4]);
  const example = fronts.broadcastTo(arange(batch).reshape([-1, 1]), { shape: [batch, count] });
  const boxes = fronts.gatherNd(refs, fronts.stack<NDArray>(example, matches.astype("float32")));
  const [x, y, width, height] = columnsOf(convertBoxes(boxes, "corner", "center"));
  const [ax, ay, aw, ah] = columnsOf(convertBoxes(anchors, "corner", "center"));
  const raw = [x.sub(ax).div(aw), y.sub(ay).div(ah), width.div(aw).log(), height.div(ah).log()];
  const offsets = fronts
    .concat<NDArray>(...raw, { dim: -1 })
    .sub(means)
    .div(stds);
  const isMatched = samples.greater(0.5).astype(anchors.dtype).reshape([batch, count, 1]);
  const masks = fronts.broadcastTo(isMatched, { shape: [batch, count, 4] });
  return [fronts.where(masks, offsets, fronts.zerosLike(offsets)), masks];
}

export interface BoxDecodeOptions {
  /** Factor of the offset across. */
  std0: number;
  /** Factor of the offset down. */
  std1: number;
  /** Factor of the logarithm for the width. */
  std2: number;
  /** Factor of the logarithm for the height. */
  std3: number;
  /** Above 0: the logarithms of sizes are cut to it. */
  clip: number;
  /** How anchors are written. */
  format: BoxFormat;
}

const decodeDefaults: BoxDecodeOptions = {
  std0: 1,
  std1: 1,
  std2: 1,
  std3: 1,
  clip: -1,
  format: "center",
};

/**
 * The boxes that lie at some offsets from anchors.
 *
 * @param data offsets, shape (batch, anchors, 4): of the centre, in sizes of the anchor, and
 *   logarithms of ratios of sizes
 * @param anchors shape (1, anchors, 4), in `format`
 * @returns corners, shape (batch, anchors, 4)
 * @throws ShapeError for other shapes; AttributeError for an unknown format
 * @derivative as composed, to both
 * @example
 * ```ts
 * const anchors = nd.array([[[1, 1, 2, 2]]]);
 * nd.contrib.boxDecode(nd.array([[[0.5, 0, 0, 0]]]), anchors); // [[[1. 0. 3. 2.]]]
 * ```
 */
export function boxDecode(
  data: NDArray,
  anchors: NDArray,
  options?: Partial<BoxDecodeOptions>,
): NDArray {
  const read = readOptions<BoxDecodeOptions>("boxDecode", options, decodeDefaults);
  const { std0, std1, std2, std3, clip } = read;
  const format = checkFormat("boxDecode", "format", read.format);
  for (const factor of [std0, std1, std2, std3, clip]) checkFinite("boxDecode", "option", factor);
  checkBoxes("boxDecode", "data", data, [-1, -1, 4]);
  checkBoxes("boxDecode", "anchors", anchors, [1, data.shape[1] ?? 0, 4]);
  const [ax, ay, aw, ah] = columnsOf(convertBoxes(anchors, format, "center"));
  const [dx, dy, dw, dh] = columnsOf(data);
  const size = (logarithm: NDArray) => (clip > 0 ? logarithm.minimum(clip) : logarithm).exp();
  const boxes = fronts.concat<NDArray>(
    fronts.broadcastAdd(fronts.broadcastMul(dx.mul(std0), aw), ax),
    fronts.broadcastAdd(fronts.broadcastMul(dy.mul(std1), ah), ay),
    fronts.broadcastMul(size(dw.mul(std2)), aw),
    fronts.broadcastMul(size(dh.mul(std3)), ah),
    { dim: -1 },
  );
  return convertBoxes(boxes, "center", "corner");
}

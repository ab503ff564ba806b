import { AttributeError } from "@adjoint/graph";
import { checkFinite, checkInteger, describe, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { array } from "../creation/filled.js";
import { type Corners, checkBoxes, cornersAt, overlapOf } from "./boxes.js";

export interface MultiBoxTargetOptions {
  /** Anchors that overlap more with a box are positive, beside the best one of each box. */
  overlapThreshold: number;
  /** The class of anchors that do not count. */
  ignoreLabel: number;
  /** Negative anchors for each positive one, the least sure of them; 0 or less: all. */
  negativeMiningRatio: number;
  /** Only anchors that overlap less than this can be chosen as negative ones. */
  negativeMiningThresh: number;
  /** Negative anchors at least, where they are chosen. */
  minimumNegativeSamples: number;
  /** Divisors of the offsets. */
  variances: readonly number[];
}

const defaults: MultiBoxTargetOptions = {
  overlapThreshold: 0.5,
  ignoreLabel: -1,
  negativeMiningRatio: -1,
  negativeMiningThresh: 0.5,
  minimumNegativeSamples: 0,
  variances: [0.1, 0.1, 0.2, 0.2],
};

/** Four positive numbers. */
export function checkVariances(op: string, given: readonly number[]): readonly number[] {
  if (Array.isArray(given) && given.length === 4 && given.every((one) => one > 0)) return given;
  throw new AttributeError({
    op,
    problem: "variances is not valid",
    received: Array.isArray(given) ? `[${given.join(", ")}]` : describe(given),
    allowed: "four positive numbers",
  });
}

/** For each anchor the box that it is matched with, or -1; and how much it overlaps with its best. */
interface Matches {
  readonly boxes: readonly number[];
  readonly best: readonly number[];
}

/** Overlaps below this match nothing. */
const leastOverlap = 1e-6;

/** First the best anchor of each box, one to one, then all anchors that overlap enough. */
function matchAnchors(
  anchors: readonly Corners[],
  boxes: readonly Corners[],
  threshold: number,
): Matches {
  const overlaps = anchors.map((anchor) => boxes.map((box) => overlapOf(anchor, box)));
  const matched = anchors.map(() => -1);
  const free = new Set(boxes.keys());
  while (free.size > 0) {
    const pair = bestPair(overlaps, matched, free);
    if (pair === undefined) break;
    matched[pair.anchor] = pair.box;
    free.delete(pair.box);
  }
  const best = overlaps.map((row) => Math.max(...row));
  best.forEach((overlap, anchor) => {
    if (matched[anchor] !== -1 || threshold <= 0 || !(overlap > threshold)) return;
    matched[anchor] = overlaps[anchor]?.indexOf(overlap) ?? -1;
  });
  return { boxes: matched, best };
}

function bestPair(
  overlaps: readonly (readonly number[])[],
  matched: readonly number[],
  free: ReadonlySet<number>,
): { anchor: number; box: number } | undefined {
  let found: { anchor: number; box: number } | undefined;
  let most = leastOverlap;
  overlaps.forEach((row, anchor) => {
    if (matched[anchor] !== -1) return;
    for (const box of free) {
      const overlap = row[box] ?? 0;
      if (overlap > most) [most, found] = [overlap, { anchor, box }];
    }
  });
  return found;
}

/** Offsets of a box from an anchor: of the centre in its sizes, and logarithms of ratios of sizes. */
function offsets(anchor: Corners, box: Corners, variances: readonly number[]): number[] {
  const centre = ({ left, top, right, bottom }: Corners) => [
    (left + right) / 2,
    (top + bottom) / 2,
  ];
  const size = ({ left, top, right, bottom }: Corners) => [right - left, bottom - top];
  const [[ax = 0, ay = 0], [aw = 0, ah = 0]] = [centre(anchor), size(anchor)];
  const [[x = 0, y = 0], [w = 0, h = 0]] = [centre(box), size(box)];
  const raw = [(x - ax) / aw, (y - ay) / ah, Math.log(w / aw), Math.log(h / ah)];
  return raw.map((offset, at) => offset / (variances[at] ?? 1));
}

/** The anchors that are least sure to be background, of those that overlap little with boxes. */
function hardest(
  { boxes, best }: Matches,
  scores: (anchor: number) => readonly number[],
  options: MultiBoxTargetOptions,
): ReadonlySet<number> {
  const positive = boxes.filter((box) => box !== -1).length;
  const wanted = Math.min(
    Math.trunc(positive * options.negativeMiningRatio),
    boxes.length - positive,
  );
  const count = Math.max(wanted, options.minimumNegativeSamples);
  const candidates = [...boxes.keys()].filter(
    (anchor) =>
      boxes[anchor] === -1 && (best[anchor] ?? 0) < Math.fround(options.negativeMiningThresh),
  );
  const background = new Map(candidates.map((anchor) => [anchor, ofBackground(scores(anchor))]));
  const sorted = candidates.sort((a, b) => (background.get(a) ?? 0) - (background.get(b) ?? 0));
  return new Set(sorted.slice(0, count));
}

/** The softmax of the first score. */
function ofBackground(scores: readonly number[]): number {
  const most = Math.max(...scores);
  const exponentials = scores.map((score) => Math.exp(score - most));
  return (exponentials[0] ?? 0) / exponentials.reduce((sum, one) => sum + one, 0);
}

/** What one image gives. */
interface Targets {
  readonly offsets: readonly number[];
  readonly mask: readonly number[];
  readonly classes: readonly number[];
}

function targetsOf(
  anchors: readonly Corners[],
  labels: readonly (readonly number[])[],
  scores: (anchor: number) => readonly number[],
  options: MultiBoxTargetOptions,
): Targets {
  const end = labels.findIndex(([id]) => id === -1);
  const known = end < 0 ? labels : labels.slice(0, end);
  const boxes = known.map((label) => cornersAt(label, 1));
  const matches = matchAnchors(anchors, boxes, Math.fround(options.overlapThreshold));
  const negative = options.negativeMiningRatio > 0 ? hardest(matches, scores, options) : undefined;
  const found = anchors.map((anchor, at) => {
    const box = matches.boxes[at] ?? -1;
    const [target, id] = [boxes[box], known[box]?.[0]];
    if (target !== undefined && id !== undefined) {
      return { offsets: offsets(anchor, target, options.variances), mask: 1, id: id + 1 };
    }
    const counts = known.length > 0 && (negative === undefined || negative.has(at));
    return { offsets: [0, 0, 0, 0], mask: 0, id: counts ? 0 : options.ignoreLabel };
  });
  return {
    offsets: found.flatMap((one) => one.offsets),
    mask: found.flatMap(({ mask }) => [mask, mask, mask, mask]),
    classes: found.map(({ id }) => id),
  };
}

/**
 * What a detector shall say of each anchor, for training (Liu et al. 2016). All arguments are read
 * at once.
 *
 * @param anchor corners, shape (1, anchors, 4)
 * @param label shape (batch, labels, 5 or more): class and corners; a class of -1 ends the list
 * @param clsPred scores, shape (batch, classes + 1, anchors), background first
 * @returns `[offsets, mask, classes]` of shapes (batch, 4 * anchors) twice and (batch, anchors):
 *   offsets to the matched boxes, 1 where there is one, and its class plus 1, 0 for background
 * @throws ShapeError for other shapes; AttributeError for options out of range
 * @derivative 0 everywhere: a target is a constant
 * @edges in an image without labels no anchor counts: all have the class `ignoreLabel`
 * @example
 * ```ts
 * const anchor = nd.array([[[0, 0, 0.5, 0.5], [0.5, 0.5, 1, 1]]]);
 * const label = nd.array([[[2, 0.5, 0.5, 1, 1]]]);
 * nd.contrib.MultiBoxTarget(anchor, label, nd.zeros([1, 4, 2]))[2]; // [[0. 3.]]
 * ```
 */
export function MultiBoxTarget(
  anchor: NDArray,
  label: NDArray,
  clsPred: NDArray,
  options?: Partial<MultiBoxTargetOptions>,
): readonly [NDArray, NDArray, NDArray] {
  const read = readOptions<MultiBoxTargetOptions>("MultiBoxTarget", options, defaults);
  for (const name of ["overlapThreshold", "ignoreLabel", "negativeMiningRatio"] as const) {
    checkFinite("MultiBoxTarget", name, read[name]);
  }
  checkFinite("MultiBoxTarget", "negativeMiningThresh", read.negativeMiningThresh);
  checkInteger("MultiBoxTarget", "minimumNegativeSamples", read.minimumNegativeSamples, 0);
  checkVariances("MultiBoxTarget", read.variances);
  checkBoxes("MultiBoxTarget", "anchor", anchor, [1, -1, 4]);
  checkBoxes("MultiBoxTarget", "label", label, [-1, -1, -1]);
  const [batch = 0, most = 0, width = 0] = label.shape;
  const count = anchor.shape[1] ?? 0;
  checkBoxes("MultiBoxTarget", "clsPred", clsPred, [batch, -1, count]);
  const classes = clsPred.shape[1] ?? 0;
  const [corners, labels, scores] = [anchor.toFlat(), label.toFlat(), clsPred.toFlat()];
  const anchors = Array.from({ length: count }, (_, at) => cornersAt(corners, 4 * at));
  const targets = Array.from({ length: batch }, (_, image) => {
    const rows = Array.from({ length: most }, (__, row) =>
      labels.slice((image * most + row) * width, (image * most + row + 1) * width),
    );
    const scoresOf = (at: number) =>
      Array.from({ length: classes }, (__, id) => scores[(image * classes + id) * count + at] ?? 0);
    return targetsOf(anchors, rows, scoresOf, read);
  });
  const joined = (name: keyof Targets) =>
    array(
      targets.map((one) => one[name]),
      { dtype: anchor.dtype },
    );
  return [joined("offsets"), joined("mask"), joined("classes")];
}

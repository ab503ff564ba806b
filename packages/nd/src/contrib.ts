import { ArgumentError, formatShape, ShapeError } from "@adjoint/graph";
import { describe, fronts } from "@adjoint/ops";
import { NDArray } from "./array/ndarray.js";
import { cond } from "./control/cond.js";
import { foreach } from "./control/foreach.js";
import { whileLoop } from "./control/whileLoop.js";
import { bipartiteMatching } from "./detection/bipartiteMatching.js";
import { boxDecode, boxEncode } from "./detection/boxCoding.js";
import { boxIou } from "./detection/boxIou.js";
import { boxNms } from "./detection/boxNms.js";
import { MultiBoxDetection } from "./detection/MultiBoxDetection.js";
import { MultiBoxPrior } from "./detection/MultiBoxPrior.js";
import { MultiBoxTarget } from "./detection/MultiBoxTarget.js";
import { adamwUpdate } from "./optimizer/adamUpdate.js";
import { array } from "./creation/filled.js";

/**
 * The rows of `x` for which `mask` is not zero. The mask is read at once, since the result's shape depends on it; x gets
 * gradients, the mask none.
 *
 * @param mask one axis, as long as the first of x; any dtype
 * @throws ShapeError for a mask of another shape
 * @param x at least one axis, any dtype
 * @returns x's dtype and shape, with as many rows as the mask keeps
 * @derivative to x the head gradient in the rows kept, 0 elsewhere; none to the mask
 * @edges a mask of zeros gives an array of length 0
 * @example
 * ```ts
 * const x = nd.array([3, -1, 2]);
 * nd.contrib.booleanMask(x, x.greater(0)); // [3. 2.]
 * ```
 */
function booleanMask(x: NDArray, mask: NDArray): NDArray {
  for (const one of [x, mask]) if (!(one instanceof NDArray)) throw notAnArray(one);
  const [length] = x.shape;
  if (mask.ndim !== 1 || length === undefined || mask.shape[0] !== length) {
    throw new ShapeError({
      op: "booleanMask",
      problem: "mask does not fit the first axis",
      received: `${formatShape(mask.shape)} for ${formatShape(x.shape)}`,
      allowed: length === undefined ? "an array with at least one axis" : formatShape([length]),
    });
  }
  const rows = mask.toFlat().flatMap((value, row) => (value === 0 ? [] : [row]));
  return x.at(array(rows, { dtype: "int32" }));
}

function notAnArray(received: unknown): ArgumentError {
  return new ArgumentError({
    op: "booleanMask",
    problem: "argument is not an array",
    received: describe(received),
    allowed: "NDArray",
  });
}

const ofArrays = {
  adamwUpdate,
  bipartiteMatching,
  booleanMask,
  boxDecode,
  boxEncode,
  boxIou,
  boxNms,
  boxNonMaximumSuppression: boxNms,
  MultiBoxDetection,
  MultiBoxPrior,
  MultiBoxTarget,
  foreach,
  whileLoop,
  cond,
} as const;

/** Operators that MXNet keeps under `contrib`. */
export const contrib: typeof fronts.contrib & typeof ofArrays = { ...fronts.contrib, ...ofArrays };

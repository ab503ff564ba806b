import { ArgumentError, formatShape, ShapeError } from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import { NDArray } from "./array/ndarray.js";
import { cond } from "./control/cond.js";
import { foreach } from "./control/foreach.js";
import { whileLoop } from "./control/whileLoop.js";
import { array } from "./creation.js";

/**
 * The rows of `x` for which `mask` is not zero. The mask is read at once, since the result's shape depends on it; x gets
 * gradients, the mask none.
 *
 * @param mask one axis, as long as the first of x; any dtype
 * @throws ShapeError for a mask of another shape
 * @example
 * ```ts
 * nd.contrib.booleanMask(x, x.greater(0)); // the positive elements of a list
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

/** Operators that MXNet keeps under `contrib`. */
export const contrib = { booleanMask, foreach, whileLoop, cond } as const;

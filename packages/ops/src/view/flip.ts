import { AttributeError, type Operand } from "@adjoint/graph";
import { normalizeAxes, readOptions } from "../core/options.js";
import { asNew } from "../elementwise/identity.js";
import { shapeOf } from "./shapeOf.js";
import { flipAxes } from "./slice.js";

export interface FlipOptions {
  /** One axis or several, counted from either end. */
  axis: number | readonly number[];
}

/**
 * Reverses the order of the elements along axes.
 *
 * @param x any shape and dtype
 * @returns x's shape and dtype
 * @throws AttributeError without an axis; BoundsError for an axis out of range
 * @derivative the head gradient, reversed in the same way
 * @example
 * ```ts
 * nd.flip(nd.array([1, 2, 3]), { axis: 0 }); // [3. 2. 1.]
 * ```
 */
export function flip<T extends Operand<T>>(x: T, options: FlipOptions): T {
  const { axis } = readOptions<FlipOptions>("flip", options, { axis: [] });
  if (typeof axis !== "number" && axis.length === 0) {
    throw new AttributeError({ op: "flip", problem: "axis is missing", allowed: "one or more" });
  }
  return asNew(x, flipAxes(x, normalizeAxes("flip", axis, shapeOf("flip", x))));
}

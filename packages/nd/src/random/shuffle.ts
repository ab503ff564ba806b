import { ArgumentError } from "@adjoint/graph";
import { describe, shuffled } from "@adjoint/ops";
import { NDArray } from "../array/ndarray.js";
import { session } from "../session.js";
import { keep } from "./draw.js";

/**
 * The slices along axis 0 in random order; all orders are equally likely. MXNet's own order depends
 * on how many threads it has, so this is another one.
 *
 * @param x at least one axis, any dtype
 * @returns x's shape and dtype; x itself stays as it is
 * @throws ShapeError for an array without axes
 * @derivative the head gradient, put back in order
 * @edges an array of length 0 is itself
 * @example
 * ```ts
 * nd.random.shuffle(nd.arange(5)); // [0. 4. 1. 3. 2.]
 * ```
 */
export function shuffle(x: NDArray): NDArray {
  const op = "random.shuffle";
  if (x instanceof NDArray) return keep(shuffled(op, x, session.randomState));
  throw new ArgumentError({
    op,
    problem: "argument is not an array",
    received: describe(x),
    allowed: "NDArray",
  });
}

import { formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { div } from "../elementwise/arithmetic.js";
import { shapeOf } from "../view/shapeOf.js";

/**
 * An array divided by the square root of its last length, as attention scales its products.
 *
 * @param x at least one axis, any dtype
 * @returns x's shape and dtype
 * @throws ShapeError for an array without axes
 * @derivative the head gradient, divided alike
 * @edges integers are divided by the truncated root
 * @example
 * ```ts
 * nd.contrib.divSqrtDim(nd.array([[2, 4, 6, 8]])); // [[1. 2. 3. 4.]]
 * ```
 */
export function divSqrtDim<T extends Operand<T>>(x: T): T {
  const shape = shapeOf("contrib.divSqrtDim", x);
  const last = shape.at(-1);
  if (last !== undefined) return div(x, Math.sqrt(last));
  throw new ShapeError({
    op: "contrib.divSqrtDim",
    problem: "array has no axes",
    received: formatShape(shape),
    allowed: "one axis or more",
  });
}

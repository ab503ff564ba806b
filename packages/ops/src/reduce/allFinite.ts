import type { Operand } from "@adjoint/graph";
import { checkOperands } from "../core/define.js";
import { sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { equal } from "../elementwise/compare.js";
import { reshape } from "../view/reshape.js";
import { prodAxes } from "./prod.js";

/**
 * Whether all elements are finite.
 *
 * @param x any shape and dtype
 * @returns float32 of shape `(1,)`: 1 if all are finite, 0 if there is a NaN or an infinity
 * @throws ArgumentError unless x is an array
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 1 for an array without elements
 * @example
 * ```ts
 * nd.allFinite(nd.array([1, 2])); // [1.]
 * nd.allFinite(nd.array([1, Infinity])); // [0.]
 * ```
 */
export function allFinite<T extends Operand<T>>(x: T): T {
  checkOperands("allFinite", [x]);
  // x - x is 0 where x is finite, and NaN elsewhere.
  const finite = castTo(equal(sub(x, x), 0), "float32");
  const axes = x.type.shape.map((_, axis) => axis);
  return reshape(prodAxes(finite, axes), [1]);
}

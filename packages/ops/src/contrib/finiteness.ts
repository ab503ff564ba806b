import { isFloat, type Operand } from "@adjoint/graph";
import { checkOperands } from "../core/define.js";
import { sub } from "../elementwise/arithmetic.js";
import { equal, notEqual } from "../elementwise/compare.js";
import { onesLike, zerosLike } from "../elementwise/identity.js";
import { abs } from "../elementwise/sign.js";

/**
 * 1 where an element is NaN, else 0.
 *
 * @param x any shape and dtype
 * @returns x's shape and dtype
 * @throws ArgumentError unless x is an array
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 0 for integers
 * @example
 * ```ts
 * nd.contrib.isnan(nd.array([1, NaN, Infinity])); // [0. 1. 0.]
 * ```
 */
export function isnan<T extends Operand<T>>(x: T): T {
  checkOperands("contrib.isnan", [x]);
  return notEqual(x, x);
}

/**
 * 1 where an element is infinite, else 0.
 *
 * @param x any shape and dtype
 * @returns x's shape and dtype
 * @throws ArgumentError unless x is an array
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 0 at NaN, and for integers
 * @example
 * ```ts
 * nd.contrib.isinf(nd.array([1, NaN, -Infinity])); // [0. 0. 1.]
 * ```
 */
export function isinf<T extends Operand<T>>(x: T): T {
  checkOperands("contrib.isinf", [x]);
  return isFloat(x.type.dtype) ? equal(abs(x), Number.POSITIVE_INFINITY) : zerosLike(x);
}

/**
 * 1 where an element is a number that is not infinite, else 0.
 *
 * @param x any shape and dtype
 * @returns x's shape and dtype
 * @throws ArgumentError unless x is an array
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 1 for integers
 * @example
 * ```ts
 * nd.contrib.isfinite(nd.array([1, NaN, Infinity])); // [1. 0. 0.]
 * ```
 */
export function isfinite<T extends Operand<T>>(x: T): T {
  checkOperands("contrib.isfinite", [x]);
  // x - x is 0 where x is finite, and NaN elsewhere.
  return isFloat(x.type.dtype) ? equal(sub(x, x), 0) : onesLike(x);
}

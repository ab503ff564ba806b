import { type Operand, sizeOf } from "@adjoint/graph";
import { first, nth } from "../core/define.js";
import { checkInteger, normalizeAxis, readOptions } from "../core/options.js";
import { arangeOp } from "../elementwise/arange.js";
import { reshape } from "../view/reshape.js";
import { shapeOf } from "../view/shapeOf.js";

export interface ArangeLikeOptions {
  /** The first number. */
  start: number;
  /** What each number adds to the one before. */
  step: number;
  /** How often each number stands. */
  repeat: number;
  /** The axis whose length counts, counted from either end; null to fill x's whole shape. */
  axis: number | null;
}

const defaults: ArangeLikeOptions = { start: 0, step: 1, repeat: 1, axis: null };

/**
 * Evenly spaced numbers, as many as an array has elements, or as one of its axes is long.
 *
 * @param x any shape and dtype; its numbers do not matter
 * @returns x's dtype; x's shape, or with an axis the shape (length,)
 * @throws BoundsError for an axis out of range; AttributeError for a `repeat` below 1
 * @derivative 0 everywhere: the result is constant
 * @edges repeated numbers count: the result does not grow with `repeat`
 * @example
 * ```ts
 * nd.contrib.arangeLike(nd.zeros([2, 3]), { start: 1 }); // [[1. 2. 3.] [4. 5. 6.]]
 * nd.contrib.arangeLike(nd.zeros([2, 3]), { axis: -1, repeat: 2 }); // [0. 0. 1.]
 * ```
 */
export function arangeLike<T extends Operand<T>>(x: T, options?: Partial<ArangeLikeOptions>): T {
  const op = "contrib.arangeLike";
  const shape = shapeOf(op, x);
  const { start, step, repeat, axis } = readOptions(op, options, defaults);
  checkInteger(op, "repeat", repeat, 1);
  const length =
    axis === null ? sizeOf(shape) : nth(op, shape, normalizeAxis(op, axis, shape.length));
  const attrs = { start, step, length, repeat, dtype: x.type.dtype };
  const numbers = first("arange", x.emitter.emit(arangeOp, [], attrs));
  return axis === null ? reshape(numbers, shape) : numbers;
}

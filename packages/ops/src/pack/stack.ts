import { equalShapes, formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { normalizeAxis, readOptions } from "../core/options.js";
import { insertAxis } from "../view/axes.js";
import { arraysAndOptions, concatAlong } from "./concat.js";

export interface StackOptions {
  /** Where the new axis stands in the result, counted from either end. */
  axis: number;
}

/**
 * Joins arrays of one shape along a new axis, by default the first.
 *
 * @param args one array or more, of one shape and dtype; then the options
 * @returns the arrays' dtype; their shape with one more axis
 * @throws ArgumentError without arrays; ShapeError if shapes differ; DTypeError if dtypes differ;
 *   BoundsError for an axis out of range
 * @derivative to each array its part of the head gradient
 * @example
 * ```ts
 * nd.stack(nd.array([1, 2]), nd.array([3, 4]), { axis: 1 }); // [[1. 3.] [2. 4.]]
 * ```
 */
export function stack<T extends Operand<T>>(...args: readonly (T | Partial<StackOptions>)[]): T {
  const { arrays, options } = arraysAndOptions<T, Partial<StackOptions>>("stack", args);
  const { axis } = readOptions<StackOptions>("stack", options, { axis: 0 });
  return stackAlong(arrays, normalizeAxis("stack", axis, arrays[0].type.shape.length + 1));
}

/** Joins arrays of one shape along a new axis, counted from the front. */
export function stackAlong<T extends Operand<T>>(parts: readonly [T, ...T[]], axis: number): T {
  const [head, ...rest] = parts;
  const { shape } = head.type;
  for (const { type } of rest) {
    if (equalShapes(type.shape, shape)) continue;
    throw new ShapeError({
      op: "stack",
      problem: "shapes differ",
      received: `${formatShape(shape)} and ${formatShape(type.shape)}`,
      allowed: "equal shapes",
    });
  }
  const widened = rest.map((part) => insertAxis(part, axis));
  return concatAlong([insertAxis(head, axis), ...widened], axis);
}

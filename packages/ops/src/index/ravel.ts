import {
  formatShape,
  type Operand,
  rowMajorStrides,
  type Shape,
  ShapeError,
  tensorType,
} from "@adjoint/graph";
import { applyOne, defineOp, nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { add, div, mul } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { mod } from "../elementwise/remainder.js";
import { stackAlong } from "../pack/stack.js";
import { reshape } from "../view/reshape.js";
import { checkShape } from "../view/shapeCodes.js";
import { sliceAlong } from "../view/slice.js";

export const unravelIndexOp = defineOp<{ shape: Shape }>({
  name: "unravelIndex",
  arity: 1,
  attrs: { shape: "ints" },
  infer(ins, { shape }) {
    const data = nth("unravelIndex", ins, 0);
    return [tensorType(data.dtype, [shape.length, ...data.shape])];
  },
  vjp: { none: "integer valued" },
  compose(ins, { shape }) {
    const data = nth("unravelIndex", ins, 0);
    const flat = castTo(data, "int32");
    const strides = rowMajorStrides(shape);
    const [head, ...rest] = shape.map((length, axis) =>
      mod(div(flat, nth("unravelIndex", strides, axis)), length),
    );
    if (head === undefined) throw new Error("unravelIndex: shape without axes");
    return [castTo(stackAlong([head, ...rest], 0), data.type.dtype)];
  },
  docs: "Positions in a flat array as positions along each axis of `shape`. Derivative 0.",
});

export const ravelMultiIndexOp = defineOp<{ shape: Shape }>({
  name: "ravelMultiIndex",
  arity: 1,
  attrs: { shape: "ints" },
  infer(ins, { shape }) {
    const data = nth("ravelMultiIndex", ins, 0);
    if (shape.length > 0 && data.shape[0] === shape.length) {
      return [tensorType(data.dtype, data.shape.slice(1))];
    }
    throw new ShapeError({
      op: "ravelMultiIndex",
      problem: "first axis does not count the axes of the shape",
      received: `${formatShape(data.shape)} for ${formatShape(shape)}`,
      allowed: `(${shape.length}, ...)`,
    });
  },
  vjp: { none: "integer valued" },
  compose(ins, { shape }) {
    const data = nth("ravelMultiIndex", ins, 0);
    const positions = castTo(data, "int32");
    const rest = data.type.shape.slice(1);
    const terms = rowMajorStrides(shape).map((stride, axis) =>
      mul(reshape(sliceAlong(positions, 0, axis, 1), rest), stride),
    );
    return [castTo(terms.reduce(add), data.type.dtype)];
  },
  docs:
    "Positions along each axis of `shape`, in the first axis, as positions in a flat array. " +
    "Derivative 0.",
});

/** The length of a first axis that may be any; it does not matter, as nothing is multiplied by it. */
const unbounded = 2 ** 31 - 1;

function readShape(op: string, options: { shape: readonly number[] }): Shape {
  const { shape: given } = readOptions<{ shape: unknown }>(op, options, { shape: undefined });
  const isOpen = Array.isArray(given) && given[0] === -1;
  const shape = checkShape(op, isOpen ? [unbounded, ...given.slice(1)] : given, 1);
  if (shape.length > 0) return shape;
  throw new ShapeError({ op, problem: "shape has no axes", allowed: "one or more" });
}

/**
 * Positions in a flat array, as positions along each axis of a shape.
 *
 * @param data positions of any shape and dtype
 * @param options.shape shape of the array that the positions are meant for; -1 in front for any
 *   length
 * @returns shape (axes, ...data.shape), data's dtype
 * @throws AttributeError for a shape that is not a list of positive integers
 * @derivative 0 everywhere: positions are integers
 * @edges positions beyond the shape are taken modulo the size of each axis
 * @example
 * ```ts
 * nd.unravelIndex(nd.array([5, 2]), { shape: [2, 3] }); // [[1. 0.] [2. 2.]]
 * ```
 */
export function unravelIndex<T extends Operand<T>>(
  data: T,
  options: { shape: readonly number[] },
): T {
  return applyOne(unravelIndexOp, [data], { shape: readShape("unravelIndex", options) });
}

/**
 * Positions along each axis of a shape, as positions in the flat array.
 *
 * @param data shape (axes, ...rest), any dtype
 * @param options.shape shape of the array that the positions are meant for; -1 in front for any
 *   length
 * @returns shape rest, data's dtype
 * @throws ShapeError unless data's first axis counts the axes of the shape
 * @derivative 0 everywhere: positions are integers
 * @edges positions out of range are not refused: the sum `position * stride` is taken as it is
 * @example
 * ```ts
 * nd.ravelMultiIndex(nd.array([[1, 0], [2, 2]]), { shape: [2, 3] }); // [5. 2.]
 * ```
 */
export function ravelMultiIndex<T extends Operand<T>>(
  data: T,
  options: { shape: readonly number[] },
): T {
  return applyOne(ravelMultiIndexOp, [data], { shape: readShape("ravelMultiIndex", options) });
}

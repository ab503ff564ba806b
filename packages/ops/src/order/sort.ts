import { type DType, type Operand, sizeOf, tensorType } from "@adjoint/graph";
import { apply, defineOp, nth } from "../core/define.js";
import { normalizeAxis, readOptions } from "../core/options.js";
import { castTo } from "../elementwise/cast.js";
import { checkDType } from "../index/checkDType.js";
import { addAlong } from "../index/takeAlong.js";
import { reshape } from "../view/reshape.js";
import { shapeOf } from "../view/shapeOf.js";

export const sortOp = defineOp<{ axis: number; ascending: boolean }>({
  name: "sort",
  arity: 1,
  attrs: { axis: "int", ascending: "bool" },
  infer(ins, { axis }) {
    const x = nth("sort", ins, 0);
    normalizeAxis("sort", axis, x.shape.length);
    return [x, tensorType("int32", x.shape)];
  },
  vjp: {
    rule({ ins, outs, heads, attrs: { axis } }) {
      const [head] = heads;
      if (head === undefined) return [undefined];
      const length = nth("sort", nth("sort", ins, 0).type.shape, axis);
      return [addAlong(head, nth("sort", outs, 1), axis, length)];
    },
  },
  kernel: (_, { axis, ascending }) => ({ kind: "order", form: "sort", axis, ascending }),
  docs:
    "The elements in order along an axis, and the positions (int32) that they come from. Equal " +
    "elements keep their order; NaN comes last. Derivative: each head gradient goes where its " +
    "element came from.",
});

/** Values and int32 positions in order along `axis`, counted from the front. */
export function sortAlong<T extends Operand<T>>(
  x: T,
  axis: number,
  ascending = true,
): readonly [T, T] {
  const results = apply(sortOp, [x], { axis, ascending });
  return [nth("sort", results, 0), nth("sort", results, 1)];
}

/** The array, flattened where `axis` is null, and its axis counted from the front. */
export function ordered<T extends Operand<T>>(
  op: string,
  x: T,
  axis: number | null,
): readonly [T, number] {
  const shape = shapeOf(op, x);
  const data = axis === null ? reshape(x, [sizeOf(shape)]) : x;
  return [data, normalizeAxis(op, axis ?? 0, data.type.shape.length)];
}

export interface SortOptions {
  /** Counted from either end; null for the flattened array. */
  axis: number | null;
  /** Smallest first. */
  isAscend: boolean;
}

/**
 * The elements in order along an axis, by default the last.
 *
 * @param x any shape and dtype
 * @returns x's shape and dtype; one axis where `axis` is null
 * @throws BoundsError for an axis out of range
 * @derivative each head gradient goes to where its element came from
 * @edges equal elements keep their order; NaN comes last in either direction
 * @example
 * ```ts
 * nd.sort(nd.array([3, 1, 2])); // [1. 2. 3.]
 * ```
 */
export function sort<T extends Operand<T>>(x: T, options?: Partial<SortOptions>): T {
  const { axis, isAscend } = readOptions<SortOptions>("sort", options, {
    axis: -1,
    isAscend: true,
  });
  const [data, along] = ordered("sort", x, axis);
  return sortAlong(data, along, isAscend)[0];
}

export interface ArgsortOptions extends SortOptions {
  /** Of the positions. */
  dtype: DType;
}

/**
 * The positions that put an array in order along an axis, by default the last.
 *
 * @param x any shape and dtype
 * @returns x's shape, one axis where `axis` is null; float32 unless `dtype` says otherwise
 * @throws BoundsError for an axis out of range; AttributeError for an unknown dtype
 * @derivative 0 everywhere: positions are integers, piecewise constant in x
 * @edges equal elements keep their order; NaN comes last in either direction
 * @example
 * ```ts
 * nd.argsort(nd.array([3, 1, 2])); // [1. 2. 0.]
 * ```
 */
export function argsort<T extends Operand<T>>(x: T, options?: Partial<ArgsortOptions>): T {
  const { axis, isAscend, dtype } = readOptions<ArgsortOptions>("argsort", options, {
    axis: -1,
    isAscend: true,
    dtype: "float32",
  });
  const [data, along] = ordered("argsort", x, axis);
  return castTo(sortAlong(data, along, isAscend)[1], checkDType("argsort", dtype));
}

import {
  BoundsError,
  formatShape,
  type Operand,
  type Shape,
  sizeOf,
  tensorType,
} from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { checkChoice, normalizeAxis, readOptions } from "../core/options.js";
import { shapeOf } from "../view/shapeOf.js";

/** What indices out of range become: the nearest valid one, or the remainder. */
export const indexModes = ["clip", "wrap"] as const;
export type IndexMode = (typeof indexModes)[number];

/** The modes of `take`; `raise` refuses indices out of range when the result is computed. */
const takeModes = [...indexModes, "raise"] as const;
export type TakeMode = (typeof takeModes)[number];

export type TakeAttrs = { axis: number; mode: TakeMode };
/** `length`: what the data measures along `axis`. */
export type TakeAdjointAttrs = TakeAttrs & { length: number };

/** Positions need something to point at; where there are none, nothing is taken. */
export function checkNotEmpty(op: string, shape: Shape, axis: number, positions: Shape): void {
  if (shape[axis] !== 0 || sizeOf(positions) === 0) return;
  throw new BoundsError({
    op,
    problem: "no elements to take from",
    received: `${formatShape(shape)} along axis ${axis}`,
    allowed: "an axis of length 1 or more",
  });
}

export const takeOp = defineOp<TakeAttrs>({
  name: "take",
  arity: 2,
  attrs: { axis: "int", mode: "string" },
  infer(ins, { axis, mode }) {
    checkChoice("take", "mode", mode, takeModes);
    const [data, indices] = [nth("take", ins, 0), nth("take", ins, 1)];
    normalizeAxis("take", axis, data.shape.length);
    checkNotEmpty("take", data.shape, axis, indices.shape);
    const { shape } = data;
    return [
      tensorType(data.dtype, [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)]),
    ];
  },
  vjp: {
    rule({ ins, heads, attrs }) {
      const length = nth("take", nth("take", ins, 0).type.shape, attrs.axis);
      return [takeAdjoint(headOf(heads), nth("take", ins, 1), { ...attrs, length }), undefined];
    },
  },
  kernel: (_, { axis, mode }) => ({
    kind: "index",
    form: "take",
    axis,
    mode,
  }),
  docs:
    "Slices of the data along an axis, picked by an array of indices, which may repeat. " +
    "Fractions are cut off; `mode` says what happens out of range. Adjoint: scatter-add.",
});

export const takeAdjointOp = defineOp<TakeAdjointAttrs>({
  name: "takeAdjoint",
  arity: 2,
  attrs: { axis: "int", mode: "string", length: "int" },
  infer(ins, { axis, mode, length }) {
    checkChoice("takeAdjoint", "mode", mode, takeModes);
    const [{ dtype, shape }, indices] = [nth("takeAdjoint", ins, 0), nth("takeAdjoint", ins, 1)];
    const after = shape.slice(axis + indices.shape.length);
    return [tensorType(dtype, [...shape.slice(0, axis), length, ...after])];
  },
  vjp: {
    rule: ({ ins, heads, attrs: { axis, mode } }) => [
      takeAt(headOf(heads), nth("takeAdjoint", ins, 1), axis, mode),
      undefined,
    ],
  },
  kernel: (_, { axis, mode }) => ({
    kind: "index",
    form: "takeAdjoint",
    axis,
    mode,
  }),
  docs:
    "Adds the slices of the head gradient where `take` took them from; repeated indices add " +
    "up.",
});

/** Slices of `x` along `axis`, counted from the front, where `indices` point. */
export function takeAt<T extends Operand<T>>(
  x: T,
  indices: T,
  axis: number,
  mode: TakeMode = "clip",
): T {
  return applyOne(takeOp, [x, indices], { axis, mode });
}

function takeAdjoint<T extends Operand<T>>(head: T, indices: T, attrs: TakeAdjointAttrs): T {
  return applyOne(takeAdjointOp, [head, indices], attrs);
}

export interface TakeOptions {
  /** The axis of the data that the indices run along, counted from either end. */
  axis: number;
  /**
   * Out of range: `clip` takes the nearest (so -1 is the first), `wrap` counts around (so -1 is the
   * last), `raise` throws when the result is read.
   */
  mode: TakeMode;
}

/**
 * Slices of an array along an axis, picked by indices.
 *
 * @param a any shape and dtype
 * @param indices any shape and dtype; fractions are cut off
 * @returns shape `a.shape[<axis] + indices.shape + a.shape[>axis]`, a's dtype
 * @throws BoundsError for an axis out of range or of length 0, and with `raise` for an index out of
 *   range, when the result is read; AttributeError for an unknown mode
 * @derivative to `a` the head gradient added up where it was taken from; none to the indices, in
 *   which the result is piecewise constant
 * @edges with `clip` -1 is the first element, with `wrap` the last; NaN counts as 0
 * @example
 * ```ts
 * nd.take(nd.array([[1, 2], [3, 4], [5, 6]]), nd.array([0, 2])); // [[1. 2.] [5. 6.]]
 * ```
 */
export function take<T extends Operand<T>>(a: T, indices: T, options?: Partial<TakeOptions>): T {
  const { axis, mode } = readOptions<TakeOptions>("take", options, { axis: 0, mode: "clip" });
  checkChoice("take", "mode", mode, takeModes);
  return takeAt(a, indices, normalizeAxis("take", axis, shapeOf("take", a).length), mode);
}

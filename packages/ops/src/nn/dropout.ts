import { AttributeError, type Operand, type Shape, tensorType, type Value } from "@adjoint/graph";
import { apply, checkOperands, defineOp, describe, nth } from "../core/define.js";
import { checkIntegers, normalizeAxis, readOptions } from "../core/options.js";
import { mul } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { lesser, lesserEqual } from "../elementwise/compare.js";
import { uniformSample } from "../random/distributions.js";
import { stateType } from "../random/sample.js";
import { checkFloat } from "./layerArguments.js";

/** `axes`: along these one mask element serves all. */
export type DropoutAttrs = { p: number; axes: readonly number[] };

export interface DropoutOptions {
  /** Probability of 0, from 0 to 1. */
  p: number;
  /** Axes along which the mask is shared, counted from either end. */
  axes: readonly number[];
}

function maskShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

/**
 * Where the mask is not 0. As in MXNet the bound is computed in float32, and belongs to what is kept
 * where each element has a mask of its own.
 */
function kept(sample: Value, p: number, axes: readonly number[]): Value {
  const bound = Math.fround(1 - Math.fround(p));
  const u = castTo(sample, "float32");
  return axes.length === 0 ? lesserEqual(u, bound) : lesser(u, bound);
}

export const dropoutOp = defineOp<DropoutAttrs>({
  name: "Dropout",
  arity: 2,
  attrs: { p: "number", axes: "ints" },
  infer(ins, { axes }) {
    const x = nth("Dropout", ins, 0);
    checkFloat("Dropout", x);
    return [x, stateType, tensorType(x.dtype, maskShape(x.shape, axes))];
  },
  vjp: {
    rule: ({ outs, heads: [head] }) => [head && mul(head, nth("Dropout", outs, 2)), undefined],
  },
  compose(ins, { p, axes }) {
    const [x, state] = [nth("Dropout", ins, 0), nth("Dropout", ins, 1)];
    const { dtype } = x.type;
    const [sample, next] = uniformSample(state, {
      low: 0,
      high: 1,
      shape: maskShape(x.type.shape, axes),
      dtype,
    });
    const mask = mul(castTo(kept(sample, p, axes), dtype), 1 / (1 - p));
    return [mul(x, mask), next, mask];
  },
  docs:
    "(x, random state) to (y, next state, mask): y = x mask, where the mask is 0 with " +
    "probability `p` and otherwise 1 / (1 - p), so that the mean stays. With p = 1 everything is " +
    "NaN.",
});

/** The attributes for an argument, checked. @throws AttributeError, BoundsError, ArgumentError, DTypeError */
export function dropoutAttrs<T extends Operand<T>>(
  x: T,
  { p, axes }: DropoutOptions,
): DropoutAttrs {
  if (!(typeof p === "number" && p >= 0 && p <= 1)) {
    throw new AttributeError({
      op: "Dropout",
      problem: "p is not a probability",
      received: describe(p),
      allowed: "0 to 1",
    });
  }
  checkOperands("Dropout", [x]);
  checkFloat("Dropout", x.type);
  const rank = x.type.shape.length;
  return {
    p,
    axes: checkIntegers("Dropout", "axes", axes).map((axis) =>
      normalizeAxis("Dropout", axis, rank),
    ),
  };
}

/**
 * Sets elements to 0 at random and enlarges the others, so that the mean stays (Srivastava et al.
 * 2014).
 *
 * @param x floating point
 * @param state random state float64[1026]
 * @returns x's shape, and the next random state
 * @throws AttributeError unless 0 <= p <= 1; BoundsError for an axis out of range
 * @example
 * ```ts
 * const [y, next] = dropout(x, state, { p: 0.5 });
 * ```
 */
export function dropout<T extends Operand<T>>(
  x: T,
  state: T,
  options?: Partial<DropoutOptions>,
): readonly [T, T] {
  const given = readOptions<DropoutOptions>("Dropout", options, { p: 0.5, axes: [] });
  const attrs = dropoutAttrs(x, given);
  checkOperands("Dropout", [x, state]);
  if (attrs.p === 0) return [x, state];
  const results = apply(dropoutOp, [x, state], attrs);
  return [nth("Dropout", results, 0), nth("Dropout", results, 1)];
}

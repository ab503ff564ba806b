import { type DType, type Operand, sizeOf } from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { normalizeAxis, readOptions } from "../core/options.js";
import { add, mul } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { checkDType } from "../index/checkDType.js";
import { reshape } from "../view/reshape.js";
import { shapeOf } from "../view/shapeOf.js";
import { padWith } from "../view/slice.js";

/** Running along `axis`, counted from the front; from the end where `reverse`. */
export type ScanAttrs = { axis: number; reverse: boolean };

export const cumsumOp = defineOp<ScanAttrs>({
  name: "cumsum",
  arity: 1,
  attrs: { axis: "int", reverse: "bool" },
  infer(ins, { axis }) {
    const x = nth("cumsum", ins, 0);
    normalizeAxis("cumsum", axis, x.shape.length);
    return [x];
  },
  vjp: {
    rule: ({ heads, attrs: { axis, reverse } }) => [cumsumAlong(headOf(heads), axis, !reverse)],
  },
  kernel: (_, { axis, reverse }) => ({ kind: "order", form: "scan", monoid: "sum", axis, reverse }),
  docs:
    "Running sum along an axis, from the end where `reverse`. Adjoint: the running sum the " +
    "other way.",
});

/** Running sum along `axis`, counted from the front. */
export function cumsumAlong<T extends Operand<T>>(x: T, axis: number, reverse = false): T {
  return applyOne(cumsumOp, [x], { axis, reverse });
}

/**
 * `x` moved by `distance` along `axis`, to the back for a positive one; `value` comes in, the rest
 * is cut off.
 */
function shift<T extends Operand<T>>(x: T, axis: number, distance: number, value: number): T {
  const only = (amount: number) => x.type.shape.map((_, other) => (other === axis ? amount : 0));
  return padWith(x, { low: only(distance), high: only(-distance), value });
}

/**
 * Gradient of a running product by doubling (Hillis & Steele, 1986). Beginning with `y = x`, the
 * steps `y = y * shift(y, d)` for d = 1, 2, 4, ... end in the running product; reversed, each step
 * sends `g * shift(y, d)` to y and, shifted back, `g * y`. There is no division, hence zeros are
 * exact, and so is every higher derivative.
 */
function cumprodAdjoint<T extends Operand<T>>(x: T, head: T, { axis, reverse }: ScanAttrs): T {
  const length = nth("cumprod", x.type.shape, axis);
  const steps: { y: T; distance: number }[] = [];
  let y = x;
  for (let distance = 1; distance < length; distance *= 2) {
    const signed = reverse ? -distance : distance;
    steps.push({ y, distance: signed });
    if (2 * distance < length) y = mul(y, shift(y, axis, signed, 1));
  }
  return steps.reduceRight((gradient, step) => {
    const kept = mul(gradient, shift(step.y, axis, step.distance, 1));
    return add(kept, shift(mul(gradient, step.y), axis, -step.distance, 0));
  }, head);
}

export const cumprodOp = defineOp<ScanAttrs>({
  name: "cumprod",
  arity: 1,
  attrs: { axis: "int", reverse: "bool" },
  infer(ins, { axis }) {
    const x = nth("cumprod", ins, 0);
    normalizeAxis("cumprod", axis, x.shape.length);
    return [x];
  },
  vjp: {
    rule: ({ ins, heads, attrs }) => [cumprodAdjoint(nth("cumprod", ins, 0), headOf(heads), attrs)],
  },
  kernel: (_, { axis, reverse }) => ({
    kind: "order",
    form: "scan",
    monoid: "prod",
    axis,
    reverse,
  }),
  docs:
    "Running product along an axis, from the end where `reverse`. Derivative: products of the " +
    "other elements, zeros included.",
});

export interface ScanOptions {
  /** Counted from either end; null for the flattened array. */
  axis: number | null;
  /** Convert to this dtype first; null for the array's own. */
  dtype: DType | null;
}

function front<T extends Operand<T>>(
  op: typeof cumsumOp,
  x: T,
  options: Partial<ScanOptions> | undefined,
): T {
  const shape = shapeOf(op.name, x);
  const { axis, dtype } = readOptions<ScanOptions>(op.name, options, { axis: null, dtype: null });
  const converted = dtype === null ? x : castTo(x, checkDType(op.name, dtype));
  const data = axis === null ? reshape(converted, [sizeOf(shape)]) : converted;
  const along = normalizeAxis(op.name, axis ?? 0, data.type.shape.length);
  return applyOne(op, [data], { axis: along, reverse: false });
}

/**
 * Running sum along an axis.
 *
 * @param x any shape and dtype
 * @returns x's shape, one axis where `axis` is null; x's dtype unless `dtype` says otherwise
 * @throws BoundsError for an axis out of range
 * @derivative the running sum of the head gradient from the end
 * @edges NaN spreads to all that follows; integers wrap around; an empty axis stays empty
 * @example
 * ```ts
 * nd.cumsum(nd.array([1, 2, 3])); // [1. 3. 6.]
 * ```
 */
export function cumsum<T extends Operand<T>>(x: T, options?: Partial<ScanOptions>): T {
  return front(cumsumOp, x, options);
}

/**
 * Running product along an axis.
 *
 * @param x any shape and dtype
 * @returns x's shape, one axis where `axis` is null; x's dtype unless `dtype` says otherwise
 * @throws BoundsError for an axis out of range
 * @derivative products of the other elements, exact where elements are 0
 * @edges NaN spreads to all that follows; integers wrap around; an empty axis stays empty
 * @example
 * ```ts
 * nd.cumprod(nd.array([1, 2, 3])); // [1. 2. 6.]
 * ```
 */
export function cumprod<T extends Operand<T>>(x: T, options?: Partial<ScanOptions>): T {
  return front(cumprodOp, x, options);
}

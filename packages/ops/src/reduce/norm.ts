import {
  AttributeError,
  type DType,
  dtypes,
  isDType,
  type Operand,
  tensorType,
} from "@adjoint/graph";
import { applyOne, applyUnary, defineOp, headOf, nth } from "../core/define.js";
import { normalizeAxes, readOptions } from "../core/options.js";
import { reducedShape } from "../core/shapes.js";
import { div, mul } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { sqrt, square } from "../elementwise/powers.js";
import { abs, sign } from "../elementwise/sign.js";
import { reshape } from "../view/reshape.js";
import { shapeOf } from "../view/shapeOf.js";
import { atLeastOneAxis, type ReduceAttrs, sumAxes } from "./sum.js";

export type NormAttrs = ReduceAttrs & { ord: number };

function checkOrder(ord: number): void {
  if (ord === 1 || ord === 2) return;
  throw new AttributeError({
    op: "norm",
    problem: "ord is not valid",
    received: String(ord),
    allowed: "1, 2",
  });
}

export const normOp = defineOp<NormAttrs>({
  name: "norm",
  arity: 1,
  attrs: { ord: "int", axes: "ints", keepdims: "bool" },
  infer(ins, { ord, axes, keepdims }) {
    const { dtype, shape } = nth("norm", ins, 0);
    checkOrder(ord);
    return [tensorType(dtype, reducedShape(shape, axes, keepdims))];
  },
  // d|x|_1 = sign(x); d|x|_2 = x / |x|_2, which at 0 is 0/0 = NaN as in MXNet.
  vjp: {
    rule({ ins, outs, heads, attrs: { ord, axes } }) {
      const [x, y] = [nth("norm", ins, 0), nth("norm", outs, 0)];
      const kept = reducedShape(x.type.shape, axes, true);
      const head = reshape(headOf(heads), kept);
      return [mul(head, ord === 1 ? sign(x) : div(x, reshape(y, kept)))];
    },
  },
  // In double, as squares of float32 over- and underflow for lengths that float32 holds.
  compose(ins, { ord, axes, keepdims }) {
    const x = nth("norm", ins, 0);
    const { dtype } = x.type;
    if (ord === 1) return [sumAxes(abs(x), axes, keepdims)];
    const wide = dtype === "float32" ? castTo(x, "float64") : x;
    return [castTo(sqrt(sumAxes(square(wide), axes, keepdims)), dtype)];
  },
  docs:
    "Sum of absolute values (`ord` 1) or Euclidean length (`ord` 2) over axes. Derivatives " +
    "`sign(x)` and `x/norm`, the latter NaN at 0.",
});

/** Euclidean length (`ord` 2) or sum of absolute values (`ord` 1), as the IR has it. */
export function normAxes<T extends Operand<T>>(
  x: T,
  axes: readonly number[],
  keepdims = false,
  ord: 1 | 2 = 2,
): T {
  return applyOne(normOp, [x], { ord, axes, keepdims });
}

export interface NormOptions {
  /** 1 for the sum of absolute values, 2 for the Euclidean length. */
  ord: 1 | 2;
  /** Axes to reduce, counted from either end; null for all. */
  axis: number | readonly number[] | null;
  /** Leave the reduced axes with length 1. */
  keepdims: boolean;
  /** Dtype of the result; null for that of the data. */
  outDtype: DType | null;
}

function checkDType(dtype: unknown): DType {
  if (isDType(dtype)) return dtype;
  throw new AttributeError({
    op: "norm",
    problem: "outDtype is not valid",
    received: String(dtype),
    allowed: dtypes.join(", "),
  });
}

const normDefaults: NormOptions = { ord: 2, axis: null, keepdims: false, outDtype: null };

const lengths: NormAttrs[] = [];

/** Attributes of the Euclidean length over all axes; the same object for the same rank. */
function lengthOfAll(rank: number): NormAttrs {
  for (let next = lengths.length; next <= rank; next++) {
    const axes = Array.from({ length: next }, (_, axis) => axis);
    lengths.push({ ord: 2, axes, keepdims: false });
  }
  return nth("norm", lengths, rank);
}

/**
 * Vector norm over axes: the sum of absolute values or the Euclidean length.
 *
 * @param x any shape and dtype
 * @returns x's dtype unless `outDtype` is given; x's shape without the reduced axes, `(1,)` when all are reduced
 * @throws AttributeError unless ord is 1 or 2, or for an unknown dtype; BoundsError for an axis out of range
 * @derivative `x/norm` for order 2, NaN where the norm is 0; `sign(x)` for order 1, 0 at 0
 * @edges 0 over an empty axis; NaN where there is one; squares of float32 do not overflow
 * @example
 * ```ts
 * nd.norm(nd.array([3, 4])); // [5.]
 * ```
 */
export function norm<T extends Operand<T>>(x: T, options?: Partial<NormOptions>): T {
  if (options === undefined) {
    return atLeastOneAxis(applyUnary(normOp, x, lengthOfAll(shapeOf("norm", x).length)));
  }
  const { ord, axis, keepdims, outDtype } = readOptions("norm", options, normDefaults);
  checkOrder(ord);
  const axes = normalizeAxes("norm", axis, shapeOf("norm", x));
  const y = atLeastOneAxis(normAxes(x, axes, keepdims, ord));
  return outDtype === null ? y : castTo(y, checkDType(outDtype));
}

import {
  equalShapes,
  formatShape,
  type OpDef,
  type Operand,
  rowMajorStrides,
  type Shape,
  ShapeError,
  tensorType,
} from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { normalizeAxes, readOptions } from "../core/options.js";
import { reducedShape } from "../core/shapes.js";
import { oneElement, reshape } from "../view/reshape.js";
import { shapeOf } from "../view/shapeOf.js";

/**
 * Attributes of every reduction in the IR: ascending axes; `keepdims` leaves them with length 1.
 */
export type ReduceAttrs = { axes: readonly number[]; keepdims: boolean };

/** Options of the reductions, as MXNet has them. */
export interface ReduceOptions {
  /** Axes to reduce, counted from either end; null or `[]` for all. */
  axis: number | readonly number[] | null;
  /** Leave the reduced axes with length 1. */
  keepdims: boolean;
  /** Reduce all axes but the named ones. */
  exclude: boolean;
}

export const reduceDefaults: ReduceOptions = { axis: null, keepdims: false, exclude: false };

export const sumOp = defineOp<ReduceAttrs>({
  name: "sum",
  arity: 1,
  attrs: { axes: "ints", keepdims: "bool" },
  infer(ins, { axes, keepdims }) {
    const { dtype, shape } = nth("sum", ins, 0);
    return [tensorType(dtype, reducedShape(shape, axes, keepdims))];
  },
  vjp: {
    rule({ ins, heads, attrs }) {
      const { shape } = nth("sum", ins, 0).type;
      const head = reshape(headOf(heads), reducedShape(shape, attrs.axes, true));
      return [broadcastTo(head, shape)];
    },
  },
  kernel: (_, { axes }) => ({ kind: "reduce", monoid: "sum", axes }),
  docs: "Sum over axes; 0 over none.",
});

/** Sum over `axes`, exactly as the IR has it: a full reduction has shape `[]`. */
export function sumAxes<T extends Operand<T>>(x: T, axes: readonly number[], keepdims = false): T {
  return axes.length === 0 ? x : applyOne(sumOp, [x], { axes, keepdims });
}

/** Undoes broadcasting: sums `x` over the axes along which `shape` was stretched. */
export function sumTo<T extends Operand<T>>(x: T, shape: Shape): T {
  const from = x.type.shape;
  if (equalShapes(from, shape)) return x;
  const added = from.length - shape.length;
  const axes = from.flatMap((length, axis) =>
    axis < added || (shape[axis - added] === 1 && length !== 1) ? [axis] : [],
  );
  return reshape(sumAxes(x, axes), shape);
}

function stretches(from: Shape, to: Shape): boolean {
  const added = to.length - from.length;
  return added >= 0 && from.every((length, axis) => length === 1 || length === to[axis + added]);
}

export const broadcastToOp = defineOp<{ shape: Shape }>({
  name: "broadcastTo",
  arity: 1,
  attrs: { shape: "ints" },
  infer(ins, { shape }) {
    const x = nth("broadcastTo", ins, 0);
    if (!stretches(x.shape, shape)) {
      throw new ShapeError({
        op: "broadcastTo",
        problem: "shape does not stretch",
        received: `${formatShape(x.shape)} to ${formatShape(shape)}`,
        allowed: "each axis kept, or stretched from 1; new axes in front",
      });
    }
    return [tensorType(x.dtype, shape)];
  },
  vjp: {
    rule: ({ ins, heads }) => [sumTo(headOf(heads), nth("broadcastTo", ins, 0).type.shape)],
  },
  kernel(ins, { shape }) {
    const x = nth("broadcastTo", ins, 0);
    const own = rowMajorStrides(x.shape);
    const added = shape.length - x.shape.length;
    const strides = shape.map((_, axis) =>
      axis < added || x.shape[axis - added] === 1 ? 0 : nth("broadcastTo", own, axis - added),
    );
    return { kind: "view", offset: 0, strides };
  },
  docs: "Stretches axes of length 1, and adds axes in front. Adjoint: the sum over them.",
});

/** Stretched to the shape given; nothing where it is the same. */
export function broadcastTo<T extends Operand<T>>(x: T, shape: Shape): T {
  return equalShapes(x.type.shape, shape) ? x : applyOne(broadcastToOp, [x], { shape });
}

/** MXNet's rule for results of full reductions: shape `(1,)`. */
export function atLeastOneAxis<T extends Operand<T>>(x: T): T {
  return x.type.shape.length === 0 ? reshape(x, oneElement) : x;
}

const attrsByRank: ReduceAttrs[] = [];

/** Attributes of a reduction over all axes; the same object for the same rank. */
function allAxes(rank: number): ReduceAttrs {
  for (let next = attrsByRank.length; next <= rank; next++) {
    attrsByRank.push({ axes: Array.from({ length: next }, (_, axis) => axis), keepdims: false });
  }
  return nth("reduce", attrsByRank, rank);
}

/**
 * Applies a reduction the way MXNet's functions do: axes from either end, full reductions of shape
 * `(1,)`.
 */
export function reduceBy<T extends Operand<T>>(
  op: OpDef<ReduceAttrs>,
  x: T,
  options: Partial<ReduceOptions> | undefined,
): T {
  const shape = shapeOf(op.name, x);
  if (options === undefined) return atLeastOneAxis(applyOne(op, [x], allAxes(shape.length)));
  const { axis, keepdims, exclude } = readOptions(op.name, options, reduceDefaults);
  const axes = normalizeAxes(op.name, axis, shape, exclude);
  return atLeastOneAxis(applyOne(op, [x], { axes, keepdims }));
}

/**
 * Sum of the elements over axes.
 *
 * @param x any shape and dtype
 * @returns x's dtype; x's shape without the reduced axes, `(1,)` when all are reduced
 * @throws BoundsError for an axis out of range
 * @derivative the head gradient to every element
 * @edges 0 over an empty axis; NaN where there is one; integers wrap around; float32 is added up in
 *   double precision
 * @example
 * ```ts
 * nd.sum(nd.array([[1, 2], [3, 4]]), { axis: 0 }); // [4. 6.]
 * ```
 */
export function sum<T extends Operand<T>>(x: T, options?: Partial<ReduceOptions>): T {
  return reduceBy(sumOp, x, options);
}

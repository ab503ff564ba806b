import {
  AttributeError,
  equalShapes,
  formatShape,
  type Operand,
  rowMajorStrides,
  type Shape,
  ShapeError,
  type TensorType,
  tensorType,
} from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { convertNumber } from "../elementwise/full.js";

/**
 * Along each axis, element `i` of the result is element `start + i * step` of the argument. Steps
 * may be negative, and every element that is read exists.
 */
export type SliceAttrs = {
  starts: readonly number[];
  sizes: readonly number[];
  steps: readonly number[];
};

/**
 * Along each axis, `interior` cells between neighbours, then borders of `low` and `high` cells, all
 * holding `value`. Negative borders cut.
 */
export type PadAttrs = {
  low: readonly number[];
  high: readonly number[];
  interior: readonly number[];
  value: number;
};

function checkSlice({ shape }: TensorType, { starts, sizes, steps }: SliceAttrs): void {
  const { length } = shape;
  const valid =
    starts.length === length &&
    sizes.length === length &&
    steps.length === length &&
    shape.every((extent, axis) => {
      const [start, size, step] = [
        nth("slice", starts, axis),
        nth("slice", sizes, axis),
        nth("slice", steps, axis),
      ];
      const last = start + (size - 1) * step;
      const inside = start >= 0 && start < extent && last >= 0 && last < extent;
      return step !== 0 && (size === 0 || (size > 0 && inside));
    });
  if (valid) return;
  throw new AttributeError({
    op: "slice",
    problem: "elements do not exist",
    received: `starts [${starts}], sizes [${sizes}], steps [${steps}] of ${formatShape(shape)}`,
    allowed: "per axis, start and start + (size - 1) * step within it; step not 0",
  });
}

export const sliceOp = defineOp<SliceAttrs>({
  name: "slice",
  arity: 1,
  attrs: { starts: "ints", sizes: "ints", steps: "ints" },
  infer(ins, attrs) {
    const x = nth("slice", ins, 0);
    checkSlice(x, attrs);
    return [tensorType(x.dtype, attrs.sizes)];
  },
  vjp: {
    rule: ({ ins, heads, attrs }) => [
      sliceAdjoint(headOf(heads), nth("slice", ins, 0).type.shape, attrs),
    ],
  },
  kernel(ins, { starts, sizes, steps }) {
    const own = rowMajorStrides(nth("slice", ins, 0).shape);
    const empty = sizes.includes(0);
    const offset = own.reduce((sum, stride, axis) => sum + stride * nth("slice", starts, axis), 0);
    const strides = own.map((stride, axis) => stride * nth("slice", steps, axis));
    return { kind: "view", offset: empty ? 0 : offset, strides };
  },
  docs:
    "Element `i` along an axis is element `start + i * step` of the argument; steps may be " +
    "negative. Adjoint: `pad` with zeros.",
});

function paddedLength(length: number, low: number, high: number, interior: number): number {
  return low + high + length + Math.max(length - 1, 0) * interior;
}

export const padOp = defineOp<PadAttrs>({
  name: "pad",
  arity: 1,
  attrs: { low: "ints", high: "ints", interior: "ints", value: "number" },
  infer(ins, { low, high, interior }) {
    const { dtype, shape } = nth("pad", ins, 0);
    const lists = [low, high, interior];
    const fits = lists.every((list) => list.length === shape.length);
    const padded = shape.map((length, axis) =>
      paddedLength(length, low[axis] ?? 0, high[axis] ?? 0, interior[axis] ?? 0),
    );
    if (!fits || padded.some((length) => length < 0) || interior.some((count) => count < 0)) {
      throw new ShapeError({
        op: "pad",
        problem: "padding does not fit",
        received: `low [${low}], high [${high}], interior [${interior}] of ${formatShape(shape)}`,
        allowed: "one number per axis, interior not negative, no more cut than there is",
      });
    }
    return [tensorType(dtype, padded)];
  },
  vjp: {
    rule: ({ ins, heads, attrs }) => [
      padAdjoint(headOf(heads), nth("pad", ins, 0).type.shape, attrs),
    ],
  },
  kernel: (_, attrs) => ({ kind: "pack", form: "pad", ...attrs }),
  docs:
    "Cells of one value between the elements (`interior`) and around them (`low`, `high`; " +
    "negative ones cut). Adjoint: `slice`.",
});

/** Puts the elements of `head` back where `slice` took them from; zeros elsewhere. */
function sliceAdjoint<T extends Operand<T>>(
  head: T,
  shape: Shape,
  { starts, sizes, steps }: SliceAttrs,
): T {
  if (sizes.includes(0)) {
    const high = shape.map((length, axis) => length - nth("slice", sizes, axis));
    return padWith(head, { high });
  }
  const backward = steps.flatMap((step, axis) => (step < 0 ? [axis] : []));
  const low = shape.map((_, axis) => {
    const start = nth("slice", starts, axis);
    const step = nth("slice", steps, axis);
    return step > 0 ? start : start + (nth("slice", sizes, axis) - 1) * step;
  });
  const interior = steps.map((step, axis) => (sizes[axis] === 1 ? 0 : Math.abs(step) - 1));
  const high = shape.map((length, axis) => {
    const size = nth("slice", sizes, axis);
    return length - paddedLength(size, nth("slice", low, axis), 0, nth("slice", interior, axis));
  });
  return padWith(flipAxes(head, backward), { low, high, interior });
}

/** Takes out of `head` the elements that `pad` put in; those that it cut get zero. */
function padAdjoint<T extends Operand<T>>(
  head: T,
  shape: Shape,
  { low, high, interior }: PadAttrs,
): T {
  const restored = padWith(head, {
    low: low.map((count) => Math.max(-count, 0)),
    high: high.map((count) => Math.max(-count, 0)),
  });
  return sliceAt(
    restored,
    low.map((count, axis) => (shape[axis] === 0 ? 0 : Math.max(count, 0))),
    shape,
    interior.map((count) => count + 1),
  );
}

/** The elements `starts + i * steps`, `sizes` of them; nothing where that is all of x. */
export function sliceAt<T extends Operand<T>>(
  x: T,
  starts: readonly number[],
  sizes: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): T {
  const whole = equalShapes(x.type.shape, sizes) && steps.every((step) => step === 1);
  return whole ? x : applyOne(sliceOp, [x], { starts, sizes, steps });
}

/** `size` elements from `start` on along one axis. */
export function sliceAlong<T extends Operand<T>>(
  x: T,
  axis: number,
  start: number,
  size: number,
): T {
  const { shape } = x.type;
  return sliceAt(
    x,
    shape.map((_, other) => (other === axis ? start : 0)),
    shape.map((length, other) => (other === axis ? size : length)),
  );
}

/** Reverses the order along the axes named. */
export function flipAxes<T extends Operand<T>>(x: T, axes: readonly number[]): T {
  const { shape } = x.type;
  const turned = shape.map((length, axis) => axes.includes(axis) && length > 1);
  return sliceAt(
    x,
    shape.map((length, axis) => (turned[axis] === true ? length - 1 : 0)),
    shape,
    turned.map((turn) => (turn ? -1 : 1)),
  );
}

/** Pads as the IR has it; what is not given is 0. Nothing where there is nothing to add or cut. */
export function padWith<T extends Operand<T>>(x: T, padding: Partial<PadAttrs>): T {
  const none = x.type.shape.map(() => 0);
  const { low = none, high = none, interior = none, value = 0 } = padding;
  if ([...low, ...high, ...interior].every((count) => count === 0)) return x;
  const attrs = { low, high, interior, value: convertNumber(value, x.type.dtype) };
  return applyOne(padOp, [x], attrs);
}

import {
  equalShapes,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  tensorType,
} from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { geometryOf, spatialShape, type WindowPlacement, windowCounts } from "./geometry.js";

/** Attributes of pooling in the IR; lists have one entry per spatial axis. */
export type PoolAttrs = {
  kernel: readonly number[];
  stride: readonly number[];
  padLow: readonly number[];
  padHigh: readonly number[];
};
export type PoolAdjointAttrs = PoolAttrs & { spatial: readonly number[] };

export const poolAttrKinds = {
  kernel: "ints",
  stride: "ints",
  padLow: "ints",
  padHigh: "ints",
} as const;

export function poolPlacement({ kernel, stride, padLow, padHigh }: PoolAttrs): WindowPlacement {
  return { stride, padLow, padHigh, dilate: kernel.map(() => 1) };
}

/** The shape of pooled data. Throws a ShapeError in the name of `op`. */
export function poolShape(op: string, data: Shape, attrs: PoolAttrs): Shape {
  const spatial = spatialShape(op, data);
  if (attrs.kernel.length !== spatial.length) {
    throw new ShapeError({
      op,
      problem: "kernel does not fit the data",
      received: `kernel ${formatShape(attrs.kernel)} for data ${formatShape(data)}`,
      allowed: `${spatial.length} lengths`,
    });
  }
  const counts = windowCounts(op, spatial, attrs.kernel, poolPlacement(attrs));
  return [...data.slice(0, 2), ...counts];
}

export const poolSumOp = defineOp<PoolAttrs>({
  name: "poolSum",
  arity: 1,
  attrs: poolAttrKinds,
  infer(ins, attrs) {
    const { dtype, shape } = nth("poolSum", ins, 0);
    return [tensorType(dtype, poolShape("poolSum", shape, attrs))];
  },
  vjp: {
    rule({ ins, heads, attrs }) {
      const spatial = nth("poolSum", ins, 0).type.shape.slice(2);
      return [poolSumAdjoint(headOf(heads), { ...attrs, spatial })];
    },
  },
  kernel: (_, attrs) => ({
    kind: "window",
    form: "poolSum",
    geometry: geometryOf(attrs.kernel, poolPlacement(attrs)),
    groups: 1,
  }),
  docs: "Sum of the cells of each window; cells outside the data count 0.",
});

export const poolSumAdjointOp = defineOp<PoolAdjointAttrs>({
  name: "poolSumAdjoint",
  arity: 1,
  attrs: { ...poolAttrKinds, spatial: "ints" },
  infer(ins, { spatial, ...attrs }) {
    const { dtype, shape } = nth("poolSumAdjoint", ins, 0);
    const data = [...shape.slice(0, 2), ...spatial];
    const expected = poolShape("poolSumAdjoint", data, attrs);
    if (equalShapes(shape, expected)) return [tensorType(dtype, data)];
    throw new ShapeError({
      op: "poolSumAdjoint",
      problem: "head gradient does not fit",
      received: formatShape(shape),
      allowed: formatShape(expected),
    });
  },
  vjp: {
    rule: ({ heads, attrs: { spatial: _, ...attrs } }) => [poolSum(headOf(heads), attrs)],
  },
  kernel: (_, attrs) => ({
    kind: "window",
    form: "poolSumAdjoint",
    geometry: geometryOf(attrs.kernel, poolPlacement(attrs)),
    groups: 1,
  }),
  docs: "Adjoint of `poolSum`: each cell gets the sum over the windows that it lies in.",
});

/** Sums of windows over the spatial axes. */
export function poolSum<T extends Operand<T>>(x: T, attrs: PoolAttrs): T {
  return applyOne(poolSumOp, [x], attrs);
}

/** Spreads one value per window over the window's cells, adding where windows overlap. */
export function poolSumAdjoint<T extends Operand<T>>(head: T, attrs: PoolAdjointAttrs): T {
  return applyOne(poolSumAdjointOp, [head], attrs);
}

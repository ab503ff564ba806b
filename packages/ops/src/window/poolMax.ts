import {
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  sizeOf,
  tensorType,
  type Value,
} from "@adjoint/graph";
import { apply, defineOp, nth } from "../core/define.js";
import { addAlong } from "../index/takeAlong.js";
import { reshape } from "../view/reshape.js";
import { geometryOf } from "./geometry.js";
import { type PoolAttrs, poolAttrKinds, poolPlacement, poolShape } from "./poolSum.js";

/** Refuses windows that lie wholly outside the data. Windows at both ends decide. */
export function checkWindowsMeetData(op: string, data: Shape, attrs: PoolAttrs): void {
  const counts = poolShape(op, data, attrs).slice(2);
  data.slice(2).forEach((length, axis) => {
    const low = nth(op, attrs.padLow, axis);
    const last = (nth(op, counts, axis) - 1) * nth(op, attrs.stride, axis) - low;
    if (nth(op, attrs.kernel, axis) > low && last < length) return;
    throw new ShapeError({
      op,
      problem: "a window lies wholly outside the data",
      received: `kernel [${attrs.kernel}], padding [${attrs.padLow}] for data ${formatShape(data)}`,
      allowed: "padding smaller than the kernel, and a last window that starts within the data",
    });
  });
}

export const poolMaxOp = defineOp<PoolAttrs>({
  name: "poolMax",
  arity: 1,
  attrs: poolAttrKinds,
  infer(ins, attrs) {
    const { dtype, shape } = nth("poolMax", ins, 0);
    checkWindowsMeetData("poolMax", shape, attrs);
    const pooled = poolShape("poolMax", shape, attrs);
    return [tensorType(dtype, pooled), tensorType("int32", pooled)];
  },
  vjp: {
    rule({ ins, outs, heads }) {
      const data = nth("poolMax", ins, 0).type.shape;
      return [heads[0] && scatterToMaxima(heads[0], nth("poolMax", outs, 1), data)];
    },
  },
  kernel: (_, attrs) => ({
    kind: "window",
    form: "poolMax",
    geometry: geometryOf(attrs.kernel, poolPlacement(attrs)),
    groups: 1,
  }),
  docs:
    "Largest cell of each window, and its int32 position in the flattened spatial axes; of equal " +
    "cells the first. Cells outside the data never win. Gradient: to that cell alone.",
});

/** Adds one value per window at the window's maximum. `positions` as `poolMax` gives them. */
export function scatterToMaxima(head: Value, positions: Value, data: Shape): Value {
  const flat = [...head.type.shape.slice(0, 2), sizeOf(head.type.shape.slice(2))];
  const cells = sizeOf(data.slice(2));
  return reshape(addAlong(reshape(head, flat), reshape(positions, flat), 2, cells), data);
}

/** Maxima of windows over the spatial axes, and where they are. */
export function poolMax<T extends Operand<T>>(x: T, attrs: PoolAttrs): readonly [T, T] {
  const results = apply(poolMaxOp, [x], attrs);
  return [nth("poolMax", results, 0), nth("poolMax", results, 1)];
}

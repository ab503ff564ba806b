import { type Operand, formatShape, ShapeError } from "@adjoint/graph";
import { takeAt } from "../index/take.js";
import { sortAlong } from "../order/sort.js";
import { sequenceSample } from "./distributions.js";

/** The slices along axis 0 in the order of uniform samples that are drawn for them; the next state. */
export function shuffled<T extends Operand<T>>(op: string, x: T, state: T): readonly [T, T] {
  const { shape } = x.type;
  const [length] = shape;
  if (length === undefined) {
    throw new ShapeError({
      op,
      problem: "array has no axis to shuffle",
      received: formatShape(shape),
      allowed: "one axis at least",
    });
  }
  if (length === 0) return [x, state];
  const [keys, next] = sequenceSample(state, { shape: [length], dtype: "float64" });
  const [, order] = sortAlong(keys, 0);
  return [takeAt(x, order, 0), next];
}

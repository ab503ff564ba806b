import {
  DTypeError,
  equalShapes,
  formatShape,
  formatType,
  type Shape,
  ShapeError,
  type TensorType,
} from "@adjoint/graph";

/** The shape of arrays of these shapes combined element by element; size-1 axes stretch (numpy's rule). */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (equalShapes(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeError({
        op,
        problem: "shapes do not broadcast",
        received: `${formatShape(a)} and ${formatShape(b)}`,
        allowed: "equal lengths, or 1, along each axis",
      });
    }
    shape.push(left === 1 ? right : left);
  }
  return shape;
}

/** The dtype that all arguments share. */
export function sameDType(op: string, ins: readonly TensorType[]): TensorType["dtype"] {
  const [head, ...rest] = ins;
  if (head === undefined) throw new Error(`${op}: no arguments`);
  for (const type of rest) {
    if (type.dtype === head.dtype) continue;
    throw new DTypeError({
      op,
      problem: "dtypes differ",
      received: ins.map(formatType).join(" and "),
      allowed: "one dtype; use cast",
    });
  }
  return head.dtype;
}

/** Axes `axes` reduced to length 1 (`keepdims`) or removed. */
export function reducedShape(shape: Shape, axes: readonly number[], keepdims: boolean): Shape {
  if (keepdims) return shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return shape.filter((_, axis) => !axes.includes(axis));
}

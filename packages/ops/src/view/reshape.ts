import {
  equalShapes,
  formatShape,
  type Operand,
  rowMajorStrides,
  type Shape,
  ShapeError,
  sizeOf,
  tensorType,
} from "@adjoint/graph";
import { applyUnary, defineOp, headOf, nth } from "../core/define.js";

export const reshapeOp = defineOp<{ shape: Shape }>({
  name: "reshape",
  arity: 1,
  attrs: { shape: "ints" },
  infer(ins, { shape }) {
    const x = nth("reshape", ins, 0);
    if (sizeOf(x.shape) !== sizeOf(shape)) {
      throw new ShapeError({
        op: "reshape",
        problem: "number of elements changes",
        received: `${formatShape(x.shape)} to ${formatShape(shape)}`,
        allowed: `shapes of ${sizeOf(x.shape)} elements`,
      });
    }
    return [tensorType(x.dtype, shape)];
  },
  vjp: {
    rule: ({ ins, heads }) => [reshape(headOf(heads), nth("reshape", ins, 0).type.shape)],
  },
  kernel: (_, { shape }) => ({ kind: "view", offset: 0, strides: rowMajorStrides(shape) }),
  docs: "The same elements in row-major order under another shape.",
});

/** The same elements under the shape given; nothing where it is the same. */
export function reshape<T extends Operand<T>>(x: T, shape: Shape): T {
  if (equalShapes(x.type.shape, shape)) return x;
  return applyUnary(reshapeOp, x, shape === oneElement ? toOneElement : { shape });
}

/** The shape of results for which MXNet has no shape without axes. */
export const oneElement: Shape = Object.freeze([1]);

/** The same object each time, so that a recorder sees at once that it knows it. */
const toOneElement = Object.freeze({ shape: oneElement });

import { formatShape, type Operand, ShapeError, type TensorType, tensorType } from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { checkChoice, normalizeAxis } from "../core/options.js";
import { checkNotEmpty, type IndexMode, indexModes } from "./take.js";

type TakeAlongAttrs = { axis: number; mode: IndexMode };

/** Indices have the data's shape but for one axis. */
function checkIndices(op: string, data: TensorType, indices: TensorType, axis: number): void {
  normalizeAxis(op, axis, data.shape.length);
  const fits =
    data.shape.length === indices.shape.length &&
    data.shape.every((length, other) => other === axis || length === indices.shape[other]);
  if (fits) return;
  throw new ShapeError({
    op,
    problem: "indices do not lie beside the data",
    received: `${formatShape(indices.shape)} for ${formatShape(data.shape)} along axis ${axis}`,
    allowed: "the data's lengths along all other axes",
  });
}

export const takeAlongOp = defineOp<TakeAlongAttrs>({
  name: "takeAlong",
  arity: 2,
  attrs: { axis: "int", mode: "string" },
  infer(ins, { axis, mode }) {
    checkChoice("takeAlong", "mode", mode, indexModes);
    const [data, indices] = [nth("takeAlong", ins, 0), nth("takeAlong", ins, 1)];
    checkIndices("takeAlong", data, indices, axis);
    checkNotEmpty("takeAlong", data.shape, axis, indices.shape);
    return [tensorType(data.dtype, indices.shape)];
  },
  vjp: {
    rule({ ins, heads, attrs: { axis, mode } }) {
      const length = nth("takeAlong", nth("takeAlong", ins, 0).type.shape, axis);
      return [addAlong(headOf(heads), nth("takeAlong", ins, 1), axis, length, mode), undefined];
    },
  },
  kernel: (_, { axis, mode }) => ({
    kind: "index",
    form: "takeAlong",
    axis,
    mode,
  }),
  docs:
    "`y[.., i, ..] = x[.., indices[.., i, ..], ..]` along one axis (numpy's take_along_axis). " +
    "Adjoint: scatter-add.",
});

export const takeAlongAdjointOp = defineOp<TakeAlongAttrs & { length: number }>({
  name: "takeAlongAdjoint",
  arity: 2,
  attrs: { axis: "int", mode: "string", length: "int" },
  infer(ins, { axis, mode, length }) {
    checkChoice("takeAlongAdjoint", "mode", mode, indexModes);
    const [head, indices] = [nth("takeAlongAdjoint", ins, 0), nth("takeAlongAdjoint", ins, 1)];
    checkIndices("takeAlongAdjoint", head, indices, axis);
    const shape = head.shape.map((extent, other) => (other === axis ? length : extent));
    return [tensorType(head.dtype, shape)];
  },
  vjp: {
    rule: ({ ins, heads, attrs: { axis, mode } }) => [
      takeAlong(headOf(heads), nth("takeAlongAdjoint", ins, 1), axis, mode),
      undefined,
    ],
  },
  kernel: (_, { axis, mode }) => ({
    kind: "index",
    form: "takeAlongAdjoint",
    axis,
    mode,
  }),
  docs: "Adds each element of the head gradient where `takeAlong` took it from.",
});

/** One element of `x` per index, along `axis`; indices have x's lengths along all other axes. */
export function takeAlong<T extends Operand<T>>(
  x: T,
  indices: T,
  axis: number,
  mode: IndexMode = "clip",
): T {
  return applyOne(takeAlongOp, [x, indices], { axis, mode });
}

/**
 * An array measuring `length` along `axis`, where each element of `x` is added at its index; zeros
 * elsewhere.
 */
export function addAlong<T extends Operand<T>>(
  x: T,
  indices: T,
  axis: number,
  length: number,
  mode: IndexMode = "clip",
): T {
  return applyOne(takeAlongAdjointOp, [x, indices], { axis, mode, length });
}

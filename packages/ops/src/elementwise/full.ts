import {
  type Attrs,
  type DType,
  type Operand,
  type Shape,
  scalar,
  tensorType,
} from "@adjoint/graph";
import { applyBeside, defineOp } from "../core/define.js";

/** A filled array. With shape `[]` it is a literal: dumps print it in place. */
export const fullOp = defineOp<{ shape: Shape; dtype: DType; value: number }>({
  name: "full",
  arity: 0,
  attrs: { shape: "ints", dtype: "dtype", value: "number" },
  infer: (_, { shape, dtype }) => [tensorType(dtype, shape)],
  vjp: { rule: () => [] },
  kernel: (_, { dtype, value }) => ({ kind: "map", expr: scalar.constant(value, dtype) }),
  docs: "An array of `shape` in which every element is `value`.",
});

/** A number as an array of `like`'s dtype converts it: integers truncate, bool is 0 or 1. */
export function convertNumber(value: number, dtype: DType): number {
  if (dtype === "float32") return Math.fround(value);
  if (dtype === "float64" || dtype === "float16") return value;
  if (dtype === "bool") return value === 0 ? 0 : 1;
  return Math.trunc(value);
}

/** A number as an operand beside `like`: a scalar of its dtype. */
export function literal<T extends Operand<T>>(like: T, value: number): T {
  const { dtype } = like.type;
  const converted = convertNumber(value, dtype);
  return applyBeside(like, fullOp, literalAttrs(dtype, converted));
}

/** How many numbers of a dtype are remembered. */
const literalLimit = 256;
const literals = new Map<DType, Map<number, Attrs>>();

/** The same object for the same number, so that a recorder sees at once that a literal is the one it knows. */
function literalAttrs(dtype: DType, value: number): Attrs {
  // A map does not tell -0 from 0.
  if (value === 0) return { shape: [], dtype, value };
  const known = literals.get(dtype) ?? new Map<number, Attrs>();
  if (known.size === 0) literals.set(dtype, known);
  let attrs = known.get(value);
  if (attrs === undefined) {
    if (known.size >= literalLimit) known.clear();
    attrs = { shape: [], dtype, value };
    known.set(value, attrs);
  }
  return attrs;
}

/** An array of `like`'s dtype, filled. */
export function fill<T extends Operand<T>>(like: T, shape: Shape, value: number): T {
  const { dtype } = like.type;
  const attrs = { shape, dtype, value: convertNumber(value, dtype) };
  return applyBeside(like, fullOp, attrs);
}

/** Zeros of `like`'s type. */
export function zerosOf<T extends Operand<T>>(like: T): T {
  return fill(like, like.type.shape, 0);
}

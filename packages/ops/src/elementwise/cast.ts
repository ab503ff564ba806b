import {
  AttributeError,
  type DType,
  dtypes,
  isDType,
  type Operand,
  scalar,
  tensorType,
} from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";

export const castOp = defineOp<{ dtype: DType }>({
  name: "cast",
  arity: 1,
  attrs: { dtype: "dtype" },
  infer: (ins, { dtype }) => [tensorType(dtype, nth("cast", ins, 0).shape)],
  vjp: {
    rule: ({ ins, heads }) => [castTo(headOf(heads), nth("cast", ins, 0).type.dtype)],
  },
  kernel: (ins, { dtype }) => ({
    kind: "map",
    expr: scalar.cast(scalar.arg(0, nth("cast", ins, 0).dtype), dtype),
  }),
  docs: [
    "The same values in another dtype. Integers drop the fraction and wrap; bool is 1 for nonzero.",
    "Derivative: the head gradient, cast back. It passes unchanged through integers.",
  ].join("\n"),
});

/** Converted to `dtype`; nothing where it is the same. */
export function castTo<T extends Operand<T>>(x: T, dtype: DType): T {
  return x.type.dtype === dtype ? x : applyOne(castOp, [x], { dtype });
}

/**
 * Converts to another dtype.
 *
 * @param x any shape and dtype
 * @param options.dtype the new dtype
 * @returns x's shape, the new dtype
 * @throws AttributeError for an unknown dtype
 * @derivative the head gradient, cast back; it passes unchanged through integers
 * @edges integers drop the fraction and wrap around: 300 and -1.7 are 44 and 255 as uint8
 * @edges as integers NaN and infinities are 0; as bool NaN is 1, like everything but 0
 * @edges float16 is inf beyond 65504
 * @example
 * ```ts
 * nd.cast(nd.array([-1.7, 2.5]), { dtype: "int32" }); // [-1  2]
 * ```
 */
export function cast<T extends Operand<T>>(x: T, options: { dtype: DType }): T {
  const dtype: unknown = options?.dtype;
  if (isDType(dtype)) return applyOne(castOp, [x], { dtype });
  throw new AttributeError({
    op: "cast",
    problem: "dtype is not valid",
    received: String(dtype),
    allowed: dtypes.join(", "),
  });
}

import { type DType, isFloat, type Operand } from "@adjoint/graph";
import { checkOperands } from "../core/define.js";
import { checkChoice, readOptions } from "../core/options.js";
import { arraysAndOptions } from "../pack/concat.js";
import { castTo } from "./cast.js";
import { asNew } from "./identity.js";

/** Floating point dtypes, from narrow to wide. */
const floats = ["float16", "float32", "float64"] as const;

/**
 * Converts floating point arrays to another such dtype, and leaves others as they are.
 *
 * @param x any shape and dtype
 * @param options.dtype the new dtype: float16, float32 or float64
 * @returns x's shape; the new dtype, or x's own where that is not floating point
 * @throws AttributeError for a dtype that is not floating point
 * @derivative the head gradient, cast back
 * @example
 * ```ts
 * nd.ampCast(nd.array([1.5, 2]), { dtype: "float16" }).dtype; // "float16"
 * nd.ampCast(nd.array([1, 2], { dtype: "int32" }), { dtype: "float16" }).dtype; // "int32"
 * ```
 */
export function ampCast<T extends Operand<T>>(x: T, options: { dtype: DType }): T {
  checkOperands("ampCast", [x]);
  const { dtype } = readOptions<{ dtype: unknown }>("ampCast", options, { dtype: undefined });
  const wanted = checkChoice("ampCast", "dtype", dtype, floats);
  return asNew(x, isFloat(x.type.dtype) ? castTo(x, wanted) : x);
}

export interface AmpMulticastOptions {
  /** Convert to the narrowest dtype instead of the widest. */
  castNarrow: boolean;
}

/**
 * Converts floating point arrays to the widest of their dtypes, and leaves others as they are.
 *
 * @param args one array or more, of any shapes and dtypes; then the options
 * @returns one array for each
 * @throws ArgumentError without arrays; AttributeError for an unknown option
 * @derivative to each array its head gradient, cast back
 * @example
 * ```ts
 * nd.ampMulticast(nd.array([1], { dtype: "float16" }), nd.array([2])).map((x) => x.dtype);
 * // ["float32", "float32"]
 * ```
 */
export function ampMulticast<T extends Operand<T>>(
  ...args: readonly (T | Partial<AmpMulticastOptions>)[]
): readonly T[] {
  const { arrays, options } = arraysAndOptions<T, Partial<AmpMulticastOptions>>(
    "ampMulticast",
    args,
  );
  const { castNarrow } = readOptions("ampMulticast", options, { castNarrow: false });
  const present = floats.filter((dtype) => arrays.some(({ type }) => type.dtype === dtype));
  const wanted = castNarrow ? present[0] : present.at(-1);
  return arrays.map((x) =>
    asNew(x, wanted !== undefined && isFloat(x.type.dtype) ? castTo(x, wanted) : x),
  );
}

import type { DType } from "@adjoint/graph";
import type { Value } from "../assembler/index.js";

export type Vector = Value<"v128">;

/**
 * Four elements of one dtype: those of 64 bits in two vectors, others in one. Small integers are
 * held as 32-bit ones, `float16` as singles, and `bool` as lanes of all ones or all zeros.
 */
export interface Lanes {
  readonly dtype: DType;
  readonly parts: readonly Vector[];
}

/** Elements that are computed at a time. */
export const laneCount = 4;

/** Whether lanes of a dtype have two parts. */
export function isWide(dtype: DType): boolean {
  return dtype === "float64" || dtype === "int64";
}

/** The part at a position, which the dtype has. */
export function partOf(x: Lanes, position = 0): Vector {
  const part = x.parts[position];
  if (part === undefined) throw new RangeError(`${x.dtype} has no part ${position}`);
  return part;
}

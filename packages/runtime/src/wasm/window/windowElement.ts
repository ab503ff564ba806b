import type { DType } from "@adjoint/graph";
import type { ElementType } from "../contract/element.js";

/** Types of elements that windows run over; those of int64 are refused. */
export type WindowElement = Exclude<ElementType, "int64">;

export function isWindowElement(dtype: DType): dtype is WindowElement {
  return dtype === "float32" || dtype === "float64" || dtype === "int32";
}

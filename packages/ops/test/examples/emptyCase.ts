import type { Attrs, DType, Shape } from "@adjoint/graph";
import { type Given, irregular } from "../support.js";

/** A shape, and a dtype where it is not float64. */
type Argument = Shape | readonly [Shape, DType];

export interface Case {
  readonly ins: readonly Argument[];
  readonly attrs?: Attrs;
  /** Shapes of the results. */
  readonly outs: readonly Shape[];
}

/** Irregular numbers of the type asked for. */
export function argument(of: Argument): Given {
  const [first, dtype] = of;
  if (typeof first === "object" && typeof dtype === "string") return irregular(first, 1, dtype);
  return irregular(of.map(Number));
}

export function int32(...shape: Shape): Argument {
  return [shape, "int32"];
}

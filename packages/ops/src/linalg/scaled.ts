import type { Operand } from "@adjoint/graph";
import { mul } from "../elementwise/arithmetic.js";

/** `x` times a number; nothing for 1. */
export function scaled<T extends Operand<T>>(x: T, factor: number): T {
  return factor === 1 ? x : mul(x, factor);
}

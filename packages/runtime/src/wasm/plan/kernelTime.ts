import type { Kernel, TensorType } from "@adjoint/graph";
import { kernelCost, noCost } from "../../analysis/kernelCost.js";

/** Rough rates of generated code per microsecond. */
const flopsOfProduct = 40_000;
const bytesMoved = 8000;

/** About how long a library takes over a kernel. */
export function microsecondsOf(
  kernel: Kernel,
  ins: readonly TensorType[],
  outs: readonly TensorType[],
): number {
  const { flops, bytes } = kernelCost(kernel, { ins, outs }, () => noCost);
  return flops / flopsOfProduct + bytes / bytesMoved;
}

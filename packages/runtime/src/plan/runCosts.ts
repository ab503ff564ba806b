import { type Kernel, sizeOf, type TensorType } from "@adjoint/graph";
import type { InterpretedPlan } from "./plan.js";

/** Rough microseconds: what a step costs the interpreter besides its elements, and per element. */
const perStep = 1;
const perElement = 0.02;
const perProduct = 0.0015;

/** Rough microseconds that one interpreted run takes. */
export function interpretCost({ steps }: InterpretedPlan): number {
  let cost = 0;
  for (const { kernel, ins, outs, alias } of steps) {
    if (alias) continue;
    const sizes = [...ins, ...outs].map(({ type }) => sizeOf(type.shape));
    cost += perStep + perElement * Math.max(...sizes, 0) + productCost(kernel, ins, outs);
  }
  return cost;
}

function productCost(
  kernel: Kernel,
  ins: readonly { readonly type: TensorType }[],
  outs: readonly { readonly type: TensorType }[],
): number {
  if (kernel.kind === "contract") {
    return perProduct * kernel.batch * kernel.m * kernel.n * kernel.k;
  }
  if (kernel.kind !== "window") return 0;
  const taps = kernel.geometry.kernel.reduce((product, length) => product * length, 1);
  const sizes = [...ins, ...outs].map(({ type }) => sizeOf(type.shape));
  const channels = ins[1]?.type.shape[1] ?? 1;
  return perProduct * taps * Math.max(...sizes) * channels;
}

/** Rough microseconds that it takes to make and compile the code of a plan. */
export function compileCost({ steps }: InterpretedPlan): number {
  return 500 + 40 * steps.filter(({ alias }) => !alias).length;
}

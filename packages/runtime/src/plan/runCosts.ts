import { sizeOf } from "@adjoint/graph";
import { kernelCost, noCost } from "../analysis/kernelCost.js";
import type { InterpretedPlan } from "./plan.js";

/** Rough microseconds: what a step costs the interpreter besides its elements, and per element. */
const perStep = 1;
const perElement = 0.02;
const perProductFlop = 0.0008;

/** Rough microseconds that one interpreted run takes. */
export function interpretCost({ steps }: InterpretedPlan): number {
  let cost = 0;
  for (const { kernel, alias, ...places } of steps) {
    if (alias) continue;
    const [ins, outs] = [places.ins, places.outs].map((list) => list.map(({ type }) => type));
    const types = { ins: ins ?? [], outs: outs ?? [] };
    const sizes = [...types.ins, ...types.outs].map(({ shape }) => sizeOf(shape));
    const isProduct = kernel.kind === "contract" || kernel.kind === "window";
    const flops = isProduct ? kernelCost(kernel, types, () => noCost).flops : 0;
    cost += perStep + perElement * Math.max(0, ...sizes) + perProductFlop * flops;
  }
  return cost;
}

/** Rough microseconds that it takes to make and compile the code of a plan. */
export function compileCost({ steps }: InterpretedPlan): number {
  return 500 + 40 * steps.filter(({ alias }) => !alias).length;
}

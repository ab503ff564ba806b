import { type CallKernel, type Graph, nodesOf, sizeOf } from "@adjoint/graph";
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
    if (kernel.kind === "call") cost += costOfBodies(kernel);
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
  const nodes = steps.flatMap(({ kernel }) =>
    kernel.kind === "call" ? bodiesOf(kernel).flatMap(({ body }) => nodesOf(body)) : [],
  );
  return 500 + 40 * (steps.filter(({ alias }) => !alias).length + nodes.length);
}

/** The graphs that a kernel runs, and how often at the most. */
function bodiesOf(kernel: CallKernel): { readonly body: Graph; readonly times: number }[] {
  switch (kernel.form) {
    case "host":
      return [];
    case "graph":
      return [{ body: kernel.graph, times: 1 }];
    case "cond":
      return [kernel.whenTrue, kernel.whenFalse].map((body) => ({ body, times: 0.5 }));
    case "scan":
      return [{ body: kernel.body, times: kernel.length }];
    case "while":
      return [kernel.condition, kernel.body].map((body) => ({ body, times: kernel.length }));
    default:
      return kernel satisfies never;
  }
}

/** As if every node were one step; what bodies of bodies take is left out. */
function costOfBodies(kernel: CallKernel): number {
  let cost = 0;
  for (const { body, times } of bodiesOf(kernel)) {
    for (const { types } of nodesOf(body)) {
      const size = Math.max(0, ...types.map(({ shape }) => sizeOf(shape)));
      cost += times * (perStep + perElement * size);
    }
  }
  return cost;
}

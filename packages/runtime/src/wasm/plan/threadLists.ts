import { at } from "../../kernels/prepare.js";
import type { CallArgument } from "../libraryCall.js";
import type { ListStep } from "./compiledPlan.js";
import type { Address, PlanArgument, PlanCall, ThreadStep } from "./planCall.js";
import { moved } from "./planLayout.js";
import type { StepKernel } from "./stepKernel.js";

/** A step is divided where it takes at least so many microseconds: a barrier costs about one. */
export const worthDividing = 20;

/** The calls of a list for one thread alone; `scratch` is where its scratch memory begins. */
export function callsOf(list: readonly ListStep[], scratch: Address): PlanCall[] {
  return list.flatMap(({ kernel, operands }) => settle(kernel, operands, scratch));
}

/** What threads do of a step, one part each; the whole where it is not worth dividing. */
export function partsOf(kernel: StepKernel, threads: number): readonly StepKernel[] {
  return threads === 1 || kernel.cost < worthDividing ? [kernel] : kernel.split(threads);
}

/**
 * What each of several threads does: divided steps by all, others by the first, with barriers
 * between. Undefined where no step is worth dividing.
 */
export function threadLists(
  list: readonly ListStep[],
  scratches: readonly Address[],
): ThreadStep[][] | undefined {
  const threads = scratches.length;
  const steps = list.map(({ kernel, operands }) => {
    return { operands, parts: partsOf(kernel, threads) };
  });
  if (steps.every(({ parts }) => parts.length < 2)) return undefined;
  return scratches.map((scratch, thread) => {
    const own: ThreadStep[] = [];
    for (const [index, { operands, parts }] of steps.entries()) {
      const before = steps[index - 1]?.parts.length ?? 0;
      if (index > 0 && Math.max(before, parts.length) > 1) own.push("barrier");
      const part = parts[thread];
      if (part !== undefined) own.push(...settle(part, operands, scratch));
    }
    return [...own, "barrier"];
  });
}

function settle(
  { calls }: StepKernel,
  operands: ListStep["operands"],
  scratch: Address,
): PlanCall[] {
  const address = (argument: CallArgument): PlanArgument => {
    if (typeof argument === "number") return argument;
    if ("scratch" in argument) return moved(scratch, argument.scratch);
    return moved(at(operands, argument.operand), argument.offset);
  };
  return calls.map(({ target, args }) => ({ target, args: args.map(address) }));
}

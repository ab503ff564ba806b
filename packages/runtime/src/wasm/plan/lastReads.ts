import type { PlanStep } from "./planStep.js";

export function readsOf(step: PlanStep): readonly number[] {
  return step.kind !== "kernel" ? step.reads : step.ins.map(({ array }) => array);
}

/** The last step that reads each array. */
export function lastReads(steps: readonly PlanStep[]): Map<number, number> {
  const last = new Map<number, number>();
  for (const [index, step] of steps.entries()) {
    for (const array of readsOf(step)) last.set(array, index);
  }
  return last;
}

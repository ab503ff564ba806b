import type { FusedStep } from "../fuse/index.js";

export function readsOf(step: FusedStep): readonly number[] {
  return step.kind === "group" ? step.reads : step.ins.map(({ array }) => array);
}

/** The last step that reads each array. */
export function lastReads(steps: readonly FusedStep[]): Map<number, number> {
  const last = new Map<number, number>();
  for (const [index, step] of steps.entries()) {
    for (const array of readsOf(step)) last.set(array, index);
  }
  return last;
}

import type { Step } from "./step.js";

/**
 * Notes on the steps of the trace tree which of their results somebody has asked for. Sets only grow, so that
 * what is planned by them settles.
 */
export class Demand {
  /** Goes on whenever a result is wanted for the first time. */
  version = 0;

  /** Notes that the value `index`, a result of `step`, is wanted. */
  want(step: Step, index: number): void {
    step.wanted ??= new Set();
    if (step.wanted.has(index)) return;
    step.wanted.add(index);
    this.version++;
  }

  /** Notes values of the path that ends in `last`. */
  wantAll(last: Step, indices: readonly number[]): void {
    const missing = new Set(indices);
    for (let step: Step | undefined = last; step !== undefined; step = step.parent) {
      if (missing.size === 0) return;
      for (let index = step.base; index < step.end; index++) {
        if (missing.delete(index)) this.want(step, index);
      }
    }
  }
}

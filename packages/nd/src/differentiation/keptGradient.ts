import { KeptPlan } from "../recording/planRing.js";
import type { Step } from "../recording/step.js";
import type { GradientPlan } from "./gradientPlan.js";

/** The gradient of a path at the step that it ends in. */
export class KeptGradient extends KeptPlan {
  constructor(
    last: Step,
    readonly heads: readonly number[],
    readonly plan: GradientPlan,
  ) {
    super(last.plans);
  }

  override drop(): void {
    super.drop();
    this.plan.release();
  }
}

/** The gradient of the path to `last` from certain values, where it was planned. */
export function findGradient(last: Step, heads: readonly number[]): GradientPlan | undefined {
  const { plans } = last;
  for (let at = 0; at < plans.length; at++) {
    const kept = plans[at];
    if (!(kept instanceof KeptGradient) || !same(kept.heads, heads)) continue;
    kept.used = true;
    return kept.plan;
  }
  return undefined;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

import { KeptPlan } from "./planRing.js";
import type { Segment } from "./segment.js";
import type { Step } from "./step.js";
import type { Values } from "./values.js";

/** A plan for results that runs gave up, at the last step that it repeats. */
export class KeptRecomputation extends KeptPlan {
  private readonly outputs: ReadonlySet<number>;

  constructor(
    end: Step,
    readonly segment: Segment,
  ) {
    super(end.plans);
    this.outputs = new Set(segment.outputs);
  }

  override drop(): void {
    super.drop();
    this.segment.plan.release();
  }

  /** Whether it computes these values from numbers that are there. */
  serves({ data }: Values, indices: readonly number[]): boolean {
    if (!indices.every((index) => this.outputs.has(index))) return false;
    return this.segment.inputs.every((index) => data[index] !== undefined);
  }
}

/** A plan made before that computes values of a run from what it still has. */
export function findRecomputation(values: Values, indices: readonly number[]): Segment | undefined {
  const end = values.executed.maker(Math.max(...indices));
  for (const kept of end?.plans ?? []) {
    if (!(kept instanceof KeptRecomputation) || !kept.serves(values, indices)) continue;
    kept.used = true;
    return kept.segment;
  }
  return undefined;
}

/** The steps to repeat for values of a run, from what it still has, in order. */
export function makersOf({ data, executed }: Values, indices: readonly number[]): Step[] {
  const needed = new Set(indices);
  const steps: Step[] = [];
  const last = executed.maker(Math.max(...indices));
  for (let step = last; step !== undefined; step = step.parent) {
    const { base, end, action } = step;
    let isNeeded = false;
    for (let index = base; index < end; index++) isNeeded = needed.delete(index) || isNeeded;
    if (!isNeeded || action?.kind !== "call") continue;
    steps.push(step);
    for (const index of action.operands) if (data[index] === undefined) needed.add(index);
    if (needed.size === 0) break;
  }
  return steps.reverse();
}

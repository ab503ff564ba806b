import type { Runtime } from "@adjoint/runtime";
import type { NDArray } from "../array/ndarray.js";
import type { Counter } from "./counts.js";
import { Demand } from "./demand.js";
import { KeptRecomputation, findRecomputation, makersOf } from "./recomputation.js";
import { PlanRing } from "./planRing.js";
import {
  allOf,
  callsBetween,
  findSegment,
  KeptSegment,
  keptOf,
  planSteps,
  runSegment,
} from "./segment.js";
import { SpareLists } from "./spareLists.js";
import { Step } from "./step.js";
import { Values } from "./values.js";

/**
 * Runs the steps between two reads of a path. The first run keeps every result, as any of them may be read; from then
 * on plans keep those that were asked for, and what a run gave up is computed again if it is asked for after all.
 */
export class Segments {
  readonly demand = new Demand();
  readonly ring = new PlanRing(1024);
  /** For the arrays of traces. */
  readonly handles = new SpareLists<NDArray>();
  /** What is left of runs that were forgotten. */
  readonly none: Values;
  private readonly recompute = (values: Values, indices: readonly number[]) =>
    this.runAgain(values, indices);

  constructor(
    private readonly runtime: Runtime,
    private readonly counter: Counter,
  ) {
    this.none = this.begin(new Step(undefined, undefined, [], false, {}));
  }

  /** The numbers of a run that begins after `start`. */
  begin(start: Step): Values {
    return new Values(start, this.recompute);
  }

  /** Runs the steps after `from` up to `to`; gives what was run. */
  run(values: Values, from: Step, to: Step): KeptSegment {
    const kept = findSegment(from, to);
    if (kept !== undefined && !kept.isWhole && kept.isUpToDate()) {
      runSegment(kept.segment, values);
      this.counter.replays++;
      return kept;
    }
    const made = this.plan(from, to, kept);
    runSegment(made.segment, values);
    return made;
  }

  /** A plan for steps that run for the first time, or of which other results are wanted than before. */
  private plan(from: Step, to: Step, before: KeptSegment | undefined): KeptSegment {
    const steps = callsBetween(from, to);
    const kept = before === undefined ? allOf(steps) : keptOf(steps);
    if (before !== undefined && before.segment.outputs.length === kept.outputs.length) {
      this.counter.replays++;
      before.isWhole = false;
      return before;
    }
    const segment = planSteps(steps, kept, to, this.runtime);
    this.demand.wantAll(to, segment.inputs);
    const made = new KeptSegment(from, to, segment, this.demand, before === undefined);
    before?.drop();
    this.ring.add(made);
    this.counter.plans++;
    return made;
  }

  private runAgain(values: Values, indices: readonly number[]): void {
    const last = values.executed;
    this.demand.wantAll(last, indices);
    this.counter.recomputations++;
    const known = findRecomputation(values, indices);
    if (known !== undefined) {
      runSegment(known, values);
      this.counter.replays++;
      return;
    }
    const steps = makersOf(values, indices);
    const segment = planSteps(steps, allOf(steps), last, this.runtime);
    const end = steps.at(-1);
    if (end !== undefined) this.ring.add(new KeptRecomputation(end, segment));
    this.counter.plans++;
    runSegment(segment, values);
  }
}

import { registry } from "@adjoint/ops";
import type { Plan, Runtime, Tensor } from "@adjoint/runtime";
import { lowered } from "../lowered.js";
import type { Demand } from "./demand.js";
import { Origins } from "./origins.js";
import { KeptPlan } from "./planRing.js";
import { programOf } from "./programOf.js";
import type { Step } from "./step.js";
import { typesAlong } from "./typesAlong.js";
import type { Values } from "./values.js";

/** A plan for steps of a path. */
export interface Segment {
  readonly plan: Plan;
  /** Value counts of the plan's inputs and outputs. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Of what further results are computed if they are read after all; undefined where there are none. */
  readonly origins: Origins | undefined;
}

/** Results of steps that a plan gives, and what it takes to compute the others. */
export type Kept = Pick<Segment, "outputs" | "origins">;

/** A plan for steps of a path at the last of them, by what is wanted of them. */
export class KeptSteps extends KeptPlan {
  /** The demand by which the outputs were last found to be all that is wanted. */
  private version: number;

  constructor(
    readonly from: Step,
    private readonly to: Step,
    readonly segment: Segment,
    private readonly demand: Demand,
  ) {
    super(to.plans);
    this.version = demand.version;
  }

  override drop(): void {
    super.drop();
    this.segment.plan.release();
  }

  /** Whether its outputs are what is wanted of its steps, as far as that is known now. */
  isUpToDate(): boolean {
    if (this.version === this.demand.version) return true;
    const outputs = new Set(this.segment.outputs);
    const wanted = wantedOf(callsBetween(this.from, this.to));
    if (!wanted.every((index) => outputs.has(index))) return false;
    this.version = this.demand.version;
    return true;
  }
}

/** A segment at the step that it ends in. */
export class KeptSegment extends KeptSteps {
  constructor(
    from: Step,
    to: Step,
    segment: Segment,
    demand: Demand,
    /** Whether every result is an output, as nobody knows yet which are wanted. */
    public isWhole: boolean,
  ) {
    super(from, to, segment, demand);
  }
}

/** The plan for the steps after `from` up to `to`, where there is one. */
export function findSegment(from: Step, to: Step): KeptSegment | undefined {
  const { plans } = to;
  for (let at = 0; at < plans.length; at++) {
    const kept = plans[at];
    if (!(kept instanceof KeptSegment) || kept.from !== from) continue;
    kept.used = true;
    return kept;
  }
  return undefined;
}

/** The operations after `from` up to `to`. */
export function callsBetween(from: Step, to: Step): readonly Step[] {
  return to.since(from).filter(({ action }) => action?.kind === "call");
}

/** All results of steps. */
export function allOf(steps: readonly Step[]): Kept {
  const outputs = steps.flatMap(({ base, types }) => types.map((_, out) => base + out));
  return { outputs, origins: undefined };
}

/** Results of steps that somebody asked for so far. */
function wantedOf(steps: readonly Step[]): number[] {
  return steps.flatMap(({ wanted }) => (wanted === undefined ? [] : [...wanted]));
}

/**
 * What a plan for steps gives: the results that are wanted, and those that no further step reads, as a program
 * computes nothing in vain. So every step is run, and fails where its numbers are refused. Besides, results that need
 * much more memory than they have themselves: an array that is not read would hold that.
 */
export function keptOf(steps: readonly Step[]): Kept {
  const read = new Set(
    steps.flatMap(({ action }) => (action?.kind === "call" ? action.operands : [])),
  );
  const origins = new Origins(steps.at(-1));
  const outputs = steps.flatMap((step) =>
    step.types.flatMap((_, out) => {
      const index = step.base + out;
      const isAsked = step.wanted?.has(index) === true || !read.has(index);
      return origins.add(step, index, isAsked) ? [index] : [];
    }),
  );
  return { outputs, origins };
}

/** Plans steps of the path that ends in `last`. */
export function planSteps(
  steps: readonly Step[],
  { outputs, origins }: Kept,
  last: Step,
  runtime: Runtime,
): Segment {
  const program = programOf({
    name: "segment",
    steps,
    outputs,
    typeAt: typesAlong(last),
    fenced: false,
  });
  return {
    plan: runtime.plan(lowered(program.graph), registry, { lower: lowered }),
    inputs: program.inputs,
    outputs,
    origins,
  };
}

/** Runs a segment on the numbers of one run. */
export function runSegment({ inputs, outputs, plan }: Segment, values: Values): void {
  const given: Tensor[] = [];
  for (let at = 0; at < inputs.length; at++) given.push(values.at(inputs[at] ?? -1));
  values.store(outputs, plan.run(given));
}

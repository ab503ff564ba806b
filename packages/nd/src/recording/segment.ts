import { byteLengthOf, type TensorType } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import type { Plan, Runtime, Tensor } from "@adjoint/runtime";
import { lowered } from "../lowered.js";
import type { Demand } from "./demand.js";
import { KeptPlan } from "./planRing.js";
import { programOf } from "./programOf.js";
import type { Step } from "./step.js";
import type { Values } from "./values.js";

/** A plan for steps of a path. */
export interface Segment {
  readonly plan: Plan;
  /** Value counts of the plan's inputs and outputs. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

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

/** Value counts of all results of steps. */
export function resultsOf(steps: readonly Step[]): number[] {
  return steps.flatMap(({ base, types }) => types.map((_, out) => base + out));
}

/** Results of steps that somebody asked for so far. */
function wantedOf(steps: readonly Step[]): number[] {
  return steps.flatMap(({ wanted }) => (wanted === undefined ? [] : [...wanted]));
}

/**
 * What a plan for steps gives: the results that are wanted, and those that no further step reads, as a program
 * computes nothing in vain. So every step is run, and fails where its numbers are refused. Besides, results that are
 * much smaller than the variables they come from: an array that is not read and needs them would hold those.
 */
export function keptOf(steps: readonly Step[]): number[] {
  const read = new Set(
    steps.flatMap(({ action }) => (action?.kind === "call" ? action.operands : [])),
  );
  const largest = variableBytes(steps.at(-1));
  return steps.flatMap((step) => {
    const { base, types, wanted, action } = step;
    const operands = action?.kind === "call" ? action.operands : [];
    const held = Math.max(0, ...operands.map((index) => largest.get(index) ?? 0));
    return types.flatMap((type, out) => {
      const index = base + out;
      const isSmall = byteLengthOf(type) * muchLarger <= held;
      if (wanted?.has(index) || !read.has(index) || isSmall) return [index];
      largest.set(index, held);
      return [];
    });
  });
}

/** How many times a result's bytes a variable has that is let go for it. */
const muchLarger = 4;
/** Smaller variables are held. */
const leastVariable = 1 << 16;

/** Bytes of large variables along the path that ends in `last`. */
function variableBytes(last: Step | undefined): Map<number, number> {
  const found = new Map<number, number>();
  for (let step = last; step !== undefined; step = step.parent) {
    const { action, base } = step;
    if (action?.kind !== "input" || !action.source) continue;
    const bytes = byteLengthOf(action.type);
    if (bytes >= leastVariable) found.set(base, bytes);
  }
  return found;
}

/** Plans steps of the path that ends in `last`. */
export function planSteps(
  steps: readonly Step[],
  outputs: readonly number[],
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
  };
}

/** Types by value count along the path that ends in `last`; collected at the first question. */
export function typesAlong(last: Step): (index: number) => TensorType {
  const types = new Map<number, TensorType>();
  return (index) => {
    if (types.size === 0) {
      for (let step: Step | undefined = last; step !== undefined; step = step.parent) {
        for (const [out, type] of step.types.entries()) types.set(step.base + out, type);
      }
    }
    const type = types.get(index);
    if (type === undefined) throw new Error(`segment: no value ${index}`);
    return type;
  };
}

/** Runs a segment on the numbers of one run. */
export function runSegment({ inputs, outputs, plan }: Segment, values: Values): void {
  const given: Tensor[] = [];
  for (let at = 0; at < inputs.length; at++) given.push(values.at(inputs[at] ?? -1));
  values.store(outputs, plan.run(given));
}

import type { TensorType } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import type { Plan, Runtime, Tensor } from "@adjoint/runtime";
import { lowered } from "../lowered.js";
import { KeptPlan } from "./planRing.js";
import { programOf } from "./programOf.js";
import type { Step } from "./step.js";
import type { Trace } from "./trace.js";

/** The plan for the steps between two reads of a path. */
export interface Segment {
  readonly plan: Plan;
  /** Value counts of the plan's inputs and outputs. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A segment at the step that it ends in. */
export class KeptSegment extends KeptPlan {
  constructor(
    readonly from: Step,
    to: Step,
    readonly segment: Segment,
  ) {
    super(to.plans);
  }

  override drop(): void {
    super.drop();
    this.segment.plan.release();
  }
}

/** The plan for the steps after `from` up to `to`, where there is one. */
export function findSegment(from: Step, to: Step): Segment | undefined {
  const { plans } = to;
  for (let at = 0; at < plans.length; at++) {
    const kept = plans[at];
    if (!(kept instanceof KeptSegment) || kept.from !== from) continue;
    kept.used = true;
    return kept.segment;
  }
  return undefined;
}

/** Plans the steps after `from` up to `to`. Every result is kept, since any may be read later. */
export function planSegment(from: Step, to: Step, runtime: Runtime): Segment {
  const steps = to.since(from).filter(({ action }) => action?.kind === "call");
  const outputs = steps.flatMap((step) => step.types.map((_, out) => step.base + out));
  const program = programOf({
    name: "segment",
    steps,
    outputs,
    typeAt: typesAlong(to),
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

/** Runs a segment on the numbers of one trace. */
export function runSegment(segment: Segment, trace: Trace): void {
  const { inputs, outputs, plan } = segment;
  const given: Tensor[] = [];
  for (let at = 0; at < inputs.length; at++) given.push(trace.tensorAt(inputs[at] ?? -1));
  const results = plan.run(given);
  for (let at = 0; at < outputs.length; at++) trace.data[outputs[at] ?? -1] = results[at];
}

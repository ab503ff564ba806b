import { joint, programPasses } from "@adjoint/autograd";
import { type Graph, type Ref, runPasses } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import type { Runtime, Tensor } from "@adjoint/runtime";
import { lowered } from "../lowered.js";
import type { Demand } from "../recording/demand.js";
import { programOf } from "../recording/programOf.js";
import { callsBetween, KeptSteps, keptOf, type Segment } from "../recording/segment.js";
import type { Step } from "../recording/step.js";
import type { Trace } from "../recording/trace.js";
import { typesAlong } from "../recording/typesAlong.js";
import type { GradientPlan } from "./gradientPlan.js";

/**
 * Steps that have not run and the gradient behind them as one plan, at the step that they end in: what the gradient
 * needs of the steps is handed over within. The plan's further inputs are head gradients, its further results gradients.
 */
export class KeptJoint extends KeptSteps {
  constructor(
    from: Step,
    to: Step,
    readonly gradient: GradientPlan,
    segment: Segment,
    demand: Demand,
  ) {
    super(from, to, segment, demand);
  }
}

/** The plan for the steps after `from` up to `to` with a gradient, where there is one. */
export function findJoint(from: Step, to: Step, gradient: GradientPlan): KeptJoint | undefined {
  const { plans } = to;
  for (let at = 0; at < plans.length; at++) {
    const kept = plans[at];
    if (!(kept instanceof KeptJoint) || kept.from !== from || kept.gradient !== gradient) continue;
    kept.used = true;
    return kept;
  }
  return undefined;
}

/** Plans the steps after `from` up to `to` with a gradient of the path. */
export function planJoint(
  from: Step,
  to: Step,
  { backward, saved }: GradientPlan,
  runtime: Runtime,
): Segment {
  const steps = callsBetween(from, to);
  const { outputs, origins } = keptOf(steps);
  const program = programOf({
    name: "segment",
    steps,
    outputs: [...outputs, ...saved],
    typeAt: typesAlong(to),
    fenced: false,
  });
  const places = saved.map((index) => program.refOf(index));
  const graph = joint({ forward: program.graph, backward: readingFrom(backward, places) });
  const parts = runPasses(graph, programPasses, { registry }).graph;
  return {
    plan: runtime.plan(parts, registry, { lower: lowered }),
    inputs: program.inputs,
    outputs,
    origins,
  };
}

/** The graph with other places of its saved values. */
function readingFrom(backward: Graph, places: readonly Ref[]): Graph {
  const rest = places.values();
  const inputs = backward.inputs.map((input) =>
    input.role === "saved" ? { ...input, of: rest.next().value } : input,
  );
  return { ...backward, inputs };
}

/** Runs what is pending of a trace and its gradient at once. Throws, and nothing has changed, where numbers are refused. */
export function runJoint(
  trace: Trace,
  { segment }: KeptJoint,
  heads: readonly Tensor[],
): readonly Tensor[] {
  const { inputs, outputs, plan } = segment;
  const { values, cursor } = trace;
  const given: Tensor[] = [];
  for (let at = 0; at < inputs.length; at++) given.push(values.at(inputs[at] ?? -1));
  for (let at = 0; at < heads.length; at++) {
    const head = heads[at];
    if (head !== undefined) given.push(head);
  }
  const results = plan.run(given);
  values.executed = cursor;
  values.store(outputs, results);
  trace.hasRun(segment);
  return results.slice(outputs.length);
}

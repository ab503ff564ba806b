import { planPasses, programPasses } from "@adjoint/autograd";
import {
  type Decoration,
  type Graph,
  type JointGraphs,
  mergeDecorations,
  toJson,
} from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import {
  describePlan,
  formatPlan,
  observedInputs,
  type PlanDescription,
  planDrawing,
  profilePlan,
  Runtime,
} from "@adjoint/runtime";
import type { DumpRequest } from "../request.js";
import { type Subject, withOnes } from "../source/subject.js";
import { runSubject } from "./annotate.js";

/** The numbers that each graph of a subject is run with. */
function inputsFor(subject: Subject, graphs: readonly Graph[]): readonly Subject["inputs"][] {
  const run = graphs.includes(subject.forward) ? undefined : runSubject(subject);
  const runs = run ?? (graphs.length > 1 ? runSubject(subject) : undefined);
  return graphs.map((graph) => {
    if (graph === subject.forward) return subject.inputs;
    const { backward } = runs ?? {};
    const isBackward = graph === subject.backward && backward !== undefined;
    return isBackward ? observedInputs(backward) : withOnes(graph, subject.inputs);
  });
}

/** How the graphs shown run once they are compiled, as compiled functions plan them. */
export function plansOf(
  subject: Subject,
  shown: Graph | JointGraphs,
  { annotations, threads }: DumpRequest,
): readonly PlanDescription[] {
  const runtime = new Runtime();
  runtime.setThreads(threads);
  const graphs = "backward" in shown ? [shown.forward, shown.backward] : [shown];
  const optionsOf = (graph: Graph) => ({
    runtime,
    passes: graph === subject.backward ? planPasses : programPasses,
    hosts: subject.hosts,
  });
  if (!annotations.profile) {
    return graphs.map((graph) => describePlan(graph, registry, optionsOf(graph)));
  }
  const inputs = inputsFor(subject, graphs);
  return graphs.map((graph, at) =>
    profilePlan(graph, inputs[at] ?? [], registry, optionsOf(graph)),
  );
}

export function plansText(plans: readonly PlanDescription[]): string {
  return plans.map(formatPlan).join("\n\n");
}

/** Plans as data: `graph` is as `toJson` writes it. */
export function plansData(plans: readonly PlanDescription[]): unknown {
  const encoded = plans.map(({ graph, ...plan }) => {
    const content: unknown = JSON.parse(toJson(graph));
    return { graph: content, ...plan };
  });
  return { format: "adjoint.plan", version: 1, plans: encoded };
}

/** What drawings show of plans: steps as clusters, of program and gradient side by side where both are there. */
export function drawnPlans(plans: readonly PlanDescription[]): {
  readonly part: Graph | JointGraphs;
  readonly decoration: Decoration;
} {
  const drawings = plans.map(planDrawing);
  const decoration = mergeDecorations(...drawings.map((one) => one.decoration));
  const [forward, backward] = drawings.map(({ graph }) => graph);
  if (forward === undefined) throw new Error("no plan");
  return { part: backward === undefined ? forward : { forward, backward }, decoration };
}

import { type GradientGraphs, gradient } from "@adjoint/autograd";
import type { Graph } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import type { Plan, Runtime } from "@adjoint/runtime";
import { lowered } from "../lowered.js";
import type { Counter } from "../recording/counts.js";
import { programOf } from "../recording/programOf.js";
import { typesAlong } from "../recording/typesAlong.js";
import type { Step } from "../recording/step.js";

/** The gradient of one recorded path from certain heads, ready to run. */
export interface GradientPlan extends GradientGraphs {
  /** The path itself: its results are the heads, and nothing else. */
  readonly program: Graph;
  /** Values that the program reads, in the order of its inputs. */
  readonly inputs: readonly number[];
  /** Values that gradients are computed for: variables, and results of earlier traces. */
  readonly wrt: readonly number[];
  /** Values that the backward graph reads, after the heads. */
  readonly saved: readonly number[];
  /** Values that the heads depend on through differentiable steps, up to the sources. */
  readonly reached: readonly number[];
  /** The backward graph on its own, planned at the first call. */
  readonly plan: () => Plan;
  /** Gives back what the plan holds. */
  readonly release: () => void;
}

/** Steps that the given values are computed from, in order. */
function neededSteps(last: Step, values: readonly number[]): Step[] {
  const needed = new Set(values);
  const steps: Step[] = [];
  for (let step: Step | undefined = last; step?.parent !== undefined; step = step.parent) {
    const { base, types, action } = step;
    if (!types.some((_, out) => needed.has(base + out))) continue;
    steps.push(step);
    if (action?.kind === "call") for (const index of action.operands) needed.add(index);
  }
  return steps.reverse();
}

/** Values that gradients flow to from `heads`, and the sources among them. */
function reachedFrom(
  steps: readonly Step[],
  heads: readonly number[],
): { readonly reached: readonly number[]; readonly sources: readonly number[] } {
  const wanted = new Set(heads);
  const reached: number[] = [];
  const sources: number[] = [];
  for (let position = steps.length - 1; position >= 0; position--) {
    const step = steps[position];
    const action = step?.action;
    if (step === undefined || action === undefined || !step.tracked) continue;
    const results = step.types.map((_, out) => step.base + out);
    if (!results.some((index) => wanted.has(index))) continue;
    if (action.source) {
      sources.push(step.base);
      continue;
    }
    reached.push(...results);
    if (action.kind === "call") for (const index of action.operands) wanted.add(index);
  }
  return { reached, sources: sources.reverse() };
}

/** Derives and plans the gradient of the path that ends in `last`, from the values `heads`. */
export function planGradient(
  last: Step,
  heads: readonly number[],
  name: string,
  runtime: Runtime,
  counter: Counter,
): GradientPlan {
  const steps = neededSteps(last, heads);
  const { reached, sources } = reachedFrom(steps, heads);
  const program = programOf({
    name,
    steps,
    outputs: heads,
    typeAt: typesAlong(last),
    fenced: true,
  });
  const graphs = gradient(program.graph, {
    wrt: sources.map((index) => program.refOf(index)),
    heads: program.graph.outputs.map((output) => output.name),
    registry,
  });
  const saved = graphs.backward.inputs.flatMap(({ role, of }) =>
    role === "saved" && of !== undefined ? [program.indexOf(of)] : [],
  );
  return {
    ...graphs,
    program: program.graph,
    inputs: program.inputs,
    wrt: sources,
    saved,
    reached,
    ...lazily(() => runtime.plan(lowered(graphs.backward), registry, { lower: lowered }), counter),
  };
}

function lazily(make: () => Plan, counter: Counter): Pick<GradientPlan, "plan" | "release"> {
  let made: Plan | undefined;
  return {
    plan: () => {
      if (made === undefined) counter.plans++;
      else counter.replays++;
      made ??= make();
      return made;
    },
    release: () => made?.release(),
  };
}

import { byteLengthOf, type Registry, typeOf } from "@adjoint/graph";
import type { ProgramStretch } from "../../plan/programTree.js";
import type { CompiledPlan } from "../plan/compiledPlan.js";
import { type CompileOptions, compilePlan } from "../plan/compilePlan.js";
import type { GroupFunction, PlanArgument, PlanCall } from "../plan/planCall.js";
import { slots } from "../plan/planCall.js";
import { aligned } from "../plan/planLayout.js";
import { callsOf, worthDividing } from "../plan/threadLists.js";
import { addressOf, layOutTree, type TreeLayout } from "./treeLayout.js";

/** Larger values are worth a call of their own, and memory that is handed on instead of copied. */
const largestValue = 4096;
const mostBytes = 2 ** 14;
/** A tree's memory is held as long as the tree. */
const largestArena = 2 ** 20;

/** A program that forks, with all decisions taken, before its code is written. */
export interface CompiledTree {
  readonly layout: TreeLayout;
  readonly plans: readonly (CompiledPlan | undefined)[];
  /** The calls of each stretch. */
  readonly calls: readonly (readonly PlanCall[])[];
}

/**
 * Lists the calls of all stretches, over one table of addresses. Undefined for programs that gain nothing: with large
 * results, with steps that threads divide, with loops, or with kernels for which there is no code.
 */
export function compileTree(
  stretches: readonly ProgramStretch[],
  registry: Registry,
  options: Omit<CompileOptions, "keep" | "donate" | "stepwise">,
): CompiledTree | undefined {
  if (!stretches.every(givesLittle)) return undefined;
  const groups = new Map<string, GroupFunction>();
  const plans: (CompiledPlan | undefined)[] = [];
  for (const { graph } of stretches) {
    const settings = { ...options, keep: "outputs", donate: [], stepwise: false } as const;
    const plan = graph && compilePlan(graph, registry, settings, groups);
    if (plan !== undefined && !isLight(plan)) return undefined;
    plans.push(plan);
  }
  const layout = layOutTree(stretches, plans);
  if (layout.arenaBytes > largestArena) return undefined;
  const calls = plans.map((plan, position) =>
    plan === undefined ? [] : callsIn(plan, layout, stretches, position),
  );
  return { layout, plans, calls };
}

function givesLittle({ graph }: ProgramStretch): boolean {
  const outputs = graph?.outputs.map(({ ref }) => byteLengthOf(typeOf(graph, ref))) ?? [];
  const sum = outputs.reduce((all, one) => all + one, 0);
  return sum <= mostBytes && outputs.every((bytes) => bytes <= largestValue);
}

/** Whether a plan is one list of calls that a single thread makes. */
function isLight({ refusals, kernels, lists }: CompiledPlan): boolean {
  if (refusals.size > 0 || lists.length > 1) return false;
  return kernels.every((kernel) => {
    if (kernel === undefined || kernel.cost >= worthDividing) return false;
    return kernel.calls.every(({ target }) => target.kind !== "control");
  });
}

/** What a stretch calls, with addresses of the tree. */
function callsIn(
  { layout: { arenaBytes }, lists }: CompiledPlan,
  layout: TreeLayout,
  stretches: readonly ProgramStretch[],
  position: number,
): readonly PlanCall[] {
  const place = (argument: PlanArgument): PlanArgument =>
    typeof argument === "number" ? argument : addressOf(layout, stretches, position, argument);
  const scratch = { slot: slots.arena, offset: aligned(arenaBytes) };
  return lists.flatMap((list) =>
    callsOf(list, scratch).map(({ target, args }) => ({ target, args: args.map(place) })),
  );
}

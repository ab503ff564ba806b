import { at } from "../../kernels/prepare.js";
import type { CallArgument } from "../libraryCall.js";
import type { ListStep, MemoryRange } from "./compiledPlan.js";
import type { Address, PlanArgument, PlanCall, ThreadStep } from "./planCall.js";
import { moved } from "./planLayout.js";
import type { StepKernel } from "./stepKernel.js";

/** A step is divided where it takes at least so many microseconds: a barrier costs about one. */
export const worthDividing = 20;

/** The calls of a list for one thread alone; `scratch` is where its scratch memory begins. */
export function callsOf(list: readonly ListStep[], scratch: Address): PlanCall[] {
  return list.flatMap(({ kernel, operands }) => settle(kernel, operands, scratch));
}

/** What threads do of a step, one part each; the whole where it is not worth dividing. */
export function partsOf(kernel: StepKernel, threads: number): readonly StepKernel[] {
  return threads === 1 || kernel.cost < worthDividing ? [kernel] : kernel.split(threads);
}

/** Steps between barriers at the most, as each is compared with all before it. */
const mostOpen = 64;

/** A step as several threads do it. */
interface DividedStep extends ListStep {
  readonly parts: readonly StepKernel[];
}

/**
 * What each of several threads does: divided steps by all, others by the first, with a barrier
 * before a step that must not begin until others have ended. Undefined where no step is worth
 * dividing.
 */
export function threadLists(
  list: readonly ListStep[],
  scratches: readonly Address[],
): ThreadStep[][] | undefined {
  const threads = scratches.length;
  const steps = list.map((step): DividedStep => {
    return { ...step, parts: partsOf(step.kernel, threads) };
  });
  if (steps.every(({ parts }) => parts.length < 2)) return undefined;
  const barriers = barriersBefore(steps);
  return scratches.map((scratch, thread) => {
    const own: ThreadStep[] = [];
    for (const [index, { operands, parts }] of steps.entries()) {
      if (barriers.has(index)) own.push("barrier");
      const part = parts[thread];
      if (part !== undefined) own.push(...settle(part, operands, scratch));
    }
    return [...own, "barrier"];
  });
}

/** Before which steps threads meet. */
function barriersBefore(steps: readonly DividedStep[]): ReadonlySet<number> {
  const barriers = new Set<number>();
  // Steps since the last barrier.
  let open: DividedStep[] = [];
  for (const [index, step] of steps.entries()) {
    const isDivided = (one: DividedStep) => one.parts.length > 1;
    const others = isDivided(step) ? open : open.filter(isDivided);
    if (open.length === mostOpen || others.some((before) => mustWait(step, before))) {
      barriers.add(index);
      open = [];
    }
    open.push(step);
  }
  return barriers;
}

/**
 * Whether a step may not run while another, which comes before it in the program, does. Steps that may
 * refuse are kept in order, so that the first refusal is always the same; loops and branches use memory
 * that their bodies know.
 */
function mustWait(step: DividedStep, before: DividedStep): boolean {
  const isAlone = ({ kernel }: DividedStep) =>
    kernel.mayRefuse || kernel.calls.some(({ target }) => target.kind === "control");
  const [memory, used] = [step.memory, before.memory];
  if (memory === undefined || used === undefined || isAlone(step) || isAlone(before)) return true;
  return (
    overlap(memory.writes, used.writes) ||
    overlap(memory.writes, used.reads) ||
    overlap(memory.reads, used.writes)
  );
}

function overlap(some: readonly MemoryRange[], others: readonly MemoryRange[]): boolean {
  return some.some(({ slot, offset, bytes }) =>
    others.some(
      (other) =>
        other.slot === slot && offset < other.offset + other.bytes && other.offset < offset + bytes,
    ),
  );
}

function settle(
  { calls }: StepKernel,
  operands: ListStep["operands"],
  scratch: Address,
): PlanCall[] {
  const address = (argument: CallArgument): PlanArgument => {
    if (typeof argument === "number") return argument;
    if ("scratch" in argument) return moved(scratch, argument.scratch);
    return moved(at(operands, argument.operand), argument.offset);
  };
  return calls.map(({ target, args }) => ({ target, args: args.map(address) }));
}

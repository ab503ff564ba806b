import { formatType, type NodeId, nodeOf, refKey } from "@adjoint/graph";
import type {
  BufferDescription,
  NestDescription,
  PlanDescription,
  SlotDescription,
  StepCode,
  StepDescription,
} from "../plan/planDescription.js";
import { formatBytes, formatMilliseconds } from "./formatValues.js";

/** `%x`, `%5`, `%5.1`: the value that a buffer holds. */
export function formatBuffer({ kind, ref, name }: BufferDescription): string {
  if (kind === "input" && name !== undefined) return `%${name}`;
  return `%${ref.out === 0 ? ref.node : refKey(ref)}`;
}

/** `8 x 32r x 4096v`: loops from the outside; reduced ones and the one along which vectors lie are marked. */
function formatLoops({ loops }: NestDescription): string {
  return loops
    .map(({ length, reduced, vector }) => `${length}${reduced ? "r" : ""}${vector ? "v" : ""}`)
    .join(" x ");
}

function formatNest(nest: NestDescription): string {
  const passes = nest.passes > 1 ? `, ${nest.passes} passes` : "";
  return `loops ${formatLoops(nest)}${passes}, code ${nest.code}`;
}

/** `loops 8 x 32rv, 2 passes, code 0`, `contract by contract.float32.gemm`, `loop around 3 calls`. */
export function formatCode(code: StepCode): string {
  switch (code.kind) {
    case "fused":
      return formatNest(code);
    case "banded": {
      const { kernel, functions, bands, before, after } = code;
      const product = `${kernel} by ${functions.join(", ")}`;
      const parts = [before && formatNest(before), product, after && formatNest(after)];
      return `${parts.filter((part) => part !== undefined).join(", then ")}; in ${bands} bands`;
    }
    case "library": {
      if (code.calls === 0) return `${code.kernel} of no elements`;
      const times = code.calls > code.functions.length ? `, ${code.calls} calls` : "";
      return `${code.kernel} by ${code.functions.join(", ")}${times}`;
    }
    case "loop":
    case "branch":
      return `${code.kind} around ${code.calls.map((calls) => count(calls, "call")).join(", ")}`;
    case "interpreted":
      return `${code.kernel} by the interpreter: ${code.reason}`;
    default:
      return code satisfies never;
  }
}

/** `256 B at 0, steps 0-3, in the memory of %4`. */
export function formatSlot(
  { offset, bytes, start, end, inPlaceOf }: SlotDescription,
  { buffers }: PlanDescription,
): string {
  const before = inPlaceOf === undefined ? undefined : buffers[inPlaceOf];
  const over = before === undefined ? "" : `, in the memory of ${formatBuffer(before)}`;
  const steps = start === end ? `step ${start}` : `steps ${start}-${end}`;
  return `${formatBytes(bytes)} at ${offset}, ${steps}${over}`;
}

/** How near the arena's temporaries are to what must be alive at one step. */
export function formatArena({
  arenaBytes,
  temporaryBytes,
  liveBytesBound,
}: PlanDescription): string {
  const scratch = arenaBytes - temporaryBytes;
  const and = scratch > 0 ? ` + ${formatBytes(scratch)} of scratch` : "";
  const bound = `at least ${formatBytes(liveBytesBound)} alive at one step`;
  return `arena ${formatBytes(temporaryBytes)} of temporaries${and}; ${bound}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** `5 steps, 2 of them fused, 1 thread; 12.3 µs`. */
export function formatPlanHead({ graph, steps, threads, milliseconds }: PlanDescription): string {
  const fused = steps.filter(({ nodes }) => nodes.length > 1).length;
  const interpreted = steps.filter(({ code }) => code.kind === "interpreted").length;
  const parts = [
    count(steps.length, "step"),
    ...(fused === 0 ? [] : [`${fused} of them fused`]),
    ...(interpreted === 0 ? [] : [`${interpreted} by the interpreter`]),
    count(threads, "thread"),
  ];
  const sum = steps.reduce((total, step) => total + (step.milliseconds ?? 0), 0);
  const time =
    milliseconds === undefined
      ? ""
      : `; a run takes ${formatMilliseconds(milliseconds)}, its steps ${formatMilliseconds(sum)}`;
  return `plan of ${graph.name}: ${parts.join(", ")}${time}`;
}

/** `%5 add + %6 tanh`; `copy` for no nodes. */
export function formatNodes({ graph }: PlanDescription, nodes: readonly NodeId[]): string {
  if (nodes.length === 0) return "copy";
  return nodes.map((id) => `%${id} ${nodeOf(graph, id).op}`).join(" + ");
}

function stepLines(plan: PlanDescription, step: StepDescription, index: number): string[] {
  const { nodes, rows, code, reads, writes, site, threads, milliseconds } = step;
  const own = new Set(nodes);
  const foreign = rows.filter((row) => !own.has(row)).map((row) => `%${row}`);
  const part = foreign.length === 0 || nodes.length === 0 ? "" : ` of ${foreign.join(", ")}`;
  const where = site === undefined ? "" : `  // ${site}`;
  const places = (list: StepDescription["reads"]) =>
    list.flatMap(({ buffer }) => {
      const known = plan.buffers[buffer];
      return known === undefined ? [] : [formatBuffer(known)];
    });
  const written = writes.flatMap(({ buffer, type }) => {
    const known = plan.buffers[buffer];
    if (known === undefined) return [];
    const as = known.kind === "result" && known.name !== undefined ? ` ${known.name}` : "";
    return [`${formatBuffer(known)}${as}: ${formatType(type)}`];
  });
  const from = [...new Set(places(reads))].join(", ");
  const details = [
    formatCode(code),
    ...(threads > 1 ? [count(threads, "thread")] : []),
    ...(milliseconds === undefined ? [] : [formatMilliseconds(milliseconds)]),
  ];
  return [
    `  ${index}. ${formatNodes(plan, nodes)}${part}${where}`,
    `     ${details.join("; ")}`,
    `     (${from}) -> ${written.join(", ")}`,
  ];
}

/**
 * A plan as text: steps with what they compute, by which code, what they read and write; then where each
 * temporary is in the arena, and from which step to which. Of loops, `r` marks those that reductions run
 * over, and `v` the one along which vectors lie; steps of one `code` share a function.
 *
 * @example
 * ```text
 * plan of loss: 1 step, 1 of them fused, 1 thread
 *   0. %1 mul + %2 sum  // model.ts:3
 *      loops 4rv, code 0
 *      (%x) -> %2 y0: float32[]
 * arena 0 B of temporaries; at least 0 B alive at one step
 * ```
 */
export function formatPlan(plan: PlanDescription): string {
  const { steps, folded, slots, buffers } = plan;
  const places = slots.map((slot) => {
    const buffer = buffers[slot.buffer];
    return `  ${buffer === undefined ? "" : formatBuffer(buffer)}: ${formatSlot(slot, plan)}`;
  });
  return [
    formatPlanHead(plan),
    ...steps.flatMap((step, index) => stepLines(plan, step, index)),
    ...(folded.length === 0 ? [] : [`part of the code: ${formatNodes(plan, folded)}`]),
    formatArena(plan),
    ...places,
  ].join("\n");
}

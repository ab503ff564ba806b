import { formatType, refKey } from "@adjoint/graph";
import type { Plan } from "./plan.js";
import type { Place } from "./schedule.js";

/**
 * A plan as text: steps with their kernels, slots with their lifetimes, and how near the arena is
 * to the bound.
 *
 * @example
 * ```text
 * plan of f: 2 steps
 *   0 %2 neg map (b0) -> b1 float32[4]
 * slots
 *   %2.0 at 0, 16 bytes, steps 0-1
 * peak 64 bytes, bound 16 bytes
 * ```
 */
export function describePlan(plan: Plan): string {
  const steps = plan.steps.map(({ node, op, kernel, ins, outs, alias }, index) => {
    const reads = ins.map(({ buffer }) => `b${buffer}`).join(", ");
    const how = alias ? "alias" : kernel.kind;
    return `  ${index} %${node} ${op} ${how} (${reads}) -> ${outs.map(formatPlace).join(", ")}`;
  });
  const slots = plan.slots.map(
    ({ ref, offset, bytes, start, end }) =>
      `  %${refKey(ref)} at ${offset}, ${bytes} bytes, steps ${start}-${end}`,
  );
  return [
    `plan of ${plan.graph.name}: ${plan.steps.length} steps`,
    ...steps,
    "slots",
    ...slots,
    `peak ${plan.arenaBytes} bytes, bound ${plan.liveBytesBound} bytes`,
  ].join("\n");
}

function formatPlace({ buffer, type }: Place): string {
  return `b${buffer} ${formatType(type)}`;
}

import { formatType, type Graph, type NodeId, type Registry } from "@adjoint/graph";
import { describePlan, type ObservedRow, planGraph } from "@adjoint/runtime";
import { placeOf } from "./rowPool.js";
import type { PlanData } from "./session.js";

/** A graph ready to run: its steps, and where it keeps what. `timesOf` runs the planned graph node by node. */
export function describePlanOf(
  graph: Graph,
  registry: Registry,
  timesOf: (planned: Graph) => readonly ObservedRow[],
): PlanData {
  const { plan, rowOf } = planGraph(graph, registry);
  const { steps, slots, buffers, arenaBytes, liveBytesBound } = describePlan(plan, rowOf);
  const times = new Map<NodeId, number>();
  for (const { row, milliseconds } of timesOf(plan.graph)) times.set(row, milliseconds);
  return {
    steps: steps.map(({ nodes, rows, kernel, reads, writes }) => ({
      nodes,
      rows,
      kernel,
      reads: reads.map(({ buffer }) => buffer),
      writes: writes.map(({ buffer }) => buffer),
      milliseconds: nodes.reduce((sum, { id }) => sum + (times.get(id) ?? 0), 0),
    })),
    slots: slots.map(({ ref, offset, bytes, start, end }) => ({
      place: placeOf(ref),
      offset,
      bytes,
      start,
      end,
    })),
    buffers: buffers.map(({ kind, type, bytes }) => ({ kind, type: formatType(type), bytes })),
    arenaBytes,
    liveBytesBound,
  };
}

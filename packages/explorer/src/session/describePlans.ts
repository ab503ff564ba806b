import { formatType, nodeOf } from "@adjoint/graph";
import { formatCode, type PlanDescription } from "@adjoint/runtime";
import { placeOf } from "./rowPool.js";
import type { PlanData } from "./session.js";

/** A compiled plan for the page: everything printed, and the graph left to the stages. */
export function planData(plan: PlanDescription): PlanData {
  const { graph, steps, folded, slots, buffers, threads } = plan;
  const named = (id: number) => ({ id, op: nodeOf(graph, id).op });
  const placeAt = (buffer: number | undefined) => {
    const ref = buffer === undefined ? undefined : buffers[buffer]?.ref;
    return ref === undefined ? undefined : placeOf(ref);
  };
  return {
    steps: steps.map(({ nodes, rows, code, reads, writes, threads: shared, milliseconds = 0 }) => ({
      nodes: nodes.map(named),
      rows,
      code: code.kind,
      kernel: formatCode(code),
      threads: shared,
      reads: reads.map(({ buffer }) => buffer),
      writes: writes.map(({ buffer }) => buffer),
      milliseconds,
    })),
    folded: folded.map(named),
    milliseconds: plan.milliseconds ?? 0,
    threads,
    slots: slots.map(({ buffer, offset, bytes, start, end, inPlaceOf }) => ({
      place: placeAt(buffer) ?? [-1, 0],
      offset,
      bytes,
      start,
      end,
      inPlaceOf: placeAt(inPlaceOf),
    })),
    buffers: buffers.map(({ kind, type, bytes }) => ({ kind, type: formatType(type), bytes })),
    arenaBytes: plan.temporaryBytes,
    scratchBytes: plan.arenaBytes - plan.temporaryBytes,
    liveBytesBound: plan.liveBytesBound,
  };
}

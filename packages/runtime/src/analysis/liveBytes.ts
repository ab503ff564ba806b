import { byteLengthOf, type NodeId } from "@adjoint/graph";
import type { PlannedGraph } from "../plan/planGraph.js";

/** Memory that a run holds besides inputs and constants. */
export interface LiveBytes {
  readonly peak: number;
  /** The most held while any part of a row is computed. */
  readonly byRow: ReadonlyMap<NodeId, number>;
}

/** Temporaries from their first step to their last, results from the step that writes them on. */
export function liveBytes({ plan, rowOf }: PlannedGraph): LiveBytes {
  const { steps, buffers, slots } = plan;
  const change = new Float64Array(steps.length + 1);
  const add = (step: number, bytes: number) => {
    change[step] = (change[step] ?? 0) + bytes;
  };
  for (const { start, end, bytes } of slots) {
    add(start, bytes);
    add(end + 1, -bytes);
  }
  steps.forEach(({ outs, alias }, index) => {
    for (const { buffer, type } of alias ? [] : outs) {
      if (buffers[buffer]?.kind === "result") add(index, byteLengthOf(type));
    }
  });
  const byRow = new Map<NodeId, number>();
  let [live, peak] = [0, 0];
  steps.forEach(({ node }, index) => {
    live += change[index] ?? 0;
    peak = Math.max(peak, live);
    const row = rowOf.get(node) ?? node;
    byRow.set(row, Math.max(byRow.get(row) ?? 0, live));
  });
  return { peak, byRow };
}

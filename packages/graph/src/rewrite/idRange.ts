import type { NodeId } from "../graph.js";

/** The ids from `first` up to `end`, which is not among them. */
export function idRange(first: NodeId, end: NodeId): NodeId[] {
  const ids: NodeId[] = [];
  for (let id = first; id < end; id++) ids.push(id);
  return ids;
}

import { enablePatches, freeze, Immer, type Patch } from "immer";
import type { Graph, Node, NodeId } from "../graph.js";
import type { EditedGraph } from "./graphEditor.js";

enablePatches();

/** Own settings, so that a host that switches immer's freezing off does not thaw graphs. */
const immer = new Immer({ autoFreeze: true });

/** A graph, the patches that lead to it, and those that lead back. */
export type Committed = readonly [Graph, readonly Patch[], readonly Patch[]];

/** A graph as the one draft of a pass: rows are exchanged, not changed. */
type GraphDraft = { -readonly [K in keyof Graph]: Graph[K] } & { nodes: Record<NodeId, Node> };

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}

function commitNodes(draft: GraphDraft, before: Graph["nodes"], edited: EditedGraph): void {
  for (const key in before) {
    const id = Number(key);
    if (!edited.nodes.has(id)) delete draft.nodes[id];
  }
  for (const [id, node] of edited.nodes) {
    // Frozen beforehand, so that immer need not search it for drafts.
    if (before[id] !== node) draft.nodes[id] = freeze(node, true);
  }
}

function commitConstants(draft: GraphDraft, before: Graph, { constants }: EditedGraph): void {
  const same = sameItems(Object.keys(before.constants), Object.keys(constants));
  if (!same) draft.constants = freeze(constants, true);
}

/**
 * The graph with all edits of one pass, frozen, the patches that lead to it, and those that lead back. What did not
 * change is shared with `graph` and stands in no patch.
 */
export function commit(graph: Graph, edited: EditedGraph): Committed {
  return immer.produceWithPatches<Graph, GraphDraft>(graph, (draft) => {
    commitNodes(draft, graph.nodes, edited);
    commitConstants(draft, graph, edited);
    if (!sameItems(graph.order, edited.order)) draft.order = freeze(edited.order, true);
    if (!sameItems(graph.inputs, edited.inputs)) draft.inputs = freeze(edited.inputs, true);
    if (!sameItems(graph.outputs, edited.outputs)) draft.outputs = freeze(edited.outputs, true);
    draft.nextId = edited.nextId;
  });
}

/** The graph after these patches, frozen. */
export function patched(graph: Graph, patches: readonly Patch[]): Graph {
  return immer.applyPatches(graph, patches);
}

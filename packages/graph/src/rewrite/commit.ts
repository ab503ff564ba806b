import { enablePatches, Immer } from "immer";
import { freezeNode } from "../freezeGraph.js";
import type { Graph, Node, NodeId } from "../graph.js";
import { closeGraph } from "../print/closeGraph.js";
import type { EditedGraph } from "./graphEditor.js";
import type { Patch } from "./patch.js";

enablePatches();

/** Own settings, so that a host that switches immer's freezing off does not thaw graphs. */
const immer = new Immer({ autoFreeze: true });

/** A graph, the patches that lead to it, and those that lead back. */
export type Committed = readonly [Graph, readonly Patch[], readonly Patch[]];

/** A patch in immer's format. What is undefined is not there. */
function patchFrom(path: string[], from: unknown, to: unknown): Patch {
  if (to === undefined) return Object.freeze({ op: "remove", path });
  return Object.freeze({ op: from === undefined ? "add" : "replace", path, value: to });
}

/** Patches in both directions. What they hold is part of a graph, which is frozen as a whole. */
class Changes {
  readonly patches: Patch[] = [];
  readonly inverse: Patch[] = [];

  add(path: string[], before: unknown, after: unknown): void {
    Object.freeze(path);
    this.patches.push(patchFrom(path, before, after));
    this.inverse.push(patchFrom(path, after, before));
  }
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}

/** The nodes after editing, frozen; the same table where none changed. */
function commitNodes(graph: Graph, edited: EditedGraph, changes: Changes): Graph["nodes"] {
  const nodes: Record<NodeId, Node> = {};
  for (const id of graph.order) {
    if (edited.nodeAt(id) === undefined) {
      changes.add(["nodes", String(id)], graph.nodes[id], undefined);
    }
  }
  for (const id of edited.order) {
    const node = edited.nodeAt(id);
    if (node === undefined) continue;
    nodes[id] = node;
    const before = graph.nodes[id];
    if (before !== node) changes.add(["nodes", String(id)], before, freezeNode(node));
  }
  return changes.patches.length === 0 ? graph.nodes : Object.freeze(nodes);
}

/**
 * The graph with all edits of one pass, frozen, the patches that lead to it, and those that lead back. What did not
 * change is shared with `graph` and stands in no patch. The editor knows the rows that changed, so that no draft need
 * find them; the patches are immer's, which applies them.
 */
export function commit(graph: Graph, edited: EditedGraph): Committed {
  const changes = new Changes();
  const nodes = commitNodes(graph, edited, changes);
  const part = <T>(name: string, before: T, after: T, isSame: boolean): T => {
    if (isSame) return before;
    changes.add([name], before, after);
    return after;
  };
  const list = <T>(name: string, before: readonly T[], after: readonly T[]) =>
    part(name, before, after, sameItems(before, after));
  const { constants, nextId } = edited;
  const sameConstants = sameItems(Object.keys(graph.constants), Object.keys(constants));
  const next: Graph = {
    name: graph.name,
    constants: part("constants", graph.constants, constants, sameConstants),
    nodes,
    order: list("order", graph.order, edited.order),
    inputs: list("inputs", graph.inputs, edited.inputs),
    outputs: list("outputs", graph.outputs, edited.outputs),
    nextId: part("nextId", graph.nextId, nextId, graph.nextId === nextId),
  };
  const patches = Object.freeze(changes.patches);
  const inverse = Object.freeze(changes.inverse);
  return [patches.length === 0 ? graph : closeGraph(next), patches, inverse];
}

/** The graph after these patches, frozen. */
export function patched(graph: Graph, patches: readonly Patch[]): Graph {
  return patches.length === 0 ? graph : closeGraph({ ...immer.applyPatches(graph, patches) });
}

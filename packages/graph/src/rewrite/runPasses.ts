import { freezeData } from "../freezeGraph.js";
import type { Graph } from "../graph.js";
import type { Registry } from "../op.js";
import { commit, patched } from "./commit.js";
import { GraphEditor, type Replaced } from "./graphEditor.js";
import type { Patch } from "./patch.js";

export interface PassContext {
  readonly registry: Registry;
}

/** How often each rule of a pass changed something. */
export type Fired = { readonly [rule: string]: number };

/**
 * A change of graphs. It reads the frozen graph and collects edits in `editor`; they are committed at once when it
 * returns, and not at all when it throws.
 */
export interface Pass {
  readonly name: string;
  run(editor: GraphEditor, context: PassContext): Fired;
}

/** What one pass did. Plain data. */
export interface PassRecord {
  readonly pass: string;
  readonly patches: readonly Patch[];
  /** Patches that lead back. */
  readonly inverse: readonly Patch[];
  readonly fired: Fired;
  /** Which value stands for which since, and by which rule; a value may be replaced several times over. */
  readonly replaced: readonly Replaced[];
  readonly nodesBefore: number;
  readonly nodesAfter: number;
}

export interface PassResult {
  readonly graph: Graph;
  readonly history: readonly PassRecord[];
}

/**
 * Runs passes one after the other. Rows keep their ids; new rows get new ones.
 *
 * @throws GraphError where a pass finds no fixpoint or breaks a type
 * @example
 * ```ts
 * const { graph, history } = runPasses(recorded, [lower, commonSubexpressions, deadCode], { registry });
 * ```
 */
export function runPasses(graph: Graph, passes: readonly Pass[], context: PassContext): PassResult {
  let current = graph;
  const history: PassRecord[] = [];
  for (const pass of passes) {
    const editor = new GraphEditor(current, context.registry);
    const fired = pass.run(editor, context);
    const [next, patches, inverse] = commit(current, editor.finish());
    const nodesBefore = current.order.length;
    const nodesAfter = next.order.length;
    const { replaced } = editor;
    history.push({ pass: pass.name, patches, inverse, fired, replaced, nodesBefore, nodesAfter });
    current = next;
  }
  return freezeData({ graph: current, history });
}

/** The graph that passes made of `graph`, by their patches alone. */
export function replay(graph: Graph, history: readonly PassRecord[]): Graph {
  return history.reduce((current, { patches }) => patched(current, patches), graph);
}

/** The graph from which passes made `graph`. */
export function undo(graph: Graph, history: readonly PassRecord[]): Graph {
  return history.reduceRight((current, { inverse }) => patched(current, inverse), graph);
}

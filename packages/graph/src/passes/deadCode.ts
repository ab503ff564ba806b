import type { NodeId } from "../graph.js";
import type { GraphEditor } from "../rewrite/graphEditor.js";
import type { Fired, Pass } from "../rewrite/runPasses.js";

function removeNodes(editor: GraphEditor): number {
  const live = new Set<NodeId>();
  const pending = editor.graph.outputs.map(({ ref }) => ref.node);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const node = live.has(id) ? undefined : editor.node(id);
    if (node === undefined) continue;
    live.add(id);
    for (const ref of node.inputs) pending.push(ref.node);
  }
  // Last ones first: whoever reads a dead node is dead and comes later.
  const dead = editor.ids().filter((id) => !live.has(id));
  for (const id of dead.reverse()) editor.remove(id);
  return dead.length;
}

function dropInputs(editor: GraphEditor): number {
  const unread = editor
    .inputList()
    .filter(
      ({ id, role }) =>
        (role === "saved" || role === "const") && !editor.readerCount({ node: id, out: 0 }),
    );
  for (const { id } of unread) editor.dropInput(id);
  return unread.length;
}

/**
 * Removes nodes that no output depends on, saved and constant inputs that nobody reads, and constants without input.
 * Arguments and heads stay: they are the graph's signature.
 */
export const deadCode: Pass = {
  name: "deadCode",
  run(editor): Fired {
    const removed = {
      node: removeNodes(editor),
      input: dropInputs(editor),
      constant: editor.dropUnusedConstants(),
    };
    return Object.fromEntries(Object.entries(removed).filter(([, count]) => count > 0));
  },
};

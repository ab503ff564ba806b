import { attrsKey } from "../hash/graphKey.js";
import { type Node, type NodeId, type Ref, refKey } from "../graph.js";
import type { Registry } from "../op.js";
import type { GraphEditor } from "../rewrite/graphEditor.js";
import type { Fired, Pass } from "../rewrite/runPasses.js";
import { callsHost } from "./callsHost.js";

/** Equal for nodes that compute the same. Types need not stand in it: they follow from the rest. */
function expressionKey({ op, inputs, attrs }: Node, registry: Registry): string {
  const refs = registry.get(op).commutative ? [...inputs].sort(byPlace) : inputs;
  let text = "";
  for (const ref of refs) text += `${refKey(ref)},`;
  return `${op}(${text})${attrsKey(attrs)}`;
}

function byPlace(a: Ref, b: Ref): number {
  return a.node - b.node || a.out - b.out;
}

function isOwn(id: NodeId, editor: GraphEditor): boolean {
  const view = editor.view(id);
  if (view === undefined) return false;
  const ins = view.ins.map(({ type }) => type);
  return callsHost({ op: view.op, ins, attrs: view.attrs, outs: view.node.types }, editor.registry);
}

/**
 * Merges nodes of the same operator, arguments and attributes; arguments of commutative operators count in any order.
 * Random operators are functions of their state, so equal ones are merged; calls of host functions are not.
 */
export const commonSubexpressions: Pass = {
  name: "commonSubexpressions",
  run(editor): Fired {
    const known = new Map<string, NodeId>();
    let merge = 0;
    for (const id of editor.ids()) {
      const node = editor.node(id);
      if (node === undefined) continue;
      const key = expressionKey(node, editor.registry);
      const first = known.get(key);
      if (first === undefined) {
        known.set(key, id);
      } else if (!isOwn(id, editor)) {
        const same = node.types.map((_, out) => ({ node: first, out }));
        editor.because("merge", () => editor.replaceAll(id, same));
        editor.remove(id);
        merge++;
      }
    }
    return merge === 0 ? {} : { merge };
  },
};

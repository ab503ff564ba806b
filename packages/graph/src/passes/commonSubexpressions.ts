import { attrsKey } from "../hash/graphKey.js";
import { refKey } from "../graph.js";
import type { GraphEditor } from "../rewrite/graphEditor.js";
import type { NodeView } from "../rewrite/rewriteTools.js";
import type { Fired, Pass } from "../rewrite/runPasses.js";
import { formatType } from "../type.js";
import { callsHost } from "./callsHost.js";

/** Equal for nodes that compute the same. */
function expressionKey({ node, op, attrs }: NodeView): string {
  const inputs = node.inputs.map(refKey);
  if (op.commutative) inputs.sort();
  const types = node.types.map(formatType).join();
  return `${node.op}(${inputs.join()})${attrsKey(attrs)}:${types}`;
}

function isOwn({ op, ins, attrs, node }: NodeView, editor: GraphEditor): boolean {
  const types = ins.map(({ type }) => type);
  return callsHost({ op, ins: types, attrs, outs: node.types }, editor.registry);
}

/**
 * Merges nodes of the same operator, arguments, attributes and types; arguments of commutative operators count in any
 * order. Random operators are functions of their state, so equal ones are merged; calls of host functions are not.
 */
export const commonSubexpressions: Pass = {
  name: "commonSubexpressions",
  run(editor): Fired {
    const known = new Map<string, NodeView>();
    let merge = 0;
    for (const id of editor.ids()) {
      const view = editor.view(id);
      if (view === undefined || isOwn(view, editor)) continue;
      const key = expressionKey(view);
      const first = known.get(key);
      if (first === undefined) {
        known.set(key, view);
        continue;
      }
      editor.replaceAll(id, first.outs);
      editor.remove(id);
      merge++;
    }
    return merge === 0 ? {} : { merge };
  },
};

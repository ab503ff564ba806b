import { Builder, type Graph, nodesOf, refKey, type Value } from "@adjoint/graph";
import { registry } from "@adjoint/ops";

/** The graph with every composite operator expanded, as the runtime wants it. */
export function lowered(graph: Graph): Graph {
  let current = graph;
  for (let round = 0; round < 20; round++) {
    if (nodesOf(current).every((n) => registry.get(n.op).compose === undefined)) return current;
    const b = new Builder(current.name);
    const values = new Map<string, Value>();
    for (const i of current.inputs)
      values.set(refKey({ node: i.id, out: 0 }), b.input(i.name, i.type, i.role, { of: i.of }));
    for (const n of nodesOf(current)) {
      const ins = n.inputs.map((r) => values.get(refKey(r)) as Value);
      const op = registry.get(n.op);
      const outs = op.compose === undefined ? b.emit(op, ins, n.attrs) : op.compose(ins, n.attrs);
      outs.forEach((v, out) => values.set(refKey({ node: n.id, out }), v));
    }
    for (const o of current.outputs) b.output(o.name, values.get(refKey(o.ref)) as Value);
    current = b.finish();
  }
  throw new Error("lowering does not end");
}

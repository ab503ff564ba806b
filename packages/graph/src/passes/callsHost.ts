import { graphsIn } from "../attrs.js";
import { type Attrs, type Graph, nodesOf } from "../graph.js";
import type { KernelKind } from "../kernel.js";
import type { OpDef, Registry } from "../op.js";
import { type TensorType, tensorType } from "../type.js";

/** An operator as applied: with the types of its arguments and results. */
export interface Applied {
  readonly op: OpDef;
  readonly ins: readonly TensorType[];
  readonly attrs: Attrs;
  readonly outs: readonly TensorType[];
}

/** Kind of the operator's kernel; undefined for a composite. */
export function kernelKindOf({ op, ins, attrs, outs }: Applied): KernelKind | undefined {
  return op.kernel?.(ins, attrs, outs).kind;
}

/**
 * True where running the operator calls a function of the host, at any depth of sub-graphs. Such a function counts as
 * pure, but each call is its own: two equal ones are not made one.
 */
export function callsHost(applied: Applied, registry: Registry): boolean {
  const { op, ins, attrs, outs } = applied;
  const kernel = op.kernel?.(ins, attrs, outs);
  if (kernel?.kind === "call" && kernel.form === "host") return true;
  return graphsIn(attrs).some((graph) => graphCallsHost(graph, registry));
}

function graphCallsHost(graph: Graph, registry: Registry): boolean {
  const types = new Map(graph.inputs.map(({ id, type }) => [id, [type]]));
  const nodes = nodesOf(graph);
  for (const { id, types: outs } of nodes) types.set(id, [...outs]);
  const typeAt = (id: number, out: number) => types.get(id)?.[out] ?? tensorType("float32", []);
  return nodes.some(({ op, inputs, attrs, types: outs }) => {
    const ins = inputs.map(({ node, out }) => typeAt(node, out));
    return callsHost({ op: registry.get(op), ins, attrs, outs }, registry);
  });
}

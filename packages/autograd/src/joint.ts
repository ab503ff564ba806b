import { Builder, type Graph, type Registry, refKey } from "@adjoint/graph";
import { registry as allOperators } from "@adjoint/ops";
import type { GradientGraphs } from "./gradient.js";
import { addConstants, addInputs, inlineNodes, lookUp, type ValueTable } from "./inline.js";
import { unused } from "./naming.js";

/**
 * A program and its gradient in one graph: arguments and head gradients in, results and gradients out, without saved
 * values between them. Differentiating it again gives second derivatives. A name that is taken gets a prime.
 *
 * @example
 * ```ts
 * const second = gradient(joint(gradient(graph)), { heads: ["grad.x"], wrt: ["x"] });
 * ```
 */
export function joint(
  { forward, backward }: Pick<GradientGraphs, "forward" | "backward">,
  registry: Registry = allOperators,
): Graph {
  const builder = new Builder(`${forward.name}.joint`);
  const inner = inlineNodes(builder, forward, addInputs(builder, forward), registry);
  const values: ValueTable = new Map();
  let handedOver = 0;
  for (const { name, type, id, role, of } of backward.inputs) {
    if (role === "const") continue;
    const saved = role === "saved" && of !== undefined ? inner.get(refKey(of)) : undefined;
    if (saved !== undefined) handedOver++;
    const value = saved ?? builder.input(unused(name, builder.inputNames), type);
    values.set(refKey({ node: id, out: 0 }), value);
  }
  addConstants(builder, backward, values);
  const gradients = inlineNodes(builder, backward, values, registry);
  const taken = new Set<string>();
  const addOutputs = ({ outputs }: Pick<Graph, "outputs">, table: ValueTable) => {
    for (const { name, ref } of outputs) {
      const free = unused(name, taken);
      taken.add(free);
      builder.output(free, lookUp(table, ref));
    }
  };
  // The saved values are the last outputs of the forward graph.
  addOutputs({ outputs: forward.outputs.slice(0, forward.outputs.length - handedOver) }, inner);
  addOutputs(backward, gradients);
  return builder.finish();
}

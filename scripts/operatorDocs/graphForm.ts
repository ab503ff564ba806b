import { Builder, lower, nodesOf, runPasses, type Value } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import type { Emitted } from "./examples.js";

/** What the calls of an example put into a graph: each operator once, with its kernel or its parts. */
export function graphForm(emitted: readonly Emitted[]): string {
  const forms = new Map<string, string>();
  for (const one of emitted) {
    if (!forms.has(one.op.name)) forms.set(one.op.name, formOf(one));
  }
  return [...forms].map(([name, form]) => `\`${name}\` (${form})`).join(", ");
}

function formOf({ op, ins, attrs }: Emitted): string {
  const types = ins.map(({ type }) => type);
  if (op.kernel !== undefined) {
    return `kernel \`${op.kernel(types, attrs, op.infer(types, attrs)).kind}\``;
  }
  return `composite of ${partsOf({ op, ins, attrs }).join(", ")}`;
}

/** The primitives that a composite is expanded to, in the order in which they first come. */
function partsOf({ op, ins, attrs }: Emitted): readonly string[] {
  const builder = new Builder(op.name);
  const values: readonly Value[] = ins.map(({ type }, at) => builder.input(`x${at}`, type));
  const results = builder.emit(op, values, attrs);
  for (const [at, result] of results.entries()) builder.output(`y${at}`, result);
  const { graph } = runPasses(builder.finish(), [lower], { registry });
  return [...new Set(nodesOf(graph).map((node) => `\`${node.op}\``))];
}

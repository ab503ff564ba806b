import {
  type BodyGradientRequest,
  Builder,
  type Graph,
  nodesOf,
  type Ref,
  type Registry,
  typeOf,
} from "@adjoint/graph";
import { zerosOf } from "@adjoint/ops";
import { addInputs, inlineNodes, lookUp } from "./inline.js";
import { inputsOf, unused } from "./naming.js";
import { Cotangents, reversePass } from "./reversePass.js";
import { tidyGradient } from "./tidyGradient.js";

/**
 * The gradient of a body, as rules of loops and branches need it: one graph that computes the body again and goes back
 * through it, and so takes nothing but the body's parameters and head gradients. See `VjpContext.differentiate`.
 */
export function bodyGradient(
  body: Graph,
  { wrt, heads }: BodyGradientRequest,
  registry: Registry,
): Graph {
  const builder = new Builder(`${body.name}.backward`);
  const values = inlineNodes(builder, body, addInputs(builder, body), registry);
  const find = (ref: Ref) => lookUp(values, ref);
  const cotangents = new Cotangents();
  for (const position of heads) {
    const { name, ref } = at(body.outputs, position);
    const head = unused(`head.${name}`, builder.inputNames);
    cotangents.add(ref, builder.input(head, typeOf(body, ref)));
  }
  const parameters = inputsOf(body);
  const sources = wrt.map((position) => at(parameters, position));
  reversePass(
    nodesOf(body),
    sources.map(({ ref }) => ref),
    cotangents,
    {
      registry,
      builder,
      valueOf: find,
      differentiate: (inner, request) => bodyGradient(inner, request, registry),
    },
  );
  for (const { name, ref } of sources) {
    builder.output(`grad.${name}`, cotangents.total(ref) ?? zerosOf(find(ref)));
  }
  return tidyGradient(builder.finish(), registry);
}

function at<T>(list: readonly T[], position: number): T {
  const element = list[position];
  if (element === undefined) throw new Error(`gradient of a body: nothing at ${position}`);
  return element;
}

import {
  Builder,
  type Graph,
  type Input,
  nodesOf,
  type Ref,
  type Registry,
  refKey,
  typeOf,
  type Value,
} from "@adjoint/graph";
import { registry as allOperators, first, fullOp } from "@adjoint/ops";
import { bodyGradient } from "./bodyGradient.js";
import { gradient } from "./gradient.js";
import { addConstants, inlineNodes, lookUp, provenance, type ValueTable } from "./inline.js";
import { joint } from "./joint.js";
import {
  floatInputs,
  floatOutputs,
  inputsOf,
  type Named,
  namesOf,
  resolveNames,
  unused,
} from "./naming.js";
import { Cotangents, reversePass } from "./reversePass.js";
import { tidyGradient } from "./tidyGradient.js";

export interface JvpOptions {
  /** What moves: names of inputs, or any values of the graph. Default: all inputs of a floating dtype. */
  readonly wrt?: readonly (string | Ref)[];
  /** What to differentiate: names of outputs, or any values. Default: all outputs of a floating dtype. */
  readonly of?: readonly (string | Ref)[];
  /** Default: all operators of this library. */
  readonly registry?: Registry;
}

/**
 * The Jacobian-vector product as one graph: arguments and a tangent `tangent.…` for each of `wrt` in, results and a
 * tangent `tangent.…` for each of `of` out. Forward mode: one run costs a small multiple of the program, whatever the
 * number of arguments.
 *
 * There is no second table of rules. The gradient `Jᵀ u` is linear in the head gradient u, so its own gradient by u,
 * with head gradient v, is `J v`, and does not depend on u any more (J. Townsend, "A new trick for calculating
 * Jacobian vector products", 2017). Where a rule is a choice, as at ties of `max`, both modes so make the same one. A
 * layer that ignores its head gradient, such as SoftmaxOutput, has tangent 0.
 *
 * @throws ArgumentError for a name that the graph does not have
 * @example
 * ```ts
 * const pushforward = jvp(graph); // (x, tangent.x) -> (y, tangent.y)
 * ```
 */
export function jvp(graph: Graph, options: JvpOptions = {}): Graph {
  const { registry = allOperators } = options;
  const { wrt = namesOf(floatInputs(graph)), of = namesOf(floatOutputs(graph)) } = options;
  const sources = resolveNames("jvp", "wrt", wrt, graph, inputsOf(graph));
  const results = resolveNames("jvp", "of", of, graph, graph.outputs);
  const both = gradient(graph, {
    wrt: sources.map(({ ref }) => ref),
    heads: results.map(({ ref }) => ref),
    registry,
  });
  return tidyGradient(
    transposed(graph, joint(both, registry), sources, results, registry),
    registry,
  );
}

/** From arguments and heads to results and gradients, to: from arguments and tangents to results and tangents. */
function transposed(
  graph: Graph,
  pullback: Graph,
  sources: readonly Named[],
  results: readonly Named[],
  registry: Registry,
): Graph {
  const builder = new Builder(`${graph.name}.jvp`);
  const inputs = pullback.inputs.filter(({ role }) => role !== "const");
  const heads = inputs.slice(inputsOf(graph).length);
  const values = bindInputs(builder, inputs, heads);
  const cotangents = new Cotangents();
  sources.forEach(({ name, ref }, position) => {
    const free = unused(`tangent.${name}`, builder.inputNames);
    const tangent = builder.input(free, typeOf(graph, ref));
    cotangents.add(outputAt(pullback, graph.outputs.length + position), tangent);
  });
  addConstants(builder, pullback, values);
  inlineNodes(builder, pullback, values, registry);
  reversePass(nodesOf(pullback), heads.map(refOfInput), cotangents, {
    registry,
    builder,
    valueOf: (ref) => lookUp(values, ref),
    differentiate: (body, request) => bodyGradient(body, request, registry),
    placeOf: provenance,
  });
  graph.outputs.forEach(({ name }, position) => {
    builder.output(name, lookUp(values, outputAt(pullback, position)));
  });
  addTangents(builder, results, heads, cotangents);
  return builder.finish();
}

/** Arguments become inputs. Head gradients are 0: the result is the same for all. */
function bindInputs(
  builder: Builder,
  inputs: readonly Input[],
  heads: readonly Input[],
): ValueTable {
  const values: ValueTable = new Map();
  for (const input of inputs) {
    const { name, type, site } = input;
    const value = heads.includes(input)
      ? zeros(builder, input)
      : builder.input(name, type, "arg", { site });
    values.set(refKey(refOfInput(input)), value);
  }
  return values;
}

/** One tangent per element of `of`; the heads stand for its different elements in order. */
function addTangents(
  builder: Builder,
  of: readonly Named[],
  heads: readonly Input[],
  cotangents: Cotangents,
): void {
  const different = [...new Set(of.map(({ ref }) => refKey(ref)))];
  const taken = new Set<string>();
  for (const { name, ref } of of) {
    const head = heads[different.indexOf(refKey(ref))];
    if (head === undefined) throw new Error(`jvp: no head for ${name}`);
    const free = unused(`tangent.${name}`, taken);
    taken.add(free);
    builder.output(free, cotangents.total(refOfInput(head)) ?? zeros(builder, head));
  }
}

function refOfInput({ id }: Input): Ref {
  return { node: id, out: 0 };
}

function outputAt({ name, outputs }: Graph, position: number): Ref {
  const output = outputs[position];
  if (output === undefined) throw new Error(`${name}: no output ${position}`);
  return output.ref;
}

function zeros(builder: Builder, { type: { shape, dtype } }: Input): Value {
  return first("full", builder.emit(fullOp, [], { shape, dtype, value: 0 }));
}

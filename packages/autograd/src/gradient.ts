import {
  ArgumentError,
  Builder,
  type Graph,
  type Input,
  nearestName,
  type Output,
  type Ref,
  type Registry,
  refKey,
  type Value,
} from "@adjoint/graph";
import { nodesOf, typeOf } from "@adjoint/graph";
import { registry as allOperators, zerosOf } from "@adjoint/ops";
import { Cotangents, reversePass } from "./reversePass.js";
import { SavedValues } from "./savedValues.js";
import { tidyGradient } from "./tidyGradient.js";

export interface GradientOptions {
  /** What to differentiate by: names of inputs, or any values of the graph. Default: all inputs but constants. */
  readonly wrt?: readonly (string | Ref)[];
  /** What to differentiate: names of outputs, or any values. Default: all outputs. */
  readonly heads?: readonly (string | Ref)[];
  /** Default: all operators of this library. */
  readonly registry?: Registry;
}

/** A program and its gradient as two closed graphs. */
export interface GradientGraphs {
  /** The program, with the saved values as further outputs `saved.…`. */
  readonly forward: Graph;
  /**
   * Inputs: one head gradient `head.…` per head, then the saved values, in the order in which `forward` gives them.
   * Outputs: one gradient `grad.…` per element of `wrt`, zero where nothing depends on it.
   */
  readonly backward: Graph;
}

interface Named {
  readonly name: string;
  readonly ref: Ref;
}

/**
 * Derives the gradient of a graph by reverse mode, as a graph of its own.
 *
 * The backward graph consists of ordinary operators, so that it can be printed, executed, and differentiated again.
 *
 * @throws ArgumentError for a name that the graph does not have
 * @example
 * ```ts
 * const { forward, backward } = gradient(graph, { wrt: ["x"] });
 * console.log(toText(backward));
 * ```
 */
export function gradient(graph: Graph, options: GradientOptions = {}): GradientGraphs {
  const registry = options.registry ?? allOperators;
  const wrt =
    options.wrt?.map((one) => resolve("wrt", one, graph, inputsOf(graph))) ?? inputsOf(graph);
  const heads =
    options.heads?.map((one) => resolve("heads", one, graph, graph.outputs)) ?? graph.outputs;
  const builder = new Builder(`${graph.name}.backward`);
  const cotangents = new Cotangents();
  addHeads(graph, heads, builder, cotangents);
  const saved = new SavedValues(graph, builder, registry);
  reversePass(
    nodesOf(graph),
    wrt.map(({ ref }) => ref),
    cotangents,
    { registry, builder, valueOf: (ref) => saved.valueOf(ref) },
  );
  addGradients(wrt, builder, cotangents, (ref) => saved.valueOf(ref));
  const backward = tidyGradient(builder.finish(), registry);
  return { forward: withSaved(graph, backward), backward };
}

function inputsOf(graph: Graph): Named[] {
  return graph.inputs
    .filter((input) => input.role !== "const")
    .map(({ name, id }) => ({ name, ref: { node: id, out: 0 } }));
}

function resolve(
  option: string,
  one: string | Ref,
  graph: Graph,
  named: readonly (Named | Output)[],
): Named {
  if (typeof one !== "string") {
    const input = graph.inputs.find(({ id }) => id === one.node);
    return { name: input?.name ?? (one.out === 0 ? String(one.node) : refKey(one)), ref: one };
  }
  const found = named.find(({ name }) => name === one);
  if (found !== undefined) return found;
  const names = named.map(({ name }) => name);
  throw new ArgumentError({
    op: "gradient",
    problem: `${option} names nothing in graph ${graph.name}`,
    received: one,
    allowed: nearestName(one, names) ?? names.join(", "),
  });
}

/** One head input per different head; a head listed twice counts once. */
function addHeads(
  graph: Graph,
  heads: readonly Named[],
  builder: Builder,
  cotangents: Cotangents,
): void {
  const seen = new Set<string>();
  for (const { name, ref } of heads) {
    const key = refKey(ref);
    if (seen.has(key)) continue;
    seen.add(key);
    const input = builder.input(`head.${name}`, typeOf(graph, ref), "head", { of: ref });
    cotangents.add(ref, input);
  }
}

function addGradients(
  wrt: readonly Named[],
  builder: Builder,
  cotangents: Cotangents,
  valueOf: (ref: Ref) => Value,
): void {
  for (const { name, ref } of wrt) {
    const total = cotangents.total(ref);
    builder.within({ origin: ref.node }, () => {
      builder.output(`grad.${name}`, total ?? zerosOf(valueOf(ref)));
    });
  }
}

/** The forward graph with one more output per saved value that the backward graph still uses. */
function withSaved(graph: Graph, backward: Graph): Graph {
  const saved = backward.inputs.flatMap(({ role, of, name }: Input) =>
    role === "saved" && of !== undefined ? [{ name, ref: of }] : [],
  );
  return Object.freeze({ ...graph, outputs: Object.freeze([...graph.outputs, ...saved]) });
}

import {
  ArgumentError,
  Builder,
  closeGraph,
  type Graph,
  type Input,
  nodesOf,
  type PassRecord,
  type Ref,
  type Registry,
  refKey,
  typeOf,
  type Value,
} from "@adjoint/graph";
import { registry as allOperators, zerosOf } from "@adjoint/ops";
import { bodyGradient } from "./bodyGradient.js";
import { type PlannedMemory, withinBudget } from "./memoryBudget.js";
import { inputsOf, type Named, resolveNames, unused } from "./naming.js";
import { Cotangents, reversePass } from "./reversePass.js";
import { SavedValues } from "./savedValues.js";
import { tidied } from "./tidyGradient.js";

export interface GradientOptions {
  /** What to differentiate by: names of inputs, or any values of the graph. Default: all inputs but constants. */
  readonly wrt?: readonly (string | Ref)[];
  /** What to differentiate: names of outputs, or any values. Default: all outputs. */
  readonly heads?: readonly (string | Ref)[];
  /**
   * Bytes that intermediate values of the program and of its gradient may take together at one time, inputs and
   * results aside. Where they would take more, values are given up and computed again, as few as possible; where no
   * choice that is tried fits, the one that takes the least is made. Default: nothing is computed twice.
   */
  readonly memoryBudget?: number;
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
  /** What each pass did to the backward graph, first to last; `undo(backward, history)` is the graph before them. */
  readonly history: readonly PassRecord[];
  /** What the two graphs take, run one after the other in their own order. */
  readonly memory: PlannedMemory;
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
  const { memoryBudget: budget = Number.POSITIVE_INFINITY } = options;
  checkBudget(budget);
  const request = {
    graph,
    registry,
    wrt: resolveNames("gradient", "wrt", options.wrt, graph, inputsOf(graph)),
    heads: resolveNames("gradient", "heads", options.heads, graph, graph.outputs),
  };
  return withinBudget(budget, graph, registry, (kept) => derive(request, kept));
}

function checkBudget(budget: number): void {
  if (budget >= 0) return;
  throw new ArgumentError({
    op: "gradient",
    problem: "memory budget is no number of bytes",
    received: String(budget),
    allowed: "0 or more",
  });
}

interface GradientRequest {
  readonly graph: Graph;
  readonly registry: Registry;
  readonly wrt: readonly Named[];
  readonly heads: readonly Named[];
}

function derive(
  { graph, registry, wrt, heads }: GradientRequest,
  kept: ReadonlySet<string> | undefined,
): Omit<GradientGraphs, "memory"> {
  const builder = new Builder(`${graph.name}.backward`);
  const cotangents = new Cotangents();
  addHeads(graph, heads, builder, cotangents);
  const saved = new SavedValues(graph, builder, registry, kept);
  reversePass(
    nodesOf(graph),
    wrt.map(({ ref }) => ref),
    cotangents,
    {
      registry,
      builder,
      valueOf: (ref) => saved.valueOf(ref),
      differentiate: (body, request) => bodyGradient(body, request, registry),
    },
  );
  addGradients(wrt, builder, cotangents, (ref) => saved.valueOf(ref));
  const { graph: backward, history } = tidied(builder.finish(), registry);
  return { forward: withSaved(graph, backward), backward, history };
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
    const free = unused(`head.${name}`, builder.inputNames);
    const input = builder.input(free, typeOf(graph, ref), "head", { of: ref });
    cotangents.add(ref, input);
  }
}

function addGradients(
  wrt: readonly Named[],
  builder: Builder,
  cotangents: Cotangents,
  valueAt: (ref: Ref) => Value,
): void {
  const taken = new Set<string>();
  for (const { name, ref } of wrt) {
    const free = unused(`grad.${name}`, taken);
    taken.add(free);
    builder.within({ origin: ref.node }, () => {
      builder.output(free, cotangents.total(ref) ?? zerosOf(valueAt(ref)));
    });
  }
}

/** The forward graph with one more output per saved value that the backward graph still uses. */
function withSaved(graph: Graph, backward: Graph): Graph {
  const taken = new Set(graph.outputs.map(({ name }) => name));
  const saved = backward.inputs.flatMap(({ role, of, name }: Input) =>
    role === "saved" && of !== undefined ? [{ name: unused(name, taken), ref: of }] : [],
  );
  return closeGraph({ ...graph, outputs: [...graph.outputs, ...saved] });
}

import { ArgumentError, GradientError, type Graph, isFloat, sizeOf, typeOf } from "@adjoint/graph";
import { gradient } from "./gradient.js";
import { joint } from "./joint.js";
import { floatInputs, floatOutputs } from "./naming.js";

/** Runs a graph on row-major numbers, one list per input, and gives one list per output. */
export type GraphRunner = (graph: Graph, inputs: readonly (readonly number[])[]) => number[][];

export interface CheckOptions {
  /** Up to which derivative; 1 unless given. */
  readonly order?: number;
  /** Names of the inputs to differentiate by; all of a floating dtype unless given. */
  readonly wrt?: readonly string[];
  /** How many random directions are tried per order; 4 unless given. */
  readonly directions?: number;
  /** Step of the difference quotients; 1e-3 unless given. */
  readonly step?: number;
  /** Allowed difference, relative to 1 + the size of the numbers compared; 1e-6 unless given. */
  readonly tolerance?: number;
}

/** One comparison of a derivative with a difference quotient. */
export interface GradientComparison {
  readonly order: number;
  readonly symbolic: number;
  readonly numeric: number;
}

/** Numbers from -1 to 1 that are the same in each run (a linear congruential generator, Numerical Recipes). */
class Directions {
  private state = 1;

  next(count: number): number[] {
    return Array.from({ length: count }, () => {
      this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
      return (this.state / 2 ** 31 - 1) * 0.75 + (this.state & 1 ? 0.25 : -0.25);
    });
  }
}

const dot = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  a.reduce(
    (sum, list, i) => list.reduce((part, value, j) => part + value * (b[i]?.[j] ?? 0), sum),
    0,
  );

/**
 * Compares the gradient of a graph with difference quotients along random directions, in float64; for higher orders,
 * the gradient of the gradient likewise.
 *
 * The quotient is the central one, extrapolated once (Richardson), so its error is of the fourth order in the step.
 *
 * @param run executes graphs, for example by an interpreter
 * @param inputs row-major numbers, one list per input of the graph
 * @returns every comparison made
 * @throws GradientError for the first that differs; ArgumentError for a graph that is not in float64
 * @example
 * ```ts
 * checkGraphGradients(graph, run, [[0.3, -1.2]], { order: 2 });
 * ```
 */
export function checkGraphGradients(
  graph: Graph,
  run: GraphRunner,
  inputs: readonly (readonly number[])[],
  options: CheckOptions = {},
): GradientComparison[] {
  const { order = 1, directions = 4 } = options;
  const random = new Directions();
  const comparisons: GradientComparison[] = [];
  let wrt = options.wrt ?? floatNames(graph);
  let values = inputs;
  let current = graph;
  for (let level = 1; level <= order; level++) {
    const derived = withGradients(current, wrt);
    const headInputs = derived.inputs.slice(values.length);
    const heads = headInputs.map(({ type }) => random.next(sizeOf(type.shape)));
    const step = { order: level, graph: current, derived, values, heads, wrt };
    for (let time = 0; time < directions; time++) {
      comparisons.push(compare(step, run, random, options));
    }
    wrt = [...wrt, ...headInputs.map(({ name }) => name)];
    values = [...values, ...heads];
    current = derived;
  }
  return comparisons;
}

/** Names of the floating inputs. Throws an ArgumentError where one is not float64. */
function floatNames(graph: Graph): string[] {
  const wrong = graph.inputs.find(({ type }) => isFloat(type.dtype) && type.dtype !== "float64");
  if (wrong === undefined) return floatInputs(graph).map(({ name }) => name);
  throw new ArgumentError({
    op: "checkGradients",
    problem: "difference quotients need double precision",
    received: `input ${wrong.name} of ${wrong.type.dtype}`,
    allowed: "float64",
  });
}

/** Arguments and heads in; gradients out. */
function withGradients(graph: Graph, wrt: readonly string[]): Graph {
  const heads = floatOutputs(graph).map(({ ref }) => ref);
  const all = joint(gradient(graph, { wrt, heads }));
  return { ...all, outputs: all.outputs.slice(graph.outputs.length) };
}

/** One derivative to be checked: where, and for which heads. */
interface Step {
  readonly order: number;
  readonly graph: Graph;
  /** The gradients of `graph`, from its inputs and the heads. */
  readonly derived: Graph;
  readonly values: readonly (readonly number[])[];
  readonly heads: readonly (readonly number[])[];
  readonly wrt: readonly string[];
}

function compare(
  step: Step,
  run: GraphRunner,
  random: Directions,
  { step: distance = 1e-3, tolerance = 1e-6 }: CheckOptions,
): GradientComparison {
  const { graph, derived, values, heads, wrt, order } = step;
  const along = graph.inputs.map(({ name, type }) => {
    const size = sizeOf(type.shape);
    return wrt.includes(name) ? random.next(size) : new Array<number>(size).fill(0);
  });
  const moving = wrt.map((name) => along[graph.inputs.findIndex((one) => one.name === name)] ?? []);
  const symbolic = dot(run(derived, [...values, ...heads]), moving);
  const numeric = quotientAlong(step, run, along, distance);
  const size = 1 + Math.max(Math.abs(symbolic), Math.abs(numeric));
  if (Math.abs(symbolic - numeric) <= tolerance * size) return { order, symbolic, numeric };
  throw new GradientError({
    op: "checkGradients",
    problem: `derivative of order ${order} differs from its difference quotient`,
    received: `${symbolic} for ${numeric}`,
    allowed: `a difference of ${tolerance * size}`,
  });
}

/** How the outputs, weighted by the heads, change along a direction. */
function quotientAlong(
  { graph, values, heads }: Step,
  run: GraphRunner,
  along: readonly (readonly number[])[],
  step: number,
): number {
  const isDifferentiated = graph.outputs.map(({ ref }) => isFloat(typeOf(graph, ref).dtype));
  const at = (distance: number): number => {
    const moved = values.map((list, i) =>
      list.map((value, j) => value + distance * (along[i]?.[j] ?? 0)),
    );
    const results = run(graph, moved).filter((_, i) => isDifferentiated[i]);
    return dot(results, heads);
  };
  const quotient = (h: number) => (at(h) - at(-h)) / (2 * h);
  return (4 * quotient(step / 2) - quotient(step)) / 3;
}

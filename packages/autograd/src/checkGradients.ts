import { ArgumentError, GradientError, type Graph, isFloat, sizeOf, typeOf } from "@adjoint/graph";
import { gradient } from "./gradient.js";
import { joint } from "./joint.js";

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
  let current = graph;
  let values = [...inputs];
  let wrt = options.wrt ?? floatInputs(graph);
  for (let level = 1; level <= order; level++) {
    const derived = withGradients(current, wrt);
    const heads = derived.inputs
      .slice(values.length)
      .map(({ type }) => random.next(sizeOf(type.shape)));
    for (let time = 0; time < directions; time++) {
      comparisons.push(compare(current, derived, run, values, heads, wrt, random, level, options));
    }
    wrt = [...wrt, ...derived.inputs.slice(values.length).map(({ name }) => name)];
    values = [...values, ...heads];
    current = derived;
  }
  return comparisons;
}

function floatInputs(graph: Graph): string[] {
  const wrong = graph.inputs.find(({ type }) => isFloat(type.dtype) && type.dtype !== "float64");
  if (wrong !== undefined) {
    throw new ArgumentError({
      op: "checkGradients",
      problem: "difference quotients need double precision",
      received: `input ${wrong.name} of ${wrong.type.dtype}`,
      allowed: "float64",
    });
  }
  return graph.inputs.filter(({ type }) => isFloat(type.dtype)).map(({ name }) => name);
}

/** Arguments and heads in; gradients out. */
function withGradients(graph: Graph, wrt: readonly string[]): Graph {
  const heads = graph.outputs.filter(({ ref }) => isFloat(typeOf(graph, ref).dtype));
  const all = joint(gradient(graph, { wrt, heads: heads.map(({ ref }) => ref) }));
  return { ...all, outputs: all.outputs.slice(graph.outputs.length) };
}

function compare(
  graph: Graph,
  derived: Graph,
  run: GraphRunner,
  values: readonly (readonly number[])[],
  heads: readonly (readonly number[])[],
  wrt: readonly string[],
  random: Directions,
  order: number,
  { step = 1e-3, tolerance = 1e-6 }: CheckOptions,
): GradientComparison {
  const along = graph.inputs.map(({ name, type }) => {
    const size = sizeOf(type.shape);
    return wrt.includes(name) ? random.next(size) : new Array<number>(size).fill(0);
  });
  const gradients = run(derived, [...values, ...heads]);
  const symbolic = dot(
    gradients,
    graph.inputs.flatMap(({ name }, i) => (wrt.includes(name) ? [along[i] ?? []] : [])),
  );
  const floatOutputs = graph.outputs.map(({ ref }) => isFloat(typeOf(graph, ref).dtype));
  const at = (distance: number): number => {
    const moved = values.map((list, i) =>
      list.map((value, j) => value + distance * (along[i]?.[j] ?? 0)),
    );
    return dot(
      run(graph, moved).filter((_, i) => floatOutputs[i]),
      heads,
    );
  };
  const quotient = (h: number) => (at(h) - at(-h)) / (2 * h);
  const numeric = (4 * quotient(step / 2) - quotient(step)) / 3;
  const size = 1 + Math.max(Math.abs(symbolic), Math.abs(numeric));
  if (Math.abs(symbolic - numeric) <= tolerance * size) return { order, symbolic, numeric };
  throw new GradientError({
    op: "checkGradients",
    problem: `derivative of order ${order} differs from its difference quotient`,
    received: `${symbolic} for ${numeric}`,
    allowed: `a difference of ${tolerance * size}`,
  });
}

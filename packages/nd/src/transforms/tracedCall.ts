import { ArgumentError, deadCode, type Graph, runPasses, type TensorType } from "@adjoint/graph";
import { describe, first, fullOp, nth, registry } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { type Arrays, flattenArrays, regroup } from "../control/arrays.js";
import { keepRandomState, TracedBody } from "../control/tracedBody.js";
import { applyGraph } from "../differentiation/applyGraph.js";
import { session } from "../session.js";

/** A function of arrays, or of lists of them. */
export type ArrayFunction = (...args: Arrays[]) => Arrays;

/** An argument as it was given, and the names of the inputs that stand for its arrays. */
export interface TracedArgument {
  readonly given: Arrays;
  readonly arrays: readonly NDArray[];
  readonly names: readonly string[];
}

/** A call of a function as a graph, and the arrays that the graph was made for. */
export interface TracedCall {
  readonly op: string;
  /** Its outputs are the function's results, in order. */
  readonly graph: Graph;
  readonly args: readonly TracedArgument[];
  /** What stands for each input: arguments, arrays from outside, the random state. */
  readonly inputs: ReadonlyMap<string, NDArray>;
  /** The results in their lists. */
  readonly like: Arrays;
}

/**
 * Calls the function once, with arrays whose values are not known. `typeAt` gives the type under which it sees an
 * array of an argument: the array's own, unless given.
 */
export function traceCall(
  op: string,
  fn: ArrayFunction,
  given: readonly Arrays[],
  typeAt: (array: NDArray, argument: number) => TensorType = ({ type }) => type,
): TracedCall {
  const lists = given.map((one, at) => flattenArrays(op, `argument ${at + 1}`, one));
  const flat = lists.flatMap((arrays, argument) => arrays.map((array) => ({ array, argument })));
  const parameters = flat.map(({ array, argument }, at) => ({
    name: `x${at}`,
    type: typeAt(array, argument),
  }));
  const body = new TracedBody(op, fn.name === "" ? op : fn.name, parameters, 0, (inside) => {
    const like = fn(...cutLike(lists, inside).map((one, at) => regroup(nth(op, given, at), one)));
    return { like, outputs: flattenArrays(op, "result", like) };
  });
  return callOf(op, given, lists, body);
}

type TracedBodyOf = TracedBody<{ readonly like: Arrays; readonly outputs: readonly NDArray[] }>;

/** Finds the inputs of the graph that stand for the arguments, and moves the random state on. */
function callOf(
  op: string,
  given: readonly Arrays[],
  lists: readonly (readonly NDArray[])[],
  body: TracedBodyOf,
): TracedCall {
  const { draws, result } = body;
  const { graph, captured } = body.finish(result.outputs);
  const all = [...(draws ? [session.randomState] : []), ...lists.flat(), ...captured];
  const names = graph.inputs.flatMap(({ role, name }) => (role === "const" ? [] : [name]));
  const call = {
    op,
    graph: draws ? withOutputs(graph, 1) : graph,
    args: cutLike(lists, names.slice(draws ? 1 : 0)).map((own, at) => ({
      given: nth(op, given, at),
      arrays: nth(op, lists, at),
      names: own,
    })),
    inputs: new Map(names.map((name, at) => [name, nth(op, all, at)])),
    like: result.like,
  };
  if (draws) moveRandomState(call, graph);
  return call;
}

/** A list in parts as long as the lists of `like`. */
function cutLike<T>(like: readonly (readonly unknown[])[], list: readonly T[]): readonly T[][] {
  let from = 0;
  return like.map(({ length }) => {
    from += length;
    return list.slice(from - length, from);
  });
}

function withOutputs(graph: Graph, from: number, to?: number): Graph {
  return Object.freeze({ ...graph, outputs: Object.freeze(graph.outputs.slice(from, to)) });
}

/** The session's state moves on once, whatever is then derived from the graph. */
function moveRandomState(call: TracedCall, graph: Graph): void {
  const draw = derived(call, "random", () => {
    const { graph: alone } = runPasses(withOutputs(graph, 0, 1), [deadCode], { registry });
    return alone;
  });
  keepRandomState(nth(call.op, [...applied(call, draw).values()], 0));
}

/** A graph made of the call's graph, from an earlier call if there was an equal one. */
export function derived(
  { op, graph }: TracedCall,
  settings: string,
  make: (graph: Graph) => Graph,
): Graph {
  const known = session.derived.get(graph) ?? new Map<string, Graph>();
  session.derived.set(graph, known);
  const key = `${op} ${settings}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make(graph);
  known.set(key, made);
  return made;
}

/** The results by name of a graph that was derived from the call's; `further` are arrays for inputs of its own. */
export function applied(
  { op, inputs }: TracedCall,
  graph: Graph,
  further: ReadonlyMap<string, NDArray> = new Map(),
): ReadonlyMap<string, NDArray> {
  const host = session.tracers.at(-1) ?? session;
  const given = graph.inputs.flatMap(({ role, name }) => {
    if (role === "const") return [];
    const array = further.get(name) ?? inputs.get(name);
    if (array === undefined) throw new Error(`${op}: nothing for input ${name}`);
    return [array];
  });
  const results = applyGraph(host, graph, given);
  return new Map(graph.outputs.map(({ name }, at) => [name, nth(op, results, at)]));
}

/** Arguments, or what goes with each of them. */
export function listOf<T>(op: string, what: string, given: readonly T[]): readonly T[] {
  if (Array.isArray(given)) return given;
  throw new ArgumentError({
    op,
    problem: `${what} are not a list`,
    received: describe(given),
    allowed: "a list with one element per argument of the function",
  });
}

/** An array of one number, where the innermost function that is being traced sees it. */
export function filled({ shape, dtype }: TensorType, value: number): NDArray {
  const host = session.tracers.at(-1) ?? session;
  return first("full", host.emit(fullOp, [], { shape, dtype, value }));
}

/** The arrays of these names in the lists of `like`. */
export function regrouped(
  like: Arrays,
  names: readonly string[],
  arrays: ReadonlyMap<string, NDArray>,
): Arrays {
  return regroup(
    like,
    names.map((name) => {
      const array = arrays.get(name);
      if (array === undefined) throw new Error(`no result ${name}`);
      return array;
    }),
  );
}

import { jvp as pushGraph, vjp as pullGraph } from "@adjoint/autograd";
import { ArgumentError, type Graph, isFloat, sameRef, typeOf } from "@adjoint/graph";
import { add, fronts } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import {
  type Arrays,
  checkFunction,
  checkSameTypes,
  flattenArrays,
  regroup,
} from "../control/arrays.js";
import {
  type ArrayFunction,
  applied,
  derived,
  filled,
  listOf,
  regrouped,
  type TracedCall,
  traceCall,
} from "./tracedCall.js";

/** Arrays in the lists of `A`, or null for any of them that are left out. */
export type Directions<A extends readonly Arrays[]> = { readonly [K in keyof A]: A[K] | null };

/**
 * Forward mode: a function of arguments and tangents that gives results and their tangents, `J v`. One run costs a
 * small multiple of `fn`, whatever the number of arguments.
 *
 * `fn` is called with arrays whose values are not known; see `vmap`.
 *
 * @param fn takes arrays or lists of arrays, gives an array or lists of arrays
 * @returns from (arguments, tangents) to [results, tangents of the results]; a tangent of null, and that of integers,
 *   is 0
 * @throws ArgumentError where `fn` is not a function or reads values, or for another number of tangents than arguments;
 *   ShapeError for a tangent of another type than its argument
 * @derivative that of the results and of the tangents, which are functions like others
 * @edges arrays that `fn` uses from outside are constants: they have no tangents
 * @example
 * ```ts
 * const push = autograd.jvp((x) => x.mul(x));
 * push([nd.array([1, 2])], [nd.array([1, 10])]); // [1. 4.], [ 2. 40.]
 * ```
 */
export function jvp<const A extends NDArray[], const R extends Arrays>(
  fn: (...args: A) => R,
): (args: A, tangents: Directions<A>) => [R, R];
export function jvp<const A extends Arrays[], const R extends Arrays>(
  fn: (...args: A) => R,
): (args: A, tangents: Directions<A>) => [R, R];
export function jvp(
  fn: ArrayFunction,
): (args: Arrays[], tangents: readonly (Arrays | null)[]) => [Arrays, Arrays] {
  checkFunction("jvp", "fn", fn);
  return (args, tangents) => {
    const call = traceCall("jvp", fn, listOf("jvp", "arguments", args));
    const given = tangentsOf(call, listOf("jvp", "tangents", tangents));
    const names = call.args.flatMap((one) => one.names);
    const wrt = names.filter((name) => given.has(`tangent.${name}`));
    const of = floatOutputs(call.graph);
    const graph = derived(call, wrt.join(), (one) => pushGraph(one, { wrt, of }));
    const results = applied(call, graph, given);
    const outputs = call.graph.outputs.map(({ name }) => name);
    const values = regrouped(call.like, outputs, results);
    const pushed = flattenArrays("jvp", "result", values).map(
      (value, at) => results.get(`tangent.${outputs[at]}`) ?? fronts.zerosLike(value),
    );
    return [values, regroup(call.like, pushed)];
  };
}

/** Tangents by the names of their inputs. */
function tangentsOf(
  { op, args }: TracedCall,
  tangents: readonly (Arrays | null)[],
): ReadonlyMap<string, NDArray> {
  if (tangents.length !== args.length) {
    throw new ArgumentError({
      op,
      problem: "another number of tangents than of arguments",
      received: String(tangents.length),
      allowed: `${args.length}; null for a tangent of 0`,
    });
  }
  const named = args.flatMap(({ arrays, names }, at) => {
    const tangent = tangents[at];
    if (tangent === null || tangent === undefined) return [];
    const list = flattenArrays(op, `tangent ${at + 1}`, tangent);
    checkSameTypes(
      op,
      "tangents",
      arrays.map(({ type }) => type),
      list.map(({ type }) => type),
    );
    return list.flatMap((one, position) =>
      isFloat(one.dtype) ? [[`tangent.${names[position]}`, one] as const] : [],
    );
  });
  return new Map(named);
}

function floatOutputs(graph: Graph): readonly string[] {
  return graph.outputs.flatMap(({ name, ref }) =>
    isFloat(typeOf(graph, ref).dtype) ? [name] : [],
  );
}

/**
 * Reverse mode: a function of arguments and head gradients that gives results and the gradients of the arguments,
 * `Jᵀ u`. One run costs a small multiple of `fn`, whatever the number of arguments.
 *
 * `fn` is called with arrays whose values are not known; see `vmap`.
 *
 * @param fn takes arrays or lists of arrays, gives an array or lists of arrays
 * @returns from (arguments, head gradients) to [results, list of gradients, one per argument]; without head gradients
 *   they are ones; the gradient of integers is 0
 * @throws ArgumentError where `fn` is not a function or reads values, or for head gradients that are not in the lists of
 *   the results; ShapeError for a head gradient of another type than its result
 * @derivative that of the results and of the gradients, which are functions like others
 * @edges arrays that `fn` uses from outside get no gradient here, but in the gradient of the whole
 * @example
 * ```ts
 * const pull = autograd.vjp((x, w) => x.mul(w).sum());
 * const [, [byX, byW]] = pull([nd.array([1, 2]), nd.array([3, 4])]);
 * [byX, byW]; // [3. 4.], [1. 2.]
 * ```
 */
export function vjp<const A extends NDArray[], const R extends Arrays>(
  fn: (...args: A) => R,
): (args: A, heads?: R) => [R, A];
export function vjp<const A extends Arrays[], const R extends Arrays>(
  fn: (...args: A) => R,
): (args: A, heads?: R) => [R, A];
export function vjp(fn: ArrayFunction): (args: Arrays[], heads?: Arrays) => [Arrays, Arrays[]] {
  checkFunction("vjp", "fn", fn);
  return (args, heads) => {
    const call = traceCall("vjp", fn, listOf("vjp", "arguments", args));
    const wrt = call.args.flatMap(({ arrays, names }) =>
      names.filter((_, at) => isFloat(arrays[at]?.dtype ?? "int32")),
    );
    const graph = derived(call, wrt.join(), (one) =>
      pullGraph(one, { wrt, heads: floatOutputs(one) }),
    );
    const results = applied(call, graph, headsOf(call, heads));
    const values = call.graph.outputs.map(({ name }) => name);
    const gradients = call.args.map(({ given, arrays, names }) => {
      const list = arrays.map(
        (array, at) => results.get(`grad.${names[at]}`) ?? fronts.zerosLike(array),
      );
      return regroup(given, list);
    });
    return [regrouped(call.like, values, results), gradients];
  };
}

/** Head gradients by the names of their inputs. Results that are one value have one input, for the sum of theirs. */
function headsOf({ op, graph }: TracedCall, heads: Arrays | undefined): Map<string, NDArray> {
  const outputs = graph.outputs.map(({ name, ref }) => ({ name, ref, type: typeOf(graph, ref) }));
  const types = outputs.map(({ type }) => type);
  const given =
    heads === undefined
      ? types.map((type) => filled(type, 1))
      : flattenArrays(op, "head gradients", heads);
  const received = given.map(({ type }) => type);
  checkSameTypes(op, "head gradients", types, received);
  const named = new Map<string, NDArray>();
  outputs.forEach(({ ref, type }, at) => {
    const head = given[at];
    const first = outputs.find((one) => sameRef(one.ref, ref));
    if (head === undefined || first === undefined || !isFloat(type.dtype)) return;
    const name = `head.${first.name}`;
    const before = named.get(name);
    named.set(name, before === undefined ? head : add(before, head));
  });
  return named;
}

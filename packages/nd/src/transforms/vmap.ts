import { vmap as mapGraph } from "@adjoint/autograd";
import { ArgumentError, ShapeError, type TensorType } from "@adjoint/graph";
import { describe, fronts, normalizeAxis, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { type Arrays, checkFunction, flattenArrays, regroup } from "../control/arrays.js";
import { type ArrayFunction, applied, derived, regrouped, traceCall } from "./tracedCall.js";

/** Along which axis examples lie: one for all, or one per argument; null for what all examples share. */
export type InAxes = number | null | readonly (number | null)[];

export interface VmapSettings {
  /** Axis of the examples in each argument, counted from either end; null for one that all share. */
  inAxes: InAxes;
  /** Axis of the examples in the results, counted from either end. */
  outAxis: number;
}

const defaults: VmapSettings = { inAxes: 0, outAxis: 0 };

/**
 * A function of many examples, from a function of one. The result takes arrays with one axis more, along which the
 * examples lie, and computes all at once; there is no loop.
 *
 * `fn` is called with arrays whose values are not known, as the bodies of `contrib.foreach` are: it may use arrays from
 * outside, which all examples share, branches by `contrib.cond` and loops by `contrib.whileLoop`. An example of a list
 * of numbers has no axes. Random numbers are drawn once, for all examples.
 *
 * @param fn takes arrays or lists of arrays, gives an array or lists of arrays
 * @returns a function of the same arguments and results, each with the examples' axis
 * @throws ArgumentError where `fn` is not a function or reads values; ShapeError, when called, if the arguments differ
 *   in the number of examples, or none has any; BoundsError for an axis out of range; GraphError for what can't be
 *   mapped
 * @derivative that of `fn`, for each example
 * @example
 * ```ts
 * const [w, x] = [nd.array([1, 10]), nd.array([[1, 2], [3, 4], [5, 6]])];
 * autograd.vmap((row) => nd.dot(row, w))(x); // [[21.] [43.] [65.]]
 * autograd.vmap((a, b) => a.mul(b), { inAxes: [0, null] })(x, w).shape; // [3, 2]
 * ```
 */
export function vmap<const A extends NDArray[], const R extends Arrays>(
  fn: (...args: A) => R,
  options?: Partial<VmapSettings>,
): (...args: A) => R;
export function vmap<const A extends Arrays[], const R extends Arrays>(
  fn: (...args: A) => R,
  options?: Partial<VmapSettings>,
): (...args: A) => R;
export function vmap(fn: ArrayFunction, options?: Partial<VmapSettings>): ArrayFunction {
  checkFunction("vmap", "fn", fn);
  const { inAxes, outAxis } = readOptions("vmap", options, defaults);
  return (...given) => {
    const axes = axesOf(inAxes, given.length);
    const size = sizeOf(given, axes);
    const call = traceCall("vmap", fn, given, ({ type }, argument) => {
      const axis = axes[argument] ?? null;
      return axis === null ? type : exampleType(type, axis);
    });
    const byName = Object.fromEntries([...call.inputs.keys()].map((name) => [name, null]));
    const named = call.args.flatMap(({ names }, at) => names.map((name) => [name, axes[at]]));
    const all: Record<string, number | null> = { ...byName, ...Object.fromEntries(named) };
    const graph = derived(call, JSON.stringify([size, all]), (one) =>
      mapGraph(one, { size, inAxes: all }),
    );
    const names = graph.outputs.map(({ name }) => name);
    const results = regrouped(call.like, names, applied(call, graph));
    return outAxis === 0 ? results : withExamplesAt(results, outAxis);
  };
}

function axesOf(inAxes: InAxes, count: number): readonly (number | null)[] {
  if (inAxes === null || typeof inAxes === "number")
    return new Array<number | null>(count).fill(inAxes);
  if (Array.isArray(inAxes) && inAxes.length === count) return inAxes;
  throw new ArgumentError({
    op: "vmap",
    problem: "inAxes does not fit the arguments",
    received: Array.isArray(inAxes) ? `${inAxes.length} axes` : describe(inAxes),
    allowed: `an axis or null, or a list of ${count}`,
  });
}

/** How many examples there are: as many in each argument that has any. */
function sizeOf(given: readonly Arrays[], axes: readonly (number | null)[]): number {
  const lengths = given.flatMap((one, at) => {
    const axis = axes[at] ?? null;
    if (axis === null) return [];
    return flattenArrays("vmap", `argument ${at + 1}`, one).map(
      ({ shape }) => shape[normalizeAxis("vmap", axis, shape.length)] ?? 0,
    );
  });
  const [size] = lengths;
  if (size !== undefined && size > 0 && lengths.every((one) => one === size)) return size;
  if (size === 0) {
    throw new ShapeError({
      op: "vmap",
      problem: "no examples",
      received: lengths.join(", "),
      allowed: "one example at least",
    });
  }
  throw new ShapeError({
    op: "vmap",
    problem: size === undefined ? "no argument has examples" : "numbers of examples differ",
    received: size === undefined ? "null for each argument" : lengths.join(", "),
    allowed: size === undefined ? "an axis for one argument at least" : "one number for all",
  });
}

function exampleType({ dtype, shape }: TensorType, axis: number): TensorType {
  const at = normalizeAxis("vmap", axis, shape.length);
  return { dtype, shape: shape.filter((_, own) => own !== at) };
}

function withExamplesAt(results: Arrays, axis: number): Arrays {
  const move = (array: NDArray): NDArray => {
    const at = normalizeAxis("vmap", axis, array.ndim);
    return at === 0 ? array : fronts.moveaxis(array, { source: 0, destination: at });
  };
  return regroup(results, flattenArrays("vmap", "result", results).map(move));
}

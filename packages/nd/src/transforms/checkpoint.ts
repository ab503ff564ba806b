import { checkpoint as cut } from "@adjoint/autograd";
import { checkInteger, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { type Arrays, checkFunction } from "../control/arrays.js";
import { type ArrayFunction, applied, derived, regrouped, traceCall } from "./tracedCall.js";

export interface CheckpointSettings {
  /** Into how many parts of equally many operators the function is cut. */
  segments: number;
}

/**
 * The same function, of which nothing is saved for the gradient but arguments: what is inside is computed again when
 * the gradient needs it. With several segments, the values between them are saved as well.
 *
 * `fn` is called with arrays whose values are not known; see `vmap`.
 *
 * @param fn takes arrays or lists of arrays, gives an array or lists of arrays
 * @returns a function of the same arguments and results
 * @throws ArgumentError where `fn` is not a function, reads values, or uses no arrays; AttributeError for a number of
 *   segments below 1
 * @derivative that of `fn`
 * @edges random numbers are the same when they are drawn again
 * @example
 * ```ts
 * const layer = autograd.checkpoint((x, w) => nd.tanh(nd.dot(x, w)));
 * const w = nd.array([[1, 2], [3, 4]]).attachGrad();
 * const y = autograd.record(() => layer(nd.ones([1, 2]), w).sum());
 * const { forward } = autograd.graphOf(y);
 * Object.values(forward.nodes).map(({ op }) => op); // ["call", "sum", "reshape"]
 * ```
 */
export function checkpoint<const A extends NDArray[], const R extends Arrays>(
  fn: (...args: A) => R,
  options?: Partial<CheckpointSettings>,
): (...args: A) => R;
export function checkpoint<const A extends Arrays[], const R extends Arrays>(
  fn: (...args: A) => R,
  options?: Partial<CheckpointSettings>,
): (...args: A) => R;
export function checkpoint(
  fn: ArrayFunction,
  options?: Partial<CheckpointSettings>,
): ArrayFunction {
  checkFunction("checkpoint", "fn", fn);
  const { segments } = readOptions<CheckpointSettings>("checkpoint", options, { segments: 1 });
  checkInteger("checkpoint", "segments", segments, 1);
  return (...given) => {
    const call = traceCall("checkpoint", fn, given);
    const graph = derived(call, String(segments), (one) => cut(one, { segments }));
    const names = graph.outputs.map(({ name }) => name);
    return regrouped(call.like, names, applied(call, graph));
  };
}

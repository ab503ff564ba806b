import { ArgumentError, BoundsError, formatShape, formatType, tensorType } from "@adjoint/graph";
import { apply, fronts, registry } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { session } from "../session.js";
import {
  type Arrays,
  checkFunction,
  checkPair,
  checkSameTypes,
  flattenArrays,
  regroup,
} from "./arrays.js";
import { keepRandomState, parametersOf, TracedBody } from "./tracedBody.js";

const scanOp = registry.get("scan");

/**
 * Runs `body` on slice after slice of `data` along axis 0, handing states on from each call to the next; a loop in the
 * graph, however long it is.
 *
 * The body is called once, with arrays whose values are not known; it may use arrays from outside, which get gradients
 * like data and states. Random numbers in it are new in each iteration. Asking for a value in it is refused, and so are
 * writes, variables and functions with a backward of their own.
 *
 * @param body from (slices, states) to [outputs, next states]; states keep their shapes and dtypes
 * @param data one array or lists of arrays; the first one's length rules, longer ones are cut
 * @param initStates one array or lists of arrays, possibly empty
 * @returns [outputs, last states]: outputs stacked along a new axis 0, in the lists in which the body returned them
 * @throws BoundsError for data that is shorter than the first, ShapeError for states that change their type
 * @example
 * ```ts
 * const [sums, total] = nd.contrib.foreach((x, s) => [s.add(x), s.add(x)], data, nd.zeros(2));
 * ```
 */
export function foreach<const D extends Arrays, const S extends Arrays, const O extends Arrays>(
  body: (data: NoInfer<D>, states: NoInfer<S>) => readonly [O, NoInfer<S>],
  data: D,
  initStates: S,
): readonly [O, S];
export function foreach(
  body: (data: Arrays, states: Arrays) => readonly [Arrays, Arrays],
  data: Arrays,
  initStates: Arrays,
): readonly [Arrays, Arrays] {
  checkFunction("foreach", "body", body);
  const { arrays, length } = slicesOf(flattenArrays("foreach", "data", data));
  const states = flattenArrays("foreach", "initStates", initStates);
  const types = states.map(({ type }) => type);
  const seen = arrays.map(({ dtype, shape }) => tensorType(dtype, shape.slice(1)));
  const traced = new TracedBody(
    "foreach",
    "foreach.body",
    [...parametersOf("s", types), ...parametersOf("x", seen)],
    states.length,
    (given) => {
      const [ofStates, ofSlices] = [given.slice(0, states.length), given.slice(states.length)];
      const result = body(regroup(data, ofSlices), regroup(initStates, ofStates));
      const [outputs, next] = checkPair("foreach", result);
      return {
        like: result[0],
        outputs: flattenArrays("foreach", "outputs", outputs),
        next: flattenArrays("foreach", "states", next),
      };
    },
  );
  const { like, outputs, next } = traced.result;
  checkSameTypes(
    "foreach",
    "states",
    types,
    next.map(({ type }) => type),
  );
  const results = runScan(traced, { states, arrays, outputs, next, length });
  const stacked = results.slice(states.length);
  return [regroup(like, stacked), regroup(initStates, results)];
}

/** Data of the first one's length. */
function slicesOf(data: readonly NDArray[]): {
  readonly arrays: readonly NDArray[];
  readonly length: number;
} {
  const length = data[0]?.shape[0];
  if (length === undefined) {
    throw new ArgumentError({
      op: "foreach",
      problem: data.length === 0 ? "no data" : "data has no axis to run along",
      received: data.map(({ type }) => formatType(type)).join(", ") || "an empty list",
      allowed: "arrays with at least one axis",
    });
  }
  const arrays = data.map((array, at) => {
    const rows = array.shape[0] ?? 0;
    if (rows < length) {
      throw new BoundsError({
        op: "foreach",
        problem: `data ${at + 1} is shorter than the first`,
        received: formatShape(array.shape),
        allowed: `at least ${length} along axis 0`,
      });
    }
    const cut =
      rows === length ? array : fronts.sliceAxis(array, { axis: 0, begin: 0, end: length });
    // A slice of a list has one axis, as an element taken by `at`.
    return cut.ndim === 1 ? cut.reshape([0, 1]) : cut;
  });
  return { arrays, length };
}

interface Scan {
  readonly states: readonly NDArray[];
  readonly arrays: readonly NDArray[];
  readonly outputs: readonly NDArray[];
  readonly next: readonly NDArray[];
  readonly length: number;
}

/** Puts the loop on the record; gives the last states, then the stacked outputs. */
function runScan(
  traced: TracedBody<unknown>,
  { states, arrays, outputs, next, length }: Scan,
): readonly NDArray[] {
  const { draws } = traced;
  const { graph, captured } = traced.finish([...next, ...outputs]);
  if (graph.outputs.length === 0) return [];
  const random = draws ? [session.randomState] : [];
  const [first, ...rest] = [...states, ...random, ...arrays, ...captured];
  if (first === undefined) throw new Error("foreach: no arguments");
  const results = apply(scanOp, [first, ...rest], {
    states: states.length + random.length,
    slices: arrays.length,
    stacked: outputs.length,
    length,
    reverse: false,
    counted: false,
    history: session.recorder.recording,
    body: graph,
  });
  const state = draws ? results[states.length] : undefined;
  if (state !== undefined) keepRandomState(state);
  return [...results.slice(0, states.length), ...results.slice(states.length + random.length)];
}

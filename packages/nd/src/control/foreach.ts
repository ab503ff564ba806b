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
 * @derivative that of the unrolled program: to data, states and arrays from outside
 * @example
 * ```ts
 * const step = (x, s) => [s.add(x), s.add(x)];
 * nd.contrib.foreach(step, nd.array([1, 2, 3]), nd.zeros(1)); // [[1.] [3.] [6.]], [6.]
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
  const traced = traceBody(states, arrays, (ofStates, ofSlices) =>
    body(regroup(data, ofSlices), regroup(initStates, ofStates)),
  );
  const results = runScan(traced, states, arrays, length);
  return [regroup(traced.result.like, results.slice(states.length)), regroup(initStates, results)];
}

interface Results {
  /** The outputs in their lists. */
  readonly like: Arrays;
  readonly outputs: readonly NDArray[];
  readonly next: readonly NDArray[];
}

function traceBody(
  states: readonly NDArray[],
  arrays: readonly NDArray[],
  body: (states: readonly NDArray[], slices: readonly NDArray[]) => readonly [Arrays, Arrays],
): TracedBody<Results> {
  const count = states.length;
  const types = states.map(({ type }) => type);
  const slices = arrays.map(({ dtype, shape }) => tensorType(dtype, shape.slice(1)));
  const parameters = [...parametersOf("s", types), ...parametersOf("x", slices)];
  return new TracedBody("foreach", "foreach.body", parameters, count, (given) => {
    const result = body(given.slice(0, count), given.slice(count));
    const [outputs, values] = checkPair("foreach", result);
    const next = flattenArrays("foreach", "states", values);
    checkSameTypes(
      "foreach",
      "states",
      types,
      next.map(({ type }) => type),
    );
    return { like: result[0], outputs: flattenArrays("foreach", "outputs", outputs), next };
  });
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

/** Puts the loop on the record; gives the last states, then the stacked outputs. */
function runScan(
  traced: TracedBody<Results>,
  states: readonly NDArray[],
  arrays: readonly NDArray[],
  length: number,
): readonly NDArray[] {
  const { draws } = traced;
  const { next, outputs } = traced.result;
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

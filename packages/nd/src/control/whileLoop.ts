import { ArgumentError, formatShape, ShapeError, type TensorType } from "@adjoint/graph";
import { apply, checkInteger, describe, readOptions, registry } from "@adjoint/ops";
import { NDArray } from "../array/ndarray.js";
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

const whileLoopOp = registry.get("whileLoop");

export interface WhileLoopOptions {
  /** The most iterations there may be: the length of the outputs. Must be given. */
  maxIterations: number;
}

/**
 * Runs `func` as long as `cond` holds, handing variables on from each call to the next; a loop in the graph.
 *
 * Both functions are called once, with arrays whose values are not known; see `foreach`. There are no random numbers in
 * the condition. Gradients go through the iterations that ran, not through the condition.
 *
 * @param cond from the variables to an array of one element
 * @param func from the variables to [outputs, next variables]; outputs may be null
 * @param loopVars one array or a list; the functions get them as arguments one by one
 * @returns [outputs, last variables]: outputs stacked to `maxIterations` rows, zeros where the loop had ended; `[]` if
 * there was no iteration, unless within another body, where that is not known
 * @throws ArgumentError without `maxIterations`, ShapeError for variables that change their type
 * @derivative that of the iterations that ran; none through the condition
 * @example
 * ```ts
 * const [, last] = nd.contrib.whileLoop((s) => s.lesser(100), (s) => [null, s.mul(2)], nd.array([3]), {
 *   maxIterations: 10,
 * });
 * last; // [192.]
 * ```
 */
export function whileLoop<const O extends Arrays | null>(
  cond: (value: NDArray) => NDArray,
  func: (value: NDArray) => readonly [O, NDArray],
  loopVars: NDArray,
  options: WhileLoopOptions,
): readonly [NonNullable<O> | readonly [], NDArray];
export function whileLoop<V extends NDArray[] | [], const O extends Arrays | null>(
  cond: (...values: NoInfer<V>) => NDArray,
  func: (...values: NoInfer<V>) => readonly [O, NoInfer<V>],
  loopVars: V,
  options: WhileLoopOptions,
): readonly [NonNullable<O> | readonly [], V];
export function whileLoop(
  cond: (...values: NDArray[]) => NDArray,
  func: (...values: NDArray[]) => readonly [Arrays | null, Arrays],
  loopVars: Arrays,
  options: WhileLoopOptions,
): readonly [Arrays, Arrays] {
  checkFunction("whileLoop", "cond", cond);
  checkFunction("whileLoop", "func", func);
  const length = maxIterationsOf(options);
  const variables = flattenArrays("whileLoop", "loopVars", loopVars);
  const [first, ...rest] = variables;
  if (first === undefined) throw new ArgumentError({ op: "whileLoop", problem: "no variables" });
  const condition = traceCondition(cond, variables);
  const body = traceBody(func, variables);
  const { like, outputs } = body.result;
  const { last, stacked, count } = runLoop(condition, body, [first, ...rest], length);
  const none = outputs.length > 0 && !session.hasNoNumbers && isZero(count);
  return [none ? [] : regroup(like, stacked), regroup(loopVars, last)];
}

/** Puts the loop on the record. */
function runLoop(
  condition: TracedBody<NDArray>,
  body: TracedBody<Results>,
  variables: readonly [NDArray, ...NDArray[]],
  length: number,
): {
  readonly last: readonly NDArray[];
  readonly stacked: readonly NDArray[];
  readonly count: NDArray | undefined;
} {
  const { next, outputs } = body.result;
  const traced = body.finish([...next, ...outputs]);
  const asked = condition.finish([condition.result], body.draws, false);
  const random = body.draws ? [session.randomState] : [];
  const args = [...random, ...asked.captured, ...traced.captured];
  const states = variables.length + random.length;
  const results = apply(whileLoopOp, [...variables, ...args], {
    states,
    stacked: outputs.length,
    length,
    history: session.recorder.recording,
    condition: asked.graph,
    body: traced.graph,
  });
  const state = body.draws ? results[variables.length] : undefined;
  if (state !== undefined) keepRandomState(state);
  return {
    last: results.slice(0, variables.length),
    stacked: results.slice(states, states + outputs.length),
    count: results.at(-1),
  };
}

function maxIterationsOf(options: Partial<WhileLoopOptions> | undefined): number {
  const { maxIterations } = readOptions<{ maxIterations: number | null }>("whileLoop", options, {
    maxIterations: null,
  });
  if (maxIterations !== null) return checkInteger("whileLoop", "maxIterations", maxIterations, 0);
  throw new ArgumentError({
    op: "whileLoop",
    problem: "maxIterations should be specified",
    allowed: "{ maxIterations: the most iterations there may be }",
  });
}

function traceCondition(
  cond: (...values: NDArray[]) => NDArray,
  variables: readonly NDArray[],
): TracedBody<NDArray> {
  const parameters = parametersOf("s", typesOf(variables));
  const traced = new TracedBody(
    "whileLoop",
    "whileLoop.condition",
    parameters,
    variables.length,
    (given) => cond(...given),
  );
  const { result, draws } = traced;
  if (!(result instanceof NDArray)) {
    throw new ArgumentError({
      op: "whileLoop",
      problem: "condition does not return an array",
      received: describe(result),
      allowed: "an NDArray of one element",
    });
  }
  if (result.size !== 1) {
    throw new ShapeError({
      op: "whileLoop",
      problem: "condition is not one element",
      received: formatShape(result.shape),
      allowed: "one element",
    });
  }
  if (!draws) return traced;
  throw new ArgumentError({
    op: "whileLoop",
    problem: "random numbers can't be drawn in the condition",
    allowed: "random numbers in the body, kept in a variable",
  });
}

interface Results {
  /** The outputs in their lists. */
  readonly like: Arrays;
  readonly outputs: readonly NDArray[];
  readonly next: readonly NDArray[];
}

function traceBody(
  func: (...values: NDArray[]) => readonly [Arrays | null, Arrays],
  variables: readonly NDArray[],
): TracedBody<Results> {
  const types = typesOf(variables);
  const parameters = parametersOf("s", types);
  return new TracedBody("whileLoop", "whileLoop.body", parameters, variables.length, (given) => {
    const result = func(...given);
    const [outputs, values] = checkPair("whileLoop", result);
    const next = flattenArrays("whileLoop", "variables", values);
    checkSameTypes("whileLoop", "variables", types, typesOf(next));
    return {
      like: result[0] ?? [],
      outputs: flattenArrays("whileLoop", "outputs", outputs ?? []),
      next,
    };
  });
}

function typesOf(arrays: readonly NDArray[]): readonly TensorType[] {
  return arrays.map(({ type }) => type);
}

function isZero(count: NDArray | undefined): boolean {
  return count?.asScalar() === 0;
}

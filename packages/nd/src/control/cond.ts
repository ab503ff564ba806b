import { ArgumentError, formatShape, ShapeError } from "@adjoint/graph";
import { apply, describe, registry } from "@adjoint/ops";
import { NDArray } from "../array/ndarray.js";
import { session } from "../session.js";
import { type Arrays, checkFunction, checkSameTypes, flattenArrays, regroup } from "./arrays.js";
import { keepRandomState, TracedBody } from "./tracedBody.js";

const condOp = registry.get("cond");

/**
 * What `thenFunc` returns if `pred` is not zero, else what `elseFunc` returns; a branch in the graph.
 *
 * Both functions are called once to be traced (see `foreach`), one of them is run. They use arrays from outside, which
 * get their gradients if that branch runs, and zeros if not. A JavaScript boolean as `pred` chooses at once: only one
 * function is called, and nothing of the choice is in the graph.
 *
 * @param pred an array of one element, or a boolean
 * @returns arrays in the lists in which the functions return them, of the same types in both
 * @throws ShapeError for another predicate, or branches of different types
 * @param thenFunc gives an array or lists of arrays
 * @param elseFunc gives the same, of the same types
 * @derivative that of the branch which runs; 0 to what only the other one reads
 * @example
 * ```ts
 * const x = nd.array([1, -3]);
 * nd.contrib.cond(x.sum().greater(0), () => x.mul(2), () => x.neg()); // [-1.  3.]
 * ```
 */
export function cond<const O extends Arrays>(
  pred: NDArray | boolean,
  thenFunc: () => O,
  elseFunc: () => O,
): O;
export function cond(
  pred: NDArray | boolean,
  thenFunc: () => Arrays,
  elseFunc: () => Arrays,
): Arrays {
  checkFunction("cond", "thenFunc", thenFunc);
  checkFunction("cond", "elseFunc", elseFunc);
  if (typeof pred === "boolean") return pred ? thenFunc() : elseFunc();
  checkPredicate(pred);
  const [whenTrue, whenFalse] = [trace("cond.then", thenFunc), trace("cond.else", elseFunc)];
  const { like, outputs } = whenTrue.result;
  const others = whenFalse.result.outputs;
  checkSameTypes("cond", "results of the branches", typesOf(outputs), typesOf(others));
  const draws = whenTrue.draws || whenFalse.draws;
  const one = whenTrue.finish(outputs, draws);
  const two = whenFalse.finish(others, draws);
  if (one.graph.outputs.length === 0) return like;
  const random = draws ? [session.randomState] : [];
  const args = [...random, ...one.captured, ...random, ...two.captured];
  const results = apply(condOp, [pred, ...args], { whenTrue: one.graph, whenFalse: two.graph });
  const [state] = results;
  if (draws && state !== undefined) keepRandomState(state);
  return regroup(like, results.slice(random.length));
}

function checkPredicate(pred: unknown): void {
  if (!(pred instanceof NDArray)) {
    throw new ArgumentError({
      op: "cond",
      problem: "predicate is neither an array nor a boolean",
      received: describe(pred),
      allowed: "an NDArray of one element, true, false",
    });
  }
  if (pred.size === 1) return;
  throw new ShapeError({
    op: "cond",
    problem: "predicate is not one element",
    received: formatShape(pred.shape),
    allowed: "one element",
  });
}

function trace(
  name: string,
  branch: () => Arrays,
): TracedBody<{ readonly like: Arrays; readonly outputs: readonly NDArray[] }> {
  return new TracedBody("cond", name, [], 0, () => {
    const like = branch();
    return { like, outputs: flattenArrays("cond", "result", like) };
  });
}

function typesOf(arrays: readonly NDArray[]): readonly NDArray["type"][] {
  return arrays.map(({ type }) => type);
}

import {
  hessian as curve,
  hvp as curveAlong,
  type JacobianMode,
  jacobian as slopes,
} from "@adjoint/autograd";
import {
  ArgumentError,
  type DType,
  DTypeError,
  equalTypes,
  formatType,
  type Graph,
  isFloat,
  ShapeError,
} from "@adjoint/graph";
import { checkInteger, describe, readOptions } from "@adjoint/ops";
import { NDArray } from "../array/ndarray.js";
import { type Arrays, checkFunction } from "../control/arrays.js";
import {
  type ArrayFunction,
  applied,
  derived,
  listOf,
  type TracedCall,
  traceCall,
} from "./tracedCall.js";

export interface ArgumentChoice {
  /** By which argument: its position. */
  wrt: number;
}

export interface JacobianSettings extends ArgumentChoice {
  /** `forward`: a tangent per element of the argument; `reverse`: a head gradient per element of the result; `auto`: the fewer. */
  mode: JacobianMode;
}

/**
 * A function that gives all derivatives of the result of `fn` by one of its arguments.
 *
 * `fn` is called with arrays whose values are not known; see `vmap`.
 *
 * @param fn takes arrays or lists of arrays, gives one array of a floating dtype
 * @returns a function of the same arguments, whose result has the shape of `fn`'s result, then that of the argument
 * @throws ArgumentError where `fn` is not a function, reads values or gives several arrays, or for an argument that is
 *   not one array; DTypeError for integers; AttributeError for an unknown mode; GraphError for what can't be mapped
 * @derivative the second derivatives, as of any function
 * @edges a result that does not depend on the argument has the derivatives 0
 * @example
 * ```ts
 * const rotate = (x) => nd.concat(x.at([1, 2]), x.at([0, 1]).neg(), { dim: 0 });
 * autograd.jacobian(rotate)(nd.array([3, 4])); // [[ 0.  1.] [-1.  0.]]
 * ```
 */
export function jacobian<const A extends NDArray[]>(
  fn: (...args: A) => NDArray,
  options?: Partial<JacobianSettings>,
): (...args: A) => NDArray;
export function jacobian<const A extends Arrays[]>(
  fn: (...args: A) => NDArray,
  options?: Partial<JacobianSettings>,
): (...args: A) => NDArray;
export function jacobian(
  fn: ArrayFunction,
  options?: Partial<JacobianSettings>,
): (...args: Arrays[]) => NDArray {
  checkFunction("jacobian", "fn", fn);
  const { wrt, mode } = readOptions<JacobianSettings>("jacobian", options, {
    wrt: 0,
    mode: "auto",
  });
  return (...given) => {
    const { call, name } = traceScalar("jacobian", fn, given, wrt);
    return onlyOf(
      call,
      derived(call, `${name} ${mode}`, (graph) =>
        slopes(graph, { wrt: name, of: ofGraph(graph), mode }),
      ),
    );
  };
}

/**
 * A function that gives all second derivatives of `fn`, whose result is one element, by one of its arguments.
 *
 * `fn` is called with arrays whose values are not known; see `vmap`.
 *
 * @param fn takes arrays or lists of arrays, gives one element of a floating dtype
 * @returns a function of the same arguments, whose result has the shape of the argument twice
 * @throws ShapeError for a result of several elements; otherwise as `jacobian`
 * @derivative the third derivatives, as of any function
 * @edges 0 where `fn` is linear
 * @example
 * ```ts
 * autograd.hessian((x) => x.prod())(nd.array([2, 3, 5])); // [[0. 5. 3.] [5. 0. 2.] [3. 2. 0.]]
 * ```
 */
export function hessian<const A extends NDArray[]>(
  fn: (...args: A) => NDArray,
  options?: Partial<ArgumentChoice>,
): (...args: A) => NDArray;
export function hessian<const A extends Arrays[]>(
  fn: (...args: A) => NDArray,
  options?: Partial<ArgumentChoice>,
): (...args: A) => NDArray;
export function hessian(
  fn: ArrayFunction,
  options?: Partial<ArgumentChoice>,
): (...args: Arrays[]) => NDArray {
  checkFunction("hessian", "fn", fn);
  const { wrt } = readOptions<ArgumentChoice>("hessian", options, { wrt: 0 });
  return (...given) => {
    const { call, name } = traceScalar("hessian", fn, given, wrt);
    return onlyOf(
      call,
      derived(call, name, (graph) => curve(graph, { wrt: name, of: ofGraph(graph) })),
    );
  };
}

/**
 * A function that gives the gradient of `fn`, whose result is one element, by one of its arguments, and the Hessian times
 * a vector, without the Hessian itself.
 *
 * `fn` is called with arrays whose values are not known; see `vmap`.
 *
 * @param fn takes arrays or lists of arrays, gives one element of a floating dtype
 * @returns from (arguments, vector of the argument's type) to [gradient, product]
 * @throws ShapeError for a result of several elements, or a vector of another type; otherwise as `jacobian`
 * @derivative that of the gradient and of the product, which are functions like others
 * @edges 0 where `fn` is linear
 * @example
 * ```ts
 * const curvature = autograd.hvp((x) => x.prod());
 * curvature([nd.array([2, 3, 5])], nd.array([1, 0, 0])); // [15. 10.  6.], [0. 5. 3.]
 * ```
 */
export function hvp<const A extends NDArray[]>(
  fn: (...args: A) => NDArray,
  options?: Partial<ArgumentChoice>,
): (args: A, vector: NDArray) => [NDArray, NDArray];
export function hvp<const A extends Arrays[]>(
  fn: (...args: A) => NDArray,
  options?: Partial<ArgumentChoice>,
): (args: A, vector: NDArray) => [NDArray, NDArray];
export function hvp(
  fn: ArrayFunction,
  options?: Partial<ArgumentChoice>,
): (args: Arrays[], vector: NDArray) => [NDArray, NDArray] {
  checkFunction("hvp", "fn", fn);
  const { wrt } = readOptions<ArgumentChoice>("hvp", options, { wrt: 0 });
  return (args, vector) => {
    const { call, name, argument } = traceScalar("hvp", fn, listOf("hvp", "arguments", args), wrt);
    checkVector(argument, vector);
    const graph = derived(call, name, (one) => curveAlong(one, { wrt: name, of: ofGraph(one) }));
    const results = [...applied(call, graph, new Map([[`tangent.${name}`, vector]])).values()];
    const [gradient, product] = results;
    if (gradient === undefined || product === undefined) throw new Error("hvp: no results");
    return [gradient, product];
  };
}

function checkVector({ type }: NDArray, vector: unknown): void {
  if (!(vector instanceof NDArray)) {
    throw new ArgumentError({
      op: "hvp",
      problem: "vector is not an array",
      received: describe(vector),
      allowed: "an NDArray of the argument's shape and dtype",
    });
  }
  if (equalTypes(vector.type, type)) return;
  throw new ShapeError({
    op: "hvp",
    problem: "vector is not of the argument's type",
    received: formatType(vector.type),
    allowed: formatType(type),
  });
}

/** A call with one result, and the input that stands for the argument to differentiate by. */
function traceScalar(
  op: string,
  fn: ArrayFunction,
  given: readonly Arrays[],
  wrt: number,
): { readonly call: TracedCall; readonly name: string; readonly argument: NDArray } {
  const position = checkInteger(op, "wrt", wrt, 0);
  const argument = given[position];
  if (!(argument instanceof NDArray)) {
    throw new ArgumentError({
      op,
      problem: `argument ${position + 1} is not one array`,
      received: argument === undefined ? `${given.length} arguments` : "a list",
      allowed: "the position of an array",
    });
  }
  const call = traceCall(op, fn, given);
  if (!(call.like instanceof NDArray)) {
    throw new ArgumentError({
      op,
      problem: "the function gives several arrays",
      received: String(call.graph.outputs.length),
      allowed: "one array",
    });
  }
  for (const { dtype } of [argument, call.like]) if (!isFloat(dtype)) throw notFloating(op, dtype);
  const [name] = call.args[position]?.names ?? [];
  if (name === undefined) throw new Error(`${op}: no input for argument ${position + 1}`);
  return { call, name, argument };
}

function notFloating(op: string, received: DType): DTypeError {
  return new DTypeError({
    op,
    problem: "only floating dtypes have derivatives",
    received,
    allowed: "argument and result of float32, float64 or float16",
  });
}

function ofGraph({ outputs }: Graph): string {
  return outputs[0]?.name ?? "";
}

function onlyOf(call: TracedCall, graph: Graph): NDArray {
  const [result] = applied(call, graph).values();
  if (result === undefined) throw new Error(`${call.op}: no result`);
  return result;
}

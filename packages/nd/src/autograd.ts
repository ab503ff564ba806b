import {
  ArgumentError,
  DTypeError,
  formatType,
  GradientError,
  equalTypes,
  ShapeError,
} from "@adjoint/graph";
import { describe, readOptions } from "@adjoint/ops";
import { checkGraphGradients, type GradientComparison } from "@adjoint/autograd";
import { type GradReq, NDArray } from "./array/ndarray.js";
import type { TracedGradients } from "./compile/tracing.js";
import { conclude, reverse, type Reversed } from "./differentiation/backward.js";
import { graphRunner } from "./differentiation/graphRunner.js";
import { recordGradient } from "./differentiation/recordGradient.js";
import { ModeScope, runIn } from "./modes.js";
import { arraysOf, recordedPlan } from "./recordedGraphs.js";
import { record } from "./scopes.js";
import type { Counts } from "./recording/counts.js";
import { session } from "./session.js";

export { CustomFunction as Function } from "./customFunction.js";
export { graphOf, recordingOf } from "./recordedGraphs.js";
export * from "./scopes.js";
export { traceTree } from "./traceTree.js";
export { checkpoint } from "./transforms/checkpoint.js";
export { jvp, vjp } from "./transforms/directional.js";
export { hessian, hvp, jacobian } from "./transforms/matrices.js";
export { vmap } from "./transforms/vmap.js";

/** Head gradients: one for a single head, a list for several; null for ones. */
export type HeadGrads = NDArray | readonly (NDArray | null)[] | null;

export interface BackwardSettings {
  /** One head gradient per head; null for ones. */
  headGrads: HeadGrads;
  /** Keep the graphs, so that they can be differentiated again. */
  retainGraph: boolean;
  /** The mode in which the backward of custom functions runs. */
  trainMode: boolean;
}

const backwardDefaults: BackwardSettings = { headGrads: null, retainGraph: false, trainMode: true };

/**
 * Writes the gradient of the sum of `heads`, each times its head gradient, to the variables that they
 * depend on. Variables that are not reached keep the gradient they had.
 *
 * @param heads an array or a list of them, results of recorded computations or variables
 * @returns nothing
 * @throws GradientError for a head that was not recorded, or where no variable asks for a gradient;
 *   ReleasedGraphError where an earlier backward used the program up; ShapeError and DTypeError for
 *   a head gradient of another type; ArgumentError for anything but arrays. No gradient has changed
 * @edges a head that depends on variables with the request `null` only is let through beside others
 * @edges the same head twice counts once, with the last head gradient
 * @example
 * ```ts
 * const x = nd.array([1, 2]).attachGrad();
 * const heads = autograd.record(() => [x.mul(2), x.mul(x)]);
 * autograd.backward(heads, { headGrads: [null, nd.array([1, 10])] });
 * x.grad; // [ 4. 42.]
 * ```
 */
export function backward(
  heads: NDArray | readonly NDArray[],
  options?: Partial<BackwardSettings>,
): void {
  const settings = readOptions("backward", options, backwardDefaults);
  const list = arraysOf("backward", "heads", heads);
  const grads = headGradsOf("backward", list, settings.headGrads);
  session.backwardAll(list, grads, settings);
}

export interface GradSettings {
  /** One head gradient per head; null for ones. */
  headGrads: HeadGrads;
  /** Keep the graphs; null for where `createGraph` is set. */
  retainGraph: boolean | null;
  /** Record the gradients, so that they can be differentiated. */
  createGraph: boolean;
  /** The mode in which the backward of custom functions runs. */
  trainMode: boolean;
}

const gradDefaults: GradSettings = {
  headGrads: null,
  retainGraph: null,
  createGraph: false,
  trainMode: true,
};

/**
 * The gradients of `heads` by `variables`, as new arrays; `.grad` of the variables stays as it is.
 *
 * @param heads an array or a list of them, results of recorded computations
 * @param variables an array or a list of them, each with `attachGrad`
 * @returns a list with an array for each variable
 * @throws GradientError for a variable without `attachGrad`, or one that the heads do not depend on;
 *   and as `backward`
 * @example
 * ```ts
 * const x = nd.array([2]).attachGrad();
 * const [slope] = autograd.record(() => autograd.grad(x.mul(x).mul(x), x, { createGraph: true }));
 * slope.backward();
 * [slope, x.grad]; // [12.], [12.]
 * ```
 */
export function grad(
  heads: NDArray | readonly NDArray[],
  variables: NDArray | readonly NDArray[],
  options?: Partial<GradSettings>,
): NDArray[] {
  const settings = readOptions("grad", options, gradDefaults);
  const list = arraysOf("grad", "heads", heads);
  const wrt = arraysOf("grad", "variables", variables);
  wrt.forEach((variable, position) => {
    if (variable.leaf !== undefined && variable.leaf.req !== "null") return;
    throw new GradientError({
      op: "grad",
      problem: `variable ${position + 1} does not require a gradient`,
      received: formatType(variable.type),
      allowed: "arrays with attachGrad; for results on the way, autograd.vjp of a function of them",
    });
  });
  const grads = headGradsOf("grad", list, settings.headGrads);
  const { gradients, conclude } = gradientsOf(list, grads, settings);
  const found = wrt.map((variable, position) => {
    const gradient = variable.leaf === undefined ? undefined : gradients.get(variable.leaf);
    if (gradient !== undefined) return gradient;
    throw new GradientError({
      op: "grad",
      problem: `variable ${position + 1} is not reached from the heads`,
      received: formatType(variable.type),
      allowed: "variables that the heads were computed from",
    });
  });
  conclude(settings.retainGraph ?? settings.createGraph);
  return found;
}

/** Gradients by variable, and what follows once all that were asked for are found. */
function gradientsOf(
  heads: readonly NDArray[],
  headGrads: readonly (NDArray | undefined)[],
  settings: GradSettings,
): TracedGradients {
  if (session.tracing !== undefined) return session.tracing.gradients(heads, headGrads, settings);
  const { gradients, passed } = settings.createGraph
    ? recordedGradients(heads, headGrads, settings)
    : plainGradients(heads, headGrads, settings);
  return { gradients, conclude: (retainGraph) => conclude(passed, retainGraph) };
}

function plainGradients(
  heads: readonly NDArray[],
  headGrads: readonly (NDArray | undefined)[],
  { trainMode: training }: GradSettings,
): Reversed<NDArray> {
  const { gradients, passed } = reverse(session, heads, headGrads, training);
  const arrays = [...gradients].map(
    ([leaf, tensor]) => [leaf, session.fromTensor(tensor)] as const,
  );
  return { gradients: new Map(arrays), passed };
}

function recordedGradients(
  heads: readonly NDArray[],
  headGrads: readonly (NDArray | undefined)[],
  { trainMode: training }: GradSettings,
): Reversed<NDArray> {
  const scope = new ModeScope(session.recorder, { recording: true, training });
  return runIn("grad", scope, () => recordGradient(session, heads, headGrads));
}

/**
 * Makes arrays variables with the given gradient buffers, which `backward` then writes to.
 *
 * @param variables an array or a list of them
 * @param gradients an array for each, of its type
 * @param gradReqs `write`, `add` or `null`, for all or as a list
 * @returns nothing
 * @throws ArgumentError for lists of different lengths; ShapeError and DTypeError for a buffer of
 *   another type; AttributeError for an unknown request. Nothing has changed
 * @example
 * ```ts
 * const [x, gradient] = [nd.array([3]), nd.zeros([1])];
 * autograd.markVariables(x, gradient);
 * autograd.record(() => x.mul(x)).backward();
 * gradient; // [6.]
 * ```
 */
export function markVariables(
  variables: NDArray | readonly NDArray[],
  gradients: NDArray | readonly NDArray[],
  gradReqs: GradReq | readonly GradReq[] = "write",
): void {
  const list = arraysOf("markVariables", "variables", variables);
  const buffers = arraysOf("markVariables", "gradients", gradients);
  const reqs = requestsOf(gradReqs, list.length);
  if (buffers.length !== list.length || reqs.length !== list.length) {
    throw new ArgumentError({
      op: "markVariables",
      problem: "lists differ in length",
      received: `${list.length} variables, ${buffers.length} gradients, ${reqs.length} requests`,
    });
  }
  list.forEach((variable, position) => {
    const [buffer, req] = [buffers[position], reqs[position]];
    if (buffer === undefined || req === undefined) return;
    checkBuffer(variable, buffer, req);
  });
  list.forEach((variable, position) => {
    const [buffer, req] = [buffers[position], reqs[position]];
    if (buffer !== undefined && req !== undefined) session.makeLeaf(variable, buffer, req);
  });
}

function requestsOf(given: GradReq | readonly GradReq[], count: number): readonly GradReq[] {
  if (typeof given === "object" && given !== null) return given;
  return new Array<GradReq>(count).fill(given);
}

function checkBuffer(variable: NDArray, buffer: NDArray, req: GradReq): void {
  session.checkRequest("markVariables", req);
  if (equalTypes(variable.type, buffer.type)) return;
  const Complaint = variable.dtype === buffer.dtype ? ShapeError : DTypeError;
  throw new Complaint({
    op: "markVariables",
    problem: "gradient buffer does not fit its variable",
    received: `${formatType(buffer.type)} for ${formatType(variable.type)}`,
    allowed: formatType(variable.type),
  });
}

/** What `checkGradients` compares, and how closely. */
export interface CheckSettings {
  /** Up to which derivative. */
  order: number;
  /** Names of the inputs to differentiate by; null for all of a floating dtype. */
  wrt: readonly string[] | null;
  /** How many random directions are tried per order. */
  directions: number;
  /** Step of the difference quotients. */
  step: number;
  /** Allowed difference, relative to 1 + the size of the numbers compared. */
  tolerance: number;
}

const checkDefaults: CheckSettings = {
  order: 1,
  wrt: null,
  directions: 4,
  step: 1e-3,
  tolerance: 1e-6,
};

/**
 * Compares the derivatives of a function with difference quotients in float64. The function is recorded
 * once, at `args` in double precision: the path that it takes there is what is checked.
 *
 * @param fn takes arrays and gives an array, or several
 * @param args where to compare
 * @returns every comparison made: order, symbolic and numeric derivative
 * @throws GradientError for the first derivative that differs; ArgumentError for anything but a
 *   function and arrays
 * @example
 * ```ts
 * const check = (x) => nd.tanh(x).sum();
 * autograd.checkGradients(check, [nd.array([0.1, -2])], { order: 2 }).length; // 8
 * ```
 */
export function checkGradients(
  fn: (...args: NDArray[]) => NDArray | readonly NDArray[],
  args: readonly NDArray[],
  options?: Partial<CheckSettings>,
): GradientComparison[] {
  session.tracing?.refuse("checkGradients");
  const settings = readOptions("checkGradients", options, checkDefaults);
  if (typeof fn !== "function") {
    throw new ArgumentError({
      op: "checkGradients",
      problem: "fn is not a function",
      received: describe(fn),
      allowed: "a function of arrays",
    });
  }
  const doubles = arraysOf("checkGradients", "args", args).map((arg) => {
    const copy = arg.dtype === "float32" ? arg.astype("float64") : arg.detach();
    return copy.dtype === "float64" ? copy.attachGrad() : copy;
  });
  const heads = arraysOf(
    "checkGradients",
    "result",
    record(() => fn(...doubles)),
  );
  const { trace, plan } = recordedPlan("checkGradients", heads);
  trace.run();
  const inputs = plan.inputs.map((index) => Array.from(trace.values.at(index).data, Number));
  const variables = plan.program.inputs.filter((_, at) => plan.wrt.includes(plan.inputs[at] ?? -1));
  const wrt = settings.wrt ?? variables.map(({ name }) => name);
  return checkGraphGradients(plan.program, graphRunner(), inputs, { ...settings, wrt });
}

/**
 * What the recorder has done so far. Exact, and never reset.
 *
 * @returns `traces` of recorded programs on new paths, `retraces` that left a known one, `plans` made,
 *   `replays` of plans that were there already, `recomputations` of values that no run had been asked for before
 * @example
 * ```ts
 * const { traces } = autograd.counts();
 * const x = nd.ones([2]).attachGrad();
 * for (let time = 0; time < 9; time++) autograd.record(() => x.mul(x).sum()).backward();
 * autograd.counts().traces - traces <= 1; // true
 * ```
 */
export function counts(): Counts {
  return session.counts;
}

function headGradsOf(
  op: string,
  heads: readonly NDArray[],
  given: HeadGrads,
): readonly (NDArray | undefined)[] {
  if (given === null) return heads.map(() => undefined);
  const list: readonly (NDArray | null)[] = given instanceof NDArray ? [given] : given;
  if (!Array.isArray(list) || list.length !== heads.length) {
    throw new ArgumentError({
      op,
      problem: "heads and headGrads differ in length",
      received: `${heads.length} heads, ${Array.isArray(list) ? list.length : describe(list)} head gradients`,
    });
  }
  return list.map((one) => {
    if (one === null || one === undefined) return undefined;
    if (one instanceof NDArray) return one;
    throw new ArgumentError({
      op,
      problem: "head gradient is not an array",
      received: describe(one),
      allowed: "NDArray or null",
    });
  });
}

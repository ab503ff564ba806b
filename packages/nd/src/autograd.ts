import {
  ArgumentError,
  DTypeError,
  formatType,
  type Graph,
  GradientError,
  equalTypes,
  ShapeError,
} from "@adjoint/graph";
import { describe, readOptions } from "@adjoint/ops";
import { type CheckOptions, checkGraphGradients, type GradientComparison } from "@adjoint/autograd";
import { type GradReq, NDArray } from "./array/ndarray.js";
import { conclude, reverse, type Reversed } from "./differentiation/backward.js";
import type { GradientPlan } from "./differentiation/gradientPlan.js";
import { graphRunner } from "./differentiation/graphRunner.js";
import { recordGradient } from "./differentiation/recordGradient.js";
import { ModeScope, runIn } from "./modes.js";
import type { Counts } from "./recording/counts.js";
import { Trace } from "./recording/trace.js";
import { session } from "./session.js";

export { CustomFunction as Function } from "./customFunction.js";

/** Whether operations are being recorded for differentiation. */
export function isRecording(): boolean {
  return session.recorder.recording;
}

/** Whether layers such as Dropout and BatchNorm behave as in training. */
export function isTraining(): boolean {
  return session.recorder.training;
}

/** Turns recording on or off, and gives the mode from before. */
export function setRecording(recording: boolean): boolean {
  return session.recorder.setRecording(recording);
}

/** Turns training mode on or off, and gives the mode from before. */
export function setTraining(training: boolean): boolean {
  const before = session.recorder.training;
  session.recorder.training = training;
  return before;
}

export interface ModeOptions {
  /** Whether layers behave as in training. */
  trainMode: boolean;
}

type Body<R> = () => R;

/** The callback form of a scope if the first argument is a function, else the scope itself. */
function scoped<R>(
  op: string,
  first: Body<R> | Partial<ModeOptions> | undefined,
  second: Partial<ModeOptions> | undefined,
  defaults: ModeOptions,
  recording: boolean | undefined,
): R | ModeScope {
  const given = typeof first === "function" ? second : first;
  const { trainMode } = readOptions(op, given, defaults);
  const change = { training: trainMode, ...(recording === undefined ? {} : { recording }) };
  const scope = new ModeScope(session.recorder, change);
  return typeof first === "function" ? runIn(op, scope, first) : scope;
}

/**
 * Records what is computed on variables, so that `backward` can differentiate it; training mode is on unless
 * `trainMode` is false. With a callback, gives what it returns; without, a scope for `using`.
 *
 * @throws ArgumentError if the callback returns a promise
 * @example
 * ```ts
 * const y = autograd.record(() => nd.dot(x.T, x).mul(2));
 * y.backward();
 * ```
 */
export function record<R>(body: Body<R>, options?: Partial<ModeOptions>): R;
export function record(options?: Partial<ModeOptions>): ModeScope;
export function record<R>(
  first?: Body<R> | Partial<ModeOptions>,
  second?: Partial<ModeOptions>,
): R | ModeScope {
  return scoped("record", first, second, { trainMode: true }, true);
}

/** Stops recording within a recorded scope: results are constants to differentiation. */
export function pause<R>(body: Body<R>, options?: Partial<ModeOptions>): R;
export function pause(options?: Partial<ModeOptions>): ModeScope;
export function pause<R>(
  first?: Body<R> | Partial<ModeOptions>,
  second?: Partial<ModeOptions>,
): R | ModeScope {
  return scoped("pause", first, second, { trainMode: false }, false);
}

/** Training mode, recording or not. */
export function trainMode<R>(body: Body<R>): R;
export function trainMode(): ModeScope;
export function trainMode<R>(body?: Body<R>): R | ModeScope {
  return scoped("trainMode", body, undefined, { trainMode: true }, undefined);
}

/** Prediction mode, recording or not. */
export function predictMode<R>(body: Body<R>): R;
export function predictMode(): ModeScope;
export function predictMode<R>(body?: Body<R>): R | ModeScope {
  return scoped("predictMode", body, undefined, { trainMode: false }, undefined);
}

/** Head gradients: one for a single head, a list for several; null for ones. */
export type HeadGrads = NDArray | readonly (NDArray | null)[] | null;

export interface BackwardSettings {
  headGrads: HeadGrads;
  /** Keep the graphs, so that they can be differentiated again. */
  retainGraph: boolean;
  /** The mode in which the backward of custom functions runs. */
  trainMode: boolean;
}

const backwardDefaults: BackwardSettings = { headGrads: null, retainGraph: false, trainMode: true };

/**
 * Writes the gradient of the sum of `heads`, each times its head gradient, to the variables that they depend on.
 * Variables that are not reached keep the gradient they had.
 *
 * @throws GradientError, ReleasedGraphError, ShapeError, DTypeError, ArgumentError; no gradient has changed then
 * @example
 * ```ts
 * autograd.backward([loss1, loss2], { headGrads: [null, nd.array([0.5])] });
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
  headGrads: HeadGrads;
  /** Default: `createGraph`. */
  retainGraph: boolean | null;
  /** Record the gradients, so that they can be differentiated. */
  createGraph: boolean;
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
 * @throws GradientError for a variable without `attachGrad`, or one that the heads do not depend on
 * @example
 * ```ts
 * const [slope] = autograd.record(() => autograd.grad(x.mul(x).mul(x), x, { createGraph: true }));
 * slope.backward(); // x.grad is 6x
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
      allowed: "arrays with attachGrad",
    });
  });
  const grads = headGradsOf("grad", list, settings.headGrads);
  const { gradients, passed } = settings.createGraph
    ? recordedGradients(list, grads, settings)
    : plainGradients(list, grads, settings);
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
  conclude(passed, settings.retainGraph ?? settings.createGraph);
  return found;
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
 * @throws ArgumentError for lists of different lengths, ShapeError for a buffer of another type
 */
export function markVariables(
  variables: NDArray | readonly NDArray[],
  gradients: NDArray | readonly NDArray[],
  gradReqs: GradReq | readonly GradReq[] = "write",
): void {
  const list = arraysOf("markVariables", "variables", variables);
  const buffers = arraysOf("markVariables", "gradients", gradients);
  const reqs = typeof gradReqs === "string" ? list.map(() => gradReqs) : gradReqs;
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

/** A recorded program and its gradient, as graphs. */
export interface RecordedGraphs {
  readonly forward: Graph;
  readonly backward: Graph;
}

/**
 * The graphs behind recorded arrays: what they were computed from, and the gradient as `backward` would run it. Values
 * of earlier recorded scopes appear as inputs.
 *
 * @throws GradientError if the array was not recorded
 * @example
 * ```ts
 * console.log(toText(autograd.graphOf(y).backward));
 * ```
 */
export function graphOf(heads: NDArray | readonly NDArray[]): RecordedGraphs {
  const { forward, backward: reversed } = recordedPlan(
    "graphOf",
    arraysOf("graphOf", "heads", heads),
  ).plan;
  return { forward, backward: reversed };
}

/** The gradient of arrays that one recorded scope gave. */
function recordedPlan(
  op: string,
  heads: readonly NDArray[],
): { readonly trace: Trace; readonly plan: GradientPlan } {
  const trace = heads[0]?.trace;
  const foreign = heads.some((head) => head.trace !== trace || !head.tracked);
  if (!(trace instanceof Trace) || foreign) {
    throw new GradientError({
      op,
      problem: "array is not the result of a recorded computation on variables",
      received: heads.map(({ type }) => formatType(type)).join(", "),
      allowed: "results of one autograd.record scope",
    });
  }
  const indices = [...new Set(heads.map(({ index }) => index))];
  return { trace, plan: session.gradientPlan(trace.stepOf(Math.max(...indices)), indices) };
}

/**
 * Compares the derivatives of a function with difference quotients in float64, up to `order`. The function is recorded
 * once, at `args` in double precision: the path that it takes there is what is checked.
 *
 * @param fn takes arrays and gives an array, or several
 * @returns every comparison made
 * @throws GradientError for the first derivative that differs
 * @example
 * ```ts
 * autograd.checkGradients((x) => nd.tanh(x).sum(), [nd.array([0.1, -2])], { order: 2 });
 * ```
 */
export function checkGradients(
  fn: (...args: NDArray[]) => NDArray | readonly NDArray[],
  args: readonly NDArray[],
  options: CheckOptions = {},
): GradientComparison[] {
  const doubles = args.map((arg) => {
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
  const inputs = plan.inputs.map((index) => Array.from(trace.numbersAt(index), Number));
  const variables = plan.program.inputs.filter((_, at) => plan.wrt.includes(plan.inputs[at] ?? -1));
  const wrt = options.wrt ?? variables.map(({ name }) => name);
  return checkGraphGradients(plan.program, graphRunner(), inputs, { ...options, wrt });
}

/** What the recorder has done so far: traces, re-traces, plans made, plans run again. */
export function counts(): Counts {
  return session.counts;
}

function arraysOf(
  op: string,
  name: string,
  given: NDArray | readonly NDArray[],
): readonly NDArray[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const arrays = list.filter((one): one is NDArray => one instanceof NDArray);
  if (list.length > 0 && arrays.length === list.length) return arrays;
  const wrong = list.find((one) => !(one instanceof NDArray));
  throw new ArgumentError({
    op,
    problem:
      list.length === 0 ? `${name} is an empty list` : `${name} holds something else than arrays`,
    ...(list.length === 0 ? {} : { received: describe(wrong) }),
    allowed: "an NDArray, or a list of at least one",
  });
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

import { ArgumentError } from "@adjoint/graph";
import { describe, readOptions } from "@adjoint/ops";
import { type ModeChange, ModeScope, runIn } from "./modes.js";
import { session } from "./session.js";

/**
 * Whether operations are being recorded for differentiation.
 *
 * @returns true within `record`, false within `pause` and outside of both
 * @example
 * ```ts
 * autograd.record(() => autograd.isRecording()); // true
 * ```
 */
export function isRecording(): boolean {
  return session.recorder.recording;
}

/**
 * Whether layers such as Dropout and BatchNorm behave as in training.
 *
 * @returns true within `record` and `trainMode`, unless the options or an inner scope say otherwise
 * @example
 * ```ts
 * autograd.trainMode(() => autograd.isTraining()); // true
 * ```
 */
export function isTraining(): boolean {
  return session.recorder.training;
}

/**
 * Turns recording on or off.
 *
 * @param recording whether to record
 * @returns the mode from before
 * @throws ArgumentError for anything but a truth value
 * @example
 * ```ts
 * autograd.setRecording(true); // false
 * autograd.setRecording(false); // true
 * ```
 */
export function setRecording(recording: boolean): boolean {
  checkMode("setRecording", recording);
  return session.recorder.setRecording(recording);
}

/**
 * Turns training mode on or off.
 *
 * @param training whether layers behave as in training
 * @returns the mode from before
 * @throws ArgumentError for anything but a truth value
 * @example
 * ```ts
 * autograd.setTraining(true); // false
 * autograd.setTraining(false); // true
 * ```
 */
export function setTraining(training: boolean): boolean {
  checkMode("setTraining", training);
  const before = session.recorder.training;
  session.recorder.training = training;
  return before;
}

function checkMode(op: string, mode: unknown): void {
  if (typeof mode === "boolean") return;
  throw new ArgumentError({
    op,
    problem: "mode is not a truth value",
    received: describe(mode),
    allowed: "true or false",
  });
}

export interface ModeOptions {
  /** Whether layers behave as in training. */
  trainMode: boolean;
}

type Body<R> = () => R;

/** The options of a scope, which stand behind its callback, or alone. */
function optionsOf(
  first: Body<unknown> | Partial<ModeOptions> | undefined,
  second: Partial<ModeOptions> | undefined,
): Partial<ModeOptions> | undefined {
  return typeof first === "function" ? second : first;
}

/** Runs the callback in the scope if the first argument is one; else gives the scope. */
function scoped<R>(
  op: string,
  first: Body<R> | object | undefined,
  change: ModeChange,
): R | ModeScope {
  const scope = new ModeScope(session.recorder, change);
  return typeof first === "function" ? runIn<R>(op, scope, () => first()) : scope;
}

/**
 * Records what is computed on variables, so that `backward` can differentiate it. Training mode is on
 * unless `trainMode` is false.
 *
 * @param body a callback; without one, options alone make a scope
 * @returns what the callback gives; without one a scope, which ends by `using` or `end()`
 * @throws ArgumentError if the callback returns a promise; AttributeError for an unknown option
 * @edges nested scopes are one program; a scope after the end of another one begins a new program
 * @example
 * ```ts
 * const x = nd.array([1, 2]).attachGrad();
 * const y = autograd.record(() => x.mul(x));
 * y.backward();
 * x.grad; // [2. 4.]
 * ```
 */
export function record<R>(body: Body<R>, options?: Partial<ModeOptions>): R;
export function record(options?: Partial<ModeOptions>): ModeScope;
export function record<R>(
  first?: Body<R> | Partial<ModeOptions>,
  second?: Partial<ModeOptions>,
): R | ModeScope {
  const { trainMode: training } = readOptions<ModeOptions>("record", optionsOf(first, second), {
    trainMode: true,
  });
  return scoped("record", first, { recording: true, training });
}

/**
 * Stops recording within a recorded scope: results are constants to differentiation. Training mode is
 * off unless `trainMode` is true.
 *
 * @param body a callback; without one, options alone make a scope
 * @returns what the callback gives; without one a scope, which ends by `using` or `end()`
 * @throws ArgumentError if the callback returns a promise; AttributeError for an unknown option
 * @example
 * ```ts
 * const x = nd.array([3]).attachGrad();
 * autograd.record(() => x.mul(autograd.pause(() => x.mul(2)))).backward();
 * x.grad; // [6.]
 * ```
 */
export function pause<R>(body: Body<R>, options?: Partial<ModeOptions>): R;
export function pause(options?: Partial<ModeOptions>): ModeScope;
export function pause<R>(
  first?: Body<R> | Partial<ModeOptions>,
  second?: Partial<ModeOptions>,
): R | ModeScope {
  const { trainMode: training } = readOptions<ModeOptions>("pause", optionsOf(first, second), {
    trainMode: false,
  });
  return scoped("pause", first, { recording: false, training });
}

/**
 * Training mode, recording or not.
 *
 * @param body a callback
 * @returns what the callback gives; without one a scope, which ends by `using` or `end()`
 * @throws ArgumentError for anything but a function, or if it returns a promise
 * @example
 * ```ts
 * autograd.trainMode(() => nd.Dropout(nd.ones([4]), { p: 0.4 }));
 * // [1.6666666 1.6666666 0.        0.       ]
 * ```
 */
export function trainMode<R>(body: Body<R>): R;
export function trainMode(): ModeScope;
export function trainMode<R>(body?: Body<R>): R | ModeScope {
  checkBody("trainMode", body);
  return scoped("trainMode", body, { training: true });
}

/**
 * Prediction mode, recording or not.
 *
 * @param body a callback
 * @returns what the callback gives; without one a scope, which ends by `using` or `end()`
 * @throws ArgumentError for anything but a function, or if it returns a promise
 * @example
 * ```ts
 * autograd.record(() => autograd.predictMode(() => nd.Dropout(nd.ones([2])))); // [1. 1.]
 * ```
 */
export function predictMode<R>(body: Body<R>): R;
export function predictMode(): ModeScope;
export function predictMode<R>(body?: Body<R>): R | ModeScope {
  checkBody("predictMode", body);
  return scoped("predictMode", body, { training: false });
}

function checkBody(op: string, body: unknown): void {
  if (body === undefined || typeof body === "function") return;
  throw new ArgumentError({
    op,
    problem: "argument is not a function",
    received: describe(body),
    allowed: "a function, or nothing for a scope",
  });
}

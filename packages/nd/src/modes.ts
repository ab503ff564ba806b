/// <reference lib="esnext.disposable" preserve="true" />
import { ArgumentError } from "@adjoint/graph";
import type { Recorder } from "./recording/recorder.js";

/** What a scope changes; undefined leaves a mode as it is. */
export interface ModeChange {
  readonly recording?: boolean;
  readonly training?: boolean;
}

/**
 * A region of code with other modes, ended by `using` or `end()`.
 *
 * @example
 * ```ts
 * {
 *   using scope = autograd.record();
 *   y = x.mul(x);
 * }
 * ```
 */
export class ModeScope implements Disposable {
  private readonly outer: Required<ModeChange>;
  private readonly records: boolean;
  private active = true;

  constructor(
    private readonly recorder: Recorder,
    { recording, training }: ModeChange,
  ) {
    this.outer = { recording: recorder.recording, training: recorder.training };
    this.records = recording === true;
    if (this.records) recorder.enter();
    if (recording !== undefined) recorder.recording = recording;
    if (training !== undefined) recorder.training = training;
  }

  /** Restores the modes from before; a second call does nothing. */
  end(): void {
    if (!this.active) return;
    this.active = false;
    Object.assign(this.recorder, this.outer);
    if (this.records) this.recorder.leave();
  }

  [Symbol.dispose](): void {
    this.end();
  }
}

/** Runs `body` in a scope. A promise is refused, as the scope would end before what it does. */
export function runIn<R>(op: string, scope: ModeScope, body: () => R): R {
  try {
    const result = body();
    if (isThenable(result)) {
      throw new ArgumentError({
        op,
        problem: "callback returned a promise, but its scope ends when it returns",
        received: "an asynchronous function",
        allowed: "a synchronous callback; await before or after the scope",
      });
    }
    return result;
  } finally {
    scope.end();
  }
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

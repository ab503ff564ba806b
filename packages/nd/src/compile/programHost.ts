import type { NDArray } from "../array/ndarray.js";
import type { Recorder } from "../recording/recorder.js";

/** What compiling a function needs of the session. */
export interface ProgramHost {
  readonly recorder: Recorder;
  randomState: NDArray;
  /** Runs `body` as if no function were being compiled. */
  untraced<R>(body: () => R): R;
}

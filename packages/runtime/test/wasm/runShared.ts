import type { Runtime } from "../../src/index.js";

/**
 * Calls `run` until `runs` more runs were shared with other threads. Workers get a plan's code between
 * turns of the event loop, and until then one thread does all; how soon is up to the machine, so that
 * only the test's time limit ends the wait.
 */
export async function runShared(runtime: Runtime, runs: number, run: () => void): Promise<void> {
  const wanted = runtime.sharedRuns + runs;
  while (runtime.sharedRuns < wanted) {
    run();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

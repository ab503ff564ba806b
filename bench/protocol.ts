import { createInterface } from "node:readline";
import type { Check } from "./check.js";
import type { Shares } from "./results.js";
import type { Timing } from "./timing.js";

/** What a contender says once its first iterations are done. */
export interface Ready {
  readonly check: Check;
  /** From inputs in place to the first gradients, in microseconds: tracing and compilation included. */
  readonly firstIteration: number;
}

/** What a contender process does. */
export interface Contender {
  readonly check: () => Check | Promise<Check>;
  /** Time for one turn of measuring. */
  readonly measure: (milliseconds: number) => Timing | Promise<Timing>;
  /** Where the time of iterations goes. */
  readonly profile?: (milliseconds: number) => Promise<Shares>;
}

/** What it says when it is told to stop. */
export interface Farewell {
  readonly peakRssMiB: number;
}

function say(message: Ready | Timing | Shares | Farewell): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/**
 * The contender's side: one line of JSON once the first iterations are done, one after each `measure MILLISECONDS` or
 * `profile MILLISECONDS` on standard input, and one at `stop`.
 */
export async function serve({ check, measure, profile }: Contender): Promise<void> {
  const start = performance.now();
  const checked = await check();
  say({ check: checked, firstIteration: (performance.now() - start) * 1000 });
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, milliseconds] = line.split(" ");
    if (command === "stop") break;
    const isProfile = command === "profile" && profile !== undefined;
    say(await (isProfile ? profile : measure)(Number(milliseconds)));
  }
  say({ peakRssMiB: process.resourceUsage().maxRSS / 1024 });
  process.exit(0);
}

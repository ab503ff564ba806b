import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { ContenderSpec } from "./contenders.js";
import type { Farewell, Ready } from "./protocol.js";
import type { Shares } from "./results.js";
import type { Timing } from "./timing.js";
import type { WorkloadName } from "./workloads/index.js";

/** The last processor that this process may use; undefined where the system does not say. */
function lastProcessor(): string | undefined {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return /^Cpus_allowed_list:.*?(\d+)$/m.exec(status)?.[1];
  } catch {
    return undefined;
  }
}

const processor = lastProcessor();

/** Whether contenders of one thread keep to one processor. */
export const isPinned = processor !== undefined;

/** One contender at work on one workload, in a process of its own that sits idle between its turns. */
export class ContenderProcess {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private complaints = "";

  constructor(spec: ContenderSpec, workload: WorkloadName) {
    const pinned = spec.threads === 1 && processor !== undefined;
    const command = [...(pinned ? ["taskset", "-c", processor] : []), ...spec.command(workload)];
    const [program = "", ...args] = command;
    this.child = spawn(program, args, { env: { ...process.env, ...spec.environment } });
    this.child.on("error", (error) => {
      this.complaints += error.message;
    });
    this.child.stdin?.on("error", () => {
      // A contender that failed no longer reads; its answer is missing, which is what is reported.
    });
    this.child.stderr?.on("data", (text) => {
      this.complaints = `${this.complaints}${text}`.slice(-10_000);
    });
    if (this.child.stdout === null) throw new Error("no output to read");
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** What it says once its first iterations are done. */
  ready(seconds: number): Promise<Ready & { readonly version?: string }> {
    return this.answer(seconds);
  }

  /** One turn. */
  measure(milliseconds: number, seconds: number): Promise<Timing> {
    this.child.stdin?.write(`measure ${milliseconds}\n`);
    return this.answer(seconds);
  }

  /** Where the time of iterations goes, for contenders that say so. */
  profile(milliseconds: number, seconds: number): Promise<Shares> {
    this.child.stdin?.write(`profile ${milliseconds}\n`);
    return this.answer(seconds);
  }

  /** The end; its process goes. */
  stop(seconds: number): Promise<Farewell> {
    this.child.stdin?.write("stop\n");
    return this.answer(seconds);
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  /** The next line of JSON. Libraries print other lines, which do not count. */
  private async answer<T>(seconds: number): Promise<T> {
    const isLate = new Promise<never>((_, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no answer in ${seconds} s`)),
        seconds * 1000,
      );
      timer.unref();
    });
    const next = async (): Promise<T> => {
      const { value, done } = await this.lines.next();
      if (done === true) throw new Error(lastWords(this.complaints));
      return value.startsWith("{") ? JSON.parse(value) : next();
    };
    return Promise.race([next(), isLate]);
  }
}

/** The line of a traceback that says what went wrong. */
function lastWords(complaints: string): string {
  const lines = complaints.split("\n").filter((line) => line.trim() !== "");
  return (lines.filter((line) => /error/i.test(line)).at(-1) ?? lines.at(-1) ?? "ended").slice(
    0,
    200,
  );
}

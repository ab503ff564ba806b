import { maySleep, startWorker } from "#engine";
import type { WorkerHandle } from "../platform/workerHandle.js";
import type { KernelLibraries } from "../wasm/kernelLibraries.js";
import { controlBytes, controlWords, readyWord } from "./controlBlock.js";
import { type ImportedFunction, workerSource } from "./workerSource.js";

/**
 * Threads that run one plan together: this one, and workers over the same memory. All run the same
 * steps, each its own parts, and meet at barriers; so a plan wakes the workers once. They end with
 * the process, and do not keep it alive.
 */
export class Team {
  /** Address of the control block. */
  readonly control: number;
  readonly maySleep = maySleep;
  private readonly words: Int32Array;
  private readonly workers: readonly WorkerHandle[];
  private readonly told = new Set<string>();
  private plans = 0;
  private readonly unused = new FinalizationRegistry<number>((plan) => {
    this.tell({ kind: "drop", plan });
  });

  private constructor(
    private readonly libraries: KernelLibraries,
    workers: readonly WorkerHandle[],
    table: number,
  ) {
    const { memory, reserve } = libraries.host;
    this.control = reserve(controlBytes);
    this.words = new Int32Array(memory.buffer, this.control, controlBytes / 4);
    this.workers = workers;
    for (const [position, worker] of workers.entries()) {
      const { control } = this;
      worker.post({ kind: "begin", memory, control, table, thread: position + 1 });
    }
    Atomics.add(this.words, controlWords.mail, 1);
  }

  /** Starts `threads - 1` workers; undefined where the platform has none. */
  static start(libraries: KernelLibraries, threads: number, table: number): Team | undefined {
    const workers: WorkerHandle[] = [];
    for (let thread = 1; thread < threads; thread++) {
      const worker = startWorker(workerSource);
      if (worker === undefined) return undefined;
      workers.push(worker);
    }
    return new Team(libraries, workers, table);
  }

  get threads(): number {
    return this.workers.length + 1;
  }

  /** Sends a plan's module to the workers, and gives its number. `owner`: whose end is its end. */
  add(owner: object, module: WebAssembly.Module, imports: readonly ImportedFunction[]): number {
    for (const { name, module: library, imports: wanted } of this.libraries.modules()) {
      if (this.told.has(name)) continue;
      this.told.add(name);
      const list = Object.entries(wanted).map(([as, from]) => ({ as, ...from }));
      this.tell({ kind: "library", name, module: library, imports: list });
    }
    this.plans++;
    this.tell({ kind: "plan", plan: this.plans, module, imports });
    this.unused.register(owner, this.plans);
    return this.plans;
  }

  /** Whether all workers have a plan. Messages reach them while this thread goes on. */
  has(plan: number): boolean {
    return this.workers.every(
      (_, position) => Atomics.load(this.words, readyWord(position + 1)) >= plan,
    );
  }

  /** Sets the workers going on a list of a plan; this thread must run its own part next. */
  begin(plan: number, list: number): void {
    const { words } = this;
    words[controlWords.plan] = plan;
    words[controlWords.list] = list;
    Atomics.add(words, controlWords.epoch, 1);
    this.wake();
  }

  stop(): void {
    for (const worker of this.workers) worker.stop();
  }

  private tell(message: object): void {
    for (const worker of this.workers) worker.post(message);
    Atomics.add(this.words, controlWords.mail, 1);
    this.wake();
  }

  private wake(): void {
    if (Atomics.load(this.words, controlWords.sleepers) > 0) {
      Atomics.notify(this.words, controlWords.epoch);
    }
  }
}

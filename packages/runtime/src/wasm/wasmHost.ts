import { pageBytes } from "../heap/createMemory.js";
import { type Arena, Heap, type HeapOptions } from "../heap/index.js";
import { Team } from "../threads/team.js";
import type { ImportedFunction } from "../threads/workerSource.js";
import type { MemoryType } from "./assembler/index.js";
import { KernelLibraries } from "./kernelLibraries.js";
import {
  type BarrierOptions,
  emitPlan,
  type ModuleContext,
  type NamedList,
  type PlanModule,
} from "./plan/emitPlan.js";
import { chooseEngine } from "./revectorizer.js";

/** Room for the addresses of a run. */
const tableBytes = 1 << 17;

/** A plan's module, ready to run in this thread and to be sent to others. */
export interface LinkedPlan {
  readonly module: WebAssembly.Module;
  readonly exports: WebAssembly.Exports;
  readonly imported: readonly ImportedFunction[];
}

export interface HostOptions extends HeapOptions {
  /**
   * Tries V8's revectorizer, an experiment that comes with Node 24 and sets a flag for the whole
   * process: it is used where a self-test finds it right and faster (up to twice for products and
   * convolutions). False by default.
   */
  readonly revectorize?: boolean;
}

/** What generated code needs: memory, libraries of kernels, and a table of addresses. */
export class WasmHost {
  readonly heap: Heap;
  readonly libraries: KernelLibraries;
  /** Address of the table. */
  readonly table: number;
  team: Team | undefined;
  /** Jobs that a team has run so far. */
  sharedRuns = 0;
  private view: Int32Array;
  /** Held, since the collector gives the memory of unused arenas back. */
  private readonly reserved: Arena[] = [];

  constructor(options: HostOptions = {}) {
    const heap = new Heap(options);
    this.heap = heap;
    this.libraries = new KernelLibraries({
      memory: heap.memory,
      memoryType: {
        initial: 1,
        maximum: Math.floor(heap.maximumBytes / pageBytes),
        shared: heap.shared,
      },
      engine: chooseEngine(options),
      reserve: (bytes) => this.reserve(bytes),
    });
    this.table = this.reserve(tableBytes);
    this.view = new Int32Array(heap.buffer);
  }

  /** Plans run by so many threads from now on, where they are worth it. */
  setThreads(threads: number): void {
    if ((this.team?.threads ?? 1) === threads) return;
    this.team?.stop();
    this.team = undefined;
    if (threads > 1 && this.heap.shared) {
      this.team = Team.start(this.libraries, threads, this.table);
    }
  }

  /** Compiles lists of calls to a module, and connects it with the memory and the libraries. */
  link(lists: readonly NamedList[], barriers?: BarrierOptions): LinkedPlan {
    return this.connect((memory, context) => emitPlan(lists, memory, context, barriers));
  }

  /** Compiles what `emit` writes, and connects it with the memory and the libraries. */
  connect(emit: (memory: MemoryType, context: ModuleContext) => PlanModule): LinkedPlan {
    const { libraries } = this;
    const { memoryType, engine } = libraries.host;
    const { bytes, imports } = emit(memoryType, {
      constants: libraries.constants,
      features: engine.features,
      revectorizes: engine.revectorizes,
      refusals: () => libraries.refusals,
    });
    const env: Record<string, WebAssembly.ImportValue> = { memory: this.heap.memory };
    for (const [name, { run }] of imports) env[name] = run;
    const module = new WebAssembly.Module(bytes);
    const { exports } = new WebAssembly.Instance(module, { env });
    const imported = [...imports].map(([as, { library, name }]) => ({ as, library, name }));
    return { module, exports, imported };
  }

  /** The heap as 32-bit words. */
  get words(): Int32Array {
    if (this.view.buffer !== this.heap.buffer) this.view = new Int32Array(this.heap.buffer);
    return this.view;
  }

  /** Zeroed memory for good. */
  private reserve(bytes: number): number {
    const arena = this.heap.allocate(bytes, "reserve");
    arena.pin();
    this.reserved.push(arena);
    new Uint8Array(this.heap.buffer, arena.address, bytes).fill(0);
    return arena.address;
  }
}

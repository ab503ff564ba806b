import { ArgumentError, type Graph, type Registry } from "@adjoint/graph";
import type { Heap, HeapStatistics } from "./heap/index.js";
import { type Plan, type PlanOptions, plan, type RunOptions } from "./plan/plan.js";
import type { ProgramStretch } from "./plan/programTree.js";
import { compileCost, interpretCost } from "./plan/runCosts.js";
import type { Tensor } from "./tensor.js";
import { workerLimit } from "./threads/controlBlock.js";
import { WasmPlan } from "./wasm/plan/wasmPlan.js";
import { TreePlan } from "./wasm/tree/treePlan.js";
import { type HostOptions, WasmHost } from "./wasm/wasmHost.js";

export interface RuntimeOptions extends HostOptions {
  /**
   * `tiered` (default): programs are interpreted until generated code pays. `compiled`: code from
   * the first run on. `interpreted`: never.
   */
  readonly mode?: RuntimeMode;
}

export type RuntimeMode = "tiered" | "compiled" | "interpreted";

/** Code of a stretch costs some 150 µs, and saves about 0.3 µs at each run of it. */
const runsPerStretch = 500;

/**
 * Runs plans in one memory of its own, by the interpreter and by generated WebAssembly. Nothing is
 * allocated or compiled before a program needs it.
 *
 * @example
 * ```ts
 * const runtime = new Runtime();
 * const [y] = runtime.plan(graph, registry).run([tensorOf([1, 2], "float32")]);
 * ```
 */
export class Runtime {
  /** How plans run from now on; those that are compiled already stay so. */
  mode: RuntimeMode;
  /** Plans for which code was generated so far, those of joined paths included. Exact, never reset. */
  compiledPlans = 0;
  private wasm: WasmHost | undefined;
  private threads = 1;

  constructor(private options: RuntimeOptions = {}) {
    this.mode = options.mode ?? "tiered";
  }

  /** Where compiled plans keep arrays. */
  get heap(): Heap {
    return this.host.heap;
  }

  /**
   * How many threads compiled plans use from now on, where steps are large enough to be divided. The
   * results have the same bits for any number. Workers start now, end with the process, and do not
   * keep it alive; where the platform has none, or no shared memory, this changes nothing.
   */
  setThreads(threads: number): void {
    this.threads = checkThreads(threads);
    this.wasm?.setThreads(threads);
  }

  /**
   * Tries V8's revectorizer, as the option `revectorize` does, and says whether code uses it. Throws an
   * ArgumentError where code was generated without it already.
   */
  revectorize(): boolean {
    if (this.wasm === undefined) this.options = { ...this.options, revectorize: true };
    if (this.options.revectorize === true) return this.host.libraries.host.engine.revectorizes;
    throw new ArgumentError({
      op: "revectorize",
      problem: "programs run without it already",
      received: `a runtime with ${this.compiledPlans} compiled programs`,
      allowed: "a call before arrays and programs are used",
    });
  }

  private get host(): WasmHost {
    if (this.wasm === undefined) {
      this.wasm = new WasmHost(this.options);
      this.wasm.setThreads(this.threads);
    }
    return this.wasm;
  }

  /** How often several threads have run a list of steps together. Exact, never reset. */
  get sharedRuns(): number {
    return this.wasm?.sharedRuns ?? 0;
  }

  /** What the heap holds; undefined before a program has needed it. */
  get heapStatistics(): HeapStatistics | undefined {
    return this.wasm?.heap.statistics;
  }

  /**
   * The same numbers where compiled plans read them in place; the tensor itself before a plan was
   * compiled. Throws an OutOfMemoryError where there is no room.
   */
  settle(tensor: Tensor): Tensor {
    return this.wasm === undefined ? tensor : this.wasm.heap.settle(tensor);
  }

  /** A plan that is run as the runtime's mode says. Throws as `plan` does. */
  plan(graph: Graph, registry: Registry, options: PlanOptions = {}): Plan {
    const interpret = () => plan(graph, registry, options);
    const compile = () => this.compile(graph, registry, options);
    return this.mode === "compiled" ? compile() : new TieredPlan(this, interpret(), compile);
  }

  /** A plan as generated code. `stepwise`: its steps can be timed one by one. */
  compile(graph: Graph, registry: Registry, options: PlanOptions, stepwise = false): WasmPlan {
    const { keep = "outputs", donate = [], reuse = false } = options;
    const { lower = (body: Graph) => body } = options;
    const planBody = (body: Graph) => this.plan(lower(body), registry, { lower });
    this.compiledPlans++;
    const settings = { keep, donate, reuse, stepwise, lower, context: { planBody } };
    return new WasmPlan(graph, registry, settings, this.host);
  }

  /**
   * A program that forks as one piece of generated code, so that a run along known paths is one call. Undefined where
   * that gains nothing: see `compileTree`.
   */
  planTree(
    stretches: readonly ProgramStretch[],
    registry: Registry,
    { lower = (body: Graph) => body }: Pick<PlanOptions, "lower">,
  ): TreePlan | undefined {
    const { libraries } = this.host;
    const planBody = (body: Graph) => this.plan(lower(body), registry, { lower });
    const settings = { libraries, context: { planBody }, lower };
    const tree = TreePlan.of(stretches, registry, settings, this.host);
    if (tree !== undefined) this.compiledPlans++;
    return tree;
  }

  /**
   * Runs of stretches after which code for a tree of `stretches` has paid: Infinity where it is never to be made, 0
   * where it is wanted at once.
   */
  runsBeforeTree(stretches: number): number {
    switch (this.mode) {
      case "interpreted":
        return Number.POSITIVE_INFINITY;
      case "compiled":
        return 0;
      case "tiered":
        return stretches * runsPerStretch;
      default:
        return this.mode satisfies never;
    }
  }
}

function checkThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= workerLimit + 1) return threads;
  throw new ArgumentError({
    op: "setThreads",
    problem: "number of threads is out of range",
    received: String(threads),
    allowed: `whole numbers from 1 to ${workerLimit + 1}`,
  });
}

/**
 * Interprets a plan until its runs have cost about as much as compiling it; so no program is much
 * slower than with the better of the two.
 */
class TieredPlan implements Plan {
  private current: Plan;
  private readonly costOfRun: number;
  private credit: number;

  constructor(
    private readonly runtime: Runtime,
    interpreted: ReturnType<typeof plan>,
    private readonly compile: () => Plan,
  ) {
    this.current = interpreted;
    this.costOfRun = interpretCost(interpreted);
    this.credit = compileCost(interpreted);
  }

  get graph(): Graph {
    return this.current.graph;
  }

  get results(): Plan["results"] {
    return this.current.results;
  }

  run(inputs: readonly Tensor[], options?: RunOptions): Tensor[] {
    if (this.credit > 0 && this.runtime.mode !== "interpreted") {
      this.credit -= this.runtime.mode === "compiled" ? this.credit : this.costOfRun;
      if (this.credit <= 0) this.current = this.compile();
    }
    return this.current.run(inputs, options);
  }

  release(): void {
    this.current.release();
  }
}

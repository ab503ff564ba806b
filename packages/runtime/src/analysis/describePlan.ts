import {
  type Graph,
  lower,
  type Node,
  type NodeId,
  nodesOf,
  type Pass,
  type Registry,
  runPasses,
} from "@adjoint/graph";
import { type GraphInputs, inputList } from "../plan/inputList.js";
import type { RunOptions } from "../plan/plan.js";
import type { PlanDescription } from "../plan/planDescription.js";
import { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import type { WasmPlan } from "../wasm/plan/wasmPlan.js";
import { loweredGraph } from "./nodeGraph.js";

export interface DescribePlanOptions {
  /** Whose threads and engine count. Default: a new one, with one thread. */
  readonly runtime?: Runtime | undefined;
  /** What the graph goes through before it is planned. Default: composites are expanded. */
  readonly passes?: readonly Pass[] | undefined;
}

export interface ProfilePlanOptions extends DescribePlanOptions, RunOptions {
  /** About how long it may run, in milliseconds; engines improve code that runs often. Default 200. */
  readonly milliseconds?: number | undefined;
}

/** A graph ready to be planned, and the row of the graph before that each of its nodes is a part of. */
interface Prepared {
  readonly graph: Graph;
  readonly rowOf: ReadonlyMap<NodeId, NodeId>;
}

/** Every node is its own origin at first: what it becomes keeps that. */
function prepare(
  graph: Graph,
  registry: Registry,
  { passes = [lower] }: DescribePlanOptions,
): Prepared {
  const marked: Record<NodeId, Node> = {};
  for (const node of nodesOf(graph)) marked[node.id] = { ...node, origin: node.id };
  const planned = runPasses({ ...graph, nodes: marked }, passes, { registry }).graph;
  const rowOf = new Map(nodesOf(planned).map(({ id, origin }) => [id, origin ?? id]));
  const nodes: Record<NodeId, Node> = {};
  for (const node of nodesOf(planned)) {
    nodes[node.id] = { ...node, origin: graph.nodes[node.origin ?? node.id]?.origin };
  }
  return { graph: { ...planned, nodes }, rowOf };
}

function compile(graph: Graph, registry: Registry, runtime: Runtime, stepwise: boolean): WasmPlan {
  const lowered = (body: Graph) => loweredGraph(body, registry);
  return runtime.compile(graph, registry, { lower: lowered }, stepwise);
}

/**
 * How a graph runs once it is compiled: its steps with the nodes that are fused in each, the kernels
 * chosen, which arrays are where in the arena from which step to which, which are written over
 * another, and how far the arena is from the least that it could be. Plain data; nothing runs.
 *
 * @throws what `Runtime.plan` throws
 * @example
 * ```ts
 * console.log(formatPlan(describePlan(graph, registry)));
 * ```
 */
export function describePlan(
  graph: Graph,
  registry: Registry,
  options: DescribePlanOptions = {},
): PlanDescription {
  const { graph: planned, rowOf } = prepare(graph, registry, options);
  const runtime = options.runtime ?? new Runtime();
  return compile(planned, registry, runtime, false).describe(rowOf);
}

/** The numbers of the inputs that passes have left, of those of the graph before. */
function inputsOf(planned: Graph, graph: Graph, inputs: readonly Tensor[]): Tensor[] {
  const read = ({ role }: Graph["inputs"][number]) => role !== "const";
  const byId = new Map(graph.inputs.filter(read).map(({ id }, at) => [id, inputs[at]]));
  return planned.inputs.filter(read).flatMap(({ id }) => byId.get(id) ?? []);
}

/** What the clock itself takes between two looks at it. */
function clockCost(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 200; time++) {
    const start = performance.now();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

const fewestRuns = 5;
const mostRuns = 2000;

/** Calls `run` again and again for about that time. */
function repeat(milliseconds: number, run: () => void): void {
  const end = performance.now() + milliseconds;
  for (let time = 0; time < mostRuns; time++) {
    if (time >= fewestRuns && performance.now() > end) return;
    run();
  }
}

function fastestSteps(
  plan: WasmPlan,
  inputs: readonly Tensor[],
  count: number,
  { milliseconds = 200, ...options }: ProfilePlanOptions,
): Float64Array {
  const clock = new Float64Array(count);
  const fastest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  repeat(milliseconds / 2, () => {
    plan.runTimed(inputs, clock, options);
    clock.forEach((time, step) => {
      fastest[step] = Math.min(fastest[step] ?? time, time);
    });
  });
  return fastest;
}

function fastestRun(
  plan: WasmPlan,
  inputs: readonly Tensor[],
  { milliseconds = 200, ...options }: ProfilePlanOptions,
): number {
  let fastest = Number.POSITIVE_INFINITY;
  repeat(milliseconds / 2, () => {
    const start = performance.now();
    plan.runUnread(inputs, options);
    fastest = Math.min(fastest, performance.now() - start);
  });
  return fastest;
}

/**
 * `describePlan` with the time of each step. The plan is compiled once more with a boundary after each
 * step, the same code over the same memory, and its steps are timed one by one while it runs; a step that
 * threads share is timed as a job of its own. `milliseconds` of the whole is that of ordinary runs, with
 * the allocation of results. `inputs` as `execute` takes them.
 *
 * @throws what `Runtime.plan` and `Plan.run` throw
 * @example
 * ```ts
 * const { steps } = profilePlan(graph, inputs, registry);
 * steps.map(({ milliseconds }) => milliseconds);
 * ```
 */
export function profilePlan(
  graph: Graph,
  inputs: GraphInputs,
  registry: Registry,
  options: ProfilePlanOptions = {},
): PlanDescription {
  const { graph: planned, rowOf } = prepare(graph, registry, options);
  const runtime = options.runtime ?? new Runtime();
  const whole = compile(planned, registry, runtime, false);
  const stepwise = compile(planned, registry, runtime, true);
  const given = inputsOf(planned, graph, inputList(graph, inputs));
  const resident = given.map((tensor) => runtime.heap.place(tensor));
  const plan = whole.describe(rowOf);
  const times = fastestSteps(stepwise, resident, plan.steps.length, options);
  const clock = clockCost();
  const steps = plan.steps.map((step, index) => ({
    ...step,
    milliseconds: Math.max(0, (times[index] ?? 0) - clock),
  }));
  return {
    ...plan,
    steps,
    milliseconds: Math.max(0, fastestRun(whole, resident, options) - clock),
  };
}

import {
  decodeConstant,
  type Graph,
  type Ref,
  type Registry,
  type TensorType,
  type TypedArray,
} from "@adjoint/graph";
import { prepareKernel } from "../kernels/prepareKernel.js";
import type { Execute, HostFunctions, PlanContext } from "../kernels/prepare.js";
import { Engines } from "../random/engines.js";
import { createTensor, type Tensor } from "../tensor.js";
import { checkInputs } from "./checkInputs.js";
import { layOut, liveBytesBound, type Slot } from "./arena.js";
import { Frame } from "./frame.js";
import { type Buffer, lifetimesOf, schedule, type Schedule, type Step } from "./schedule.js";

/** An argument whose memory a result may have: positions among inputs and results. */
export interface Donation {
  readonly input: number;
  readonly output: number;
}

export interface PlanOptions {
  /**
   * `all`: every value of every node gets its own array and is returned after the outputs. Default
   * `outputs`.
   */
  readonly keep?: "outputs" | "all";
  /**
   * Arguments that are not needed after a run, whose memory a result of the same size may take
   * over. A plan is free not to; the interpreter never does. Where it does, the result is over the
   * argument's memory, and the argument's numbers are lost.
   */
  readonly donate?: readonly Donation[];
  /**
   * Whether a run may write over the results of the run before, which nobody reads any more. A plan is
   * free not to; the interpreter never does. Default false.
   */
  readonly reuse?: boolean;
  /**
   * Expands composite operators in the bodies of `call` kernels. Default: bodies must be free of
   * them.
   */
  readonly lower?: (graph: Graph) => Graph;
}

export interface RunOptions {
  /** What `call` kernels of form `host` run. */
  readonly hosts?: HostFunctions;
  /**
   * Where random number engines are kept between runs; results do not depend on it. Default: the
   * plan's own.
   */
  readonly engines?: Engines;
}

/** A graph made ready to run. */
export interface Plan {
  readonly graph: Graph;
  /**
   * What `run` returns, in order: the graph's outputs, with `keep: "all"` every other value after
   * them.
   */
  readonly results: readonly { readonly ref: Ref; readonly type: TensorType }[];
  /**
   * Computes the results, in fresh arrays unless it may reuse those of the run before. `inputs` are those of the graph but for its constants,
   * in order; they are read in place. Throws a ShapeError or DTypeError naming the input that does
   * not fit.
   */
  run(inputs: readonly Tensor[], options?: RunOptions): Tensor[];
  /**
   * Gives back the memory that it holds between runs, for owners who are not going to run it soon. A
   * later run takes it again.
   */
  release(): void;
}

/** A plan that the interpreter runs: its kernels in order, and a place for every value. */
export interface InterpretedPlan extends Plan {
  readonly steps: readonly Step[];
  /** What steps read and write, by number. */
  readonly buffers: readonly Buffer[];
  /** Temporaries in the arena, in order of their first step. */
  readonly slots: readonly Slot[];
  readonly arenaBytes: number;
  /** The most bytes of temporaries alive at one step. */
  readonly liveBytesBound: number;
}

/**
 * Plans a graph of primitive operators. Throws a GraphError where a composite is left, a DTypeError
 * where a kernel can't calculate with a dtype.
 *
 * @example
 * ```ts
 * const [y] = plan(graph, registry).run([tensorOf([1, 2], "float32")]);
 * ```
 */
export function plan(graph: Graph, registry: Registry, options: PlanOptions = {}): InterpretedPlan {
  const { keep = "outputs", lower = (body: Graph) => body } = options;
  const planBody = (body: Graph) => plan(lower(body), registry, { lower });
  return new GraphPlan(graph, schedule(graph, registry, keep === "all"), { planBody });
}

const noHosts: HostFunctions = new Map();

class GraphPlan implements InterpretedPlan {
  readonly steps: readonly Step[];
  readonly buffers: readonly Buffer[];
  readonly slots: readonly Slot[];
  readonly arenaBytes: number;
  readonly liveBytesBound: number;
  readonly results: Plan["results"];
  private readonly kernels: readonly (Execute | undefined)[];
  private readonly constants: ReadonlyMap<number, TypedArray>;
  private readonly engines = new Engines();
  /**
   * The frame to be used by the next run; taken away while a run goes on, so that a nested one
   * makes its own.
   */
  private idle: Frame | undefined;

  constructor(
    readonly graph: Graph,
    private readonly schedule: Schedule,
    context: PlanContext,
  ) {
    const lifetimes = lifetimesOf(schedule);
    const layout = layOut(lifetimes);
    this.steps = schedule.steps;
    this.buffers = schedule.buffers;
    this.slots = layout.slots;
    this.arenaBytes = layout.bytes;
    this.liveBytesBound = liveBytesBound(lifetimes);
    this.results = schedule.results;
    this.kernels = schedule.steps.map((step) => prepareStep(step, context));
    this.constants = decodeConstants(schedule);
  }

  run(inputs: readonly Tensor[], options?: RunOptions): Tensor[] {
    checkInputs(this.graph.name, this.schedule.inputs, inputs);
    const frame = this.idle ?? this.newFrame();
    this.idle = undefined;
    try {
      const { scratch } = frame;
      const hosts = options?.hosts ?? noHosts;
      const engines = options?.engines ?? this.engines;
      const results = this.results.map(({ type }) => createTensor(type));
      frame.run(inputs, results, { hosts, engines, scratch });
      return results;
    } finally {
      frame.empty();
      this.idle = frame;
    }
  }

  release(): void {
    this.idle = undefined;
  }

  private newFrame(): Frame {
    const memory = { slots: this.slots, bytes: this.arenaBytes };
    return new Frame(this.schedule, this.kernels, this.constants, memory);
  }
}

function prepareStep(step: Step, context: PlanContext): Execute | undefined {
  if (step.alias) return undefined;
  const ins = step.ins.map(({ type }) => type);
  const outs = step.outs.map(({ type }) => type);
  return prepareKernel(step.kernel, { op: step.op, ins, outs, site: step.site }, context);
}

function decodeConstants({ buffers }: Schedule): Map<number, TypedArray> {
  const constants = new Map<number, TypedArray>();
  for (const [index, buffer] of buffers.entries()) {
    if (buffer.kind === "constant") constants.set(index, decodeConstant(buffer.constant));
  }
  return constants;
}

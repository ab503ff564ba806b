import {
  decodeConstant,
  type Graph,
  type Ref,
  type Registry,
  sizeOf,
  type TensorType,
  type TypedArray,
} from "@adjoint/graph";
import { prepareKernel } from "../kernels/prepareKernel.js";
import {
  at,
  type Execute,
  type HostFunctions,
  type PlanContext,
  type RunContext,
} from "../kernels/prepare.js";
import { Engines } from "../random/engines.js";
import { Scratch } from "../scratch.js";
import { cellsOf } from "../storage.js";
import { allocate, arrayOver, type Tensor } from "../tensor.js";
import { checkInputs } from "./checkInputs.js";
import { layOut, liveBytesBound, type Slot } from "./arena.js";
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
   * Computes the results, in fresh arrays. `inputs` are those of the graph but for its constants,
   * in order; they are read in place. Throws a ShapeError or DTypeError naming the input that does
   * not fit.
   */
  run(inputs: readonly Tensor[], options?: RunOptions): Tensor[];
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

/** The arrays of one run: one per buffer, those of inputs and results only while it lasts. */
interface Frame {
  readonly arrays: TypedArray[];
  readonly scratch: Scratch;
}

const nothing = new Uint8Array(0);

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

  run(inputs: readonly Tensor[], options: RunOptions = {}): Tensor[] {
    checkInputs(this.graph.name, this.schedule.inputs, inputs);
    const frame = this.idle ?? this.newFrame();
    this.idle = undefined;
    try {
      const { hosts = new Map(), engines = this.engines } = options;
      const results = this.fill(frame, inputs);
      this.execute(frame, { hosts, engines, scratch: frame.scratch });
      this.copyResults(frame, results);
      return results;
    } finally {
      this.empty(frame);
      this.idle = frame;
    }
  }

  private newFrame(): Frame {
    const arena = new ArrayBuffer(this.arenaBytes);
    const arrays: TypedArray[] = [];
    let slot = 0;
    for (const [index, buffer] of this.schedule.buffers.entries()) {
      if (buffer.kind === "temporary") {
        const { dtype, shape } = buffer.type;
        arrays.push(arrayOver(arena, dtype, at(this.slots, slot++).offset, sizeOf(shape)));
      } else {
        arrays.push(this.constants.get(index) ?? nothing);
      }
    }
    return { arrays, scratch: new Scratch() };
  }

  /** Puts the inputs and fresh arrays for the results into the frame. */
  private fill({ arrays }: Frame, inputs: readonly Tensor[]): Tensor[] {
    const results = this.results.map(({ type }) => ({
      type,
      data: allocate(type.dtype, sizeOf(type.shape)),
    }));
    for (const [index, buffer] of this.schedule.buffers.entries()) {
      if (buffer.kind === "input") arrays[index] = at(inputs, buffer.input).data;
      if (buffer.kind === "result") arrays[index] = at(results, buffer.result).data;
    }
    return results;
  }

  private execute({ arrays }: Frame, context: RunContext): void {
    for (const [index, step] of this.steps.entries()) {
      const kernel = this.kernels[index];
      if (kernel === undefined) continue;
      const ins = step.ins.map(({ buffer }) => at(arrays, buffer));
      const outs = step.outs.map(({ buffer }) => at(arrays, buffer));
      kernel(ins, outs, context);
    }
  }

  private copyResults({ arrays }: Frame, results: readonly Tensor[]): void {
    for (const { from, result } of this.schedule.copies) {
      const source = cellsOf(at(arrays, from.buffer));
      cellsOf(at(results, result).data).cells.set(source.cells);
    }
  }

  /** Lets go of what belongs to the caller. */
  private empty({ arrays }: Frame): void {
    for (const [index, { kind }] of this.schedule.buffers.entries()) {
      if (kind === "input" || kind === "result") arrays[index] = nothing;
    }
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

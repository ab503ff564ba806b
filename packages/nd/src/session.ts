import {
  ArgumentError,
  AttributeError,
  type Attrs,
  DTypeError,
  formatType,
  type Graph,
  isFloat,
  type OpDef,
  type Shape,
  type TypedArray,
  tensorType,
} from "@adjoint/graph";
import { describe, fill, first, fronts, readOptions, registry } from "@adjoint/ops";
import {
  createTensor,
  initialRandomState,
  type Plan,
  type ProgramStretch,
  Runtime,
  type Tensor,
  type TreePlan,
} from "@adjoint/runtime";
import { fitted } from "./array/fitted.js";
import type { IndexKey } from "./array/indexKey.js";
import { type ArrayHost, type BackwardOptions, type GradReq, NDArray } from "./array/ndarray.js";
import { select } from "./array/select.js";
import { positionsOf, runStart, selectionOf } from "./array/selection.js";
import { TypeOnly } from "./array/typeOnly.js";
import type { PlanMemory } from "./compile/planProgram.js";
import type { Tracing } from "./compile/tracing.js";
import type { BodyTracer } from "./control/bodyTracer.js";
import { conclude, reverse, writeGradients } from "./differentiation/backward.js";
import { partialWrite, writeWhileRecording } from "./differentiation/complaints.js";
import { type GradientPlan, planGradient } from "./differentiation/gradientPlan.js";
import { findJoint, KeptJoint, planJoint } from "./differentiation/jointPlan.js";
import { findGradient, KeptGradient } from "./differentiation/keptGradient.js";
import { lowered } from "./lowered.js";
import { Counter, type Counts } from "./recording/counts.js";
import { PlanCache } from "./recording/planCache.js";
import { PlanRing } from "./recording/planRing.js";
import { checkArray, listOf, Recorder } from "./recording/recorder.js";
import { Segments } from "./recording/segments.js";
import type { Step } from "./recording/step.js";
import { Storage } from "./recording/storage.js";
import { type CustomBackward, Trace } from "./recording/trace.js";

/** Applied where a value is cut off from what it was computed from. */
const cutOp = registry.get("stopGradient");

const gradRequests: readonly string[] = ["write", "add", "null"];

/** Everything that lives as long as a program: modes, trace tree, plans, random state. */
export class Session implements ArrayHost {
  /** Runs every program; allocates and compiles nothing before one needs it. */
  readonly runtime = new Runtime();
  readonly counter = new Counter();
  readonly segments = new Segments(this.runtime, this.counter);
  readonly gradients = new PlanRing(512);
  /** Bodies of loops and branches seen so far, by their hash. */
  readonly bodies = new PlanCache<Graph>(512);
  /** What transforms made of the graphs of functions, by their settings. */
  readonly derived = new WeakMap<Graph, Map<string, Graph>>();
  /** Bodies that are being traced, the innermost last. */
  readonly tracers: BodyTracer[] = [];
  readonly recorder = new Recorder(this, this.counter, this.segments, () => this.forgetPlans());
  /** Takes the session's place while a function is being compiled. */
  tracing: Tracing | undefined;
  private state: NDArray | undefined;

  emit(op: OpDef, ins: readonly NDArray[], attrs: Attrs): readonly NDArray[] {
    return this.tracing?.emit(op, ins, attrs) ?? this.recorder.call(op, ins, attrs);
  }

  emitOne(op: OpDef, attrs: Attrs, a?: NDArray, b?: NDArray): NDArray {
    if (this.tracing === undefined) return this.recorder.callOne(op, attrs, a, b);
    return first(op.name, this.tracing.emit(op, listOf(a, b), attrs));
  }

  get watcher(): Tracing | undefined {
    return this.tracing;
  }

  /** Runs `body` with `tracing` in the session's place. */
  traced<R>(tracing: Tracing | undefined, body: () => R): R {
    const outer = this.tracing;
    this.tracing = tracing;
    try {
      return body();
    } finally {
      this.tracing = outer;
    }
  }

  untraced<R>(body: () => R): R {
    return this.traced(undefined, body);
  }

  /** Whether arrays have no numbers now, as bodies and functions are traced without. */
  get hasNoNumbers(): boolean {
    return this.tracers.length > 0 || this.tracing !== undefined;
  }

  /** Whether what is called now belongs to a program that is being recorded or traced. */
  get within(): boolean {
    return this.recorder.recording || this.hasNoNumbers;
  }

  planOf(graph: Graph, memory: PlanMemory): Plan {
    return this.runtime.plan(graph, registry, { lower: lowered, ...memory });
  }

  planTree(stretches: readonly ProgramStretch[]): TreePlan | undefined {
    return this.runtime.planTree(stretches, registry, { lower: lowered });
  }

  runsBeforeTree(stretches: number): number {
    return this.runtime.runsBeforeTree(stretches);
  }

  evaluate(graph: Graph, inputs: readonly Tensor[]): readonly Tensor[] {
    return this.runtime.plan(lowered(graph), registry, { lower: lowered }).run(inputs);
  }

  /** Keeps the backward of a user's function for the program that is being written down; gives its key. */
  keepCustom(backward: CustomBackward): number {
    if (this.tracing !== undefined) return this.tracing.keepCustom(backward);
    const { customs } = this.recorder.openTrace();
    customs.set(customs.size, backward);
    return customs.size - 1;
  }

  get counts(): Counts {
    return this.counter.snapshot();
  }

  /** An array over numbers that nobody else changes. */
  fromTensor(tensor: Tensor): NDArray {
    if (this.tracing !== undefined) return this.tracing.fromTensor(tensor);
    return NDArray.of(this, tensor.type, new Storage(tensor, "own"));
  }

  /** State of the random generators; the next sampler reads it and leaves another. */
  get randomState(): NDArray {
    if (this.tracing !== undefined) return this.tracing.randomState;
    this.state ??= this.fromTensor(initialRandomState(0));
    return this.state;
  }

  set randomState(state: NDArray) {
    if (this.tracing !== undefined) this.tracing.randomState = state;
    else this.state = state;
  }

  settle(tensor: Tensor): Tensor {
    return this.runtime.settle(tensor);
  }

  compute(array: NDArray): Tensor {
    const { trace, index, values } = array;
    if (values === undefined) throw new Error("array has neither numbers nor a trace");
    if (!(trace instanceof Trace) || trace.forgotten) return values.at(index);
    const endsSegment = trace.pending > 0;
    trace.run();
    const tensor = values.at(index);
    // What is not expected is noted; what is has its numbers from the run already.
    if (array.storage === undefined) this.segments.demand.want(trace.stepOf(index), index);
    if (endsSegment) {
      this.recorder.noteRead(trace, index);
      this.recorder.afterRead(trace);
    }
    return tensor;
  }

  checkRequest(op: string, req: unknown): void {
    if (gradRequests.some((known) => known === req)) return;
    throw new AttributeError({
      op,
      problem: "unknown gradient request",
      received: String(req),
      allowed: gradRequests.join(", "),
    });
  }

  attachGrad(array: NDArray, req: GradReq): void {
    this.checkRequest("attachGrad", req);
    if (!isFloat(array.dtype) && array.dtype !== "int32") refuseDType("attachGrad", array);
    if (this.tracing !== undefined) {
      this.tracing.attachGrad(array, req);
      return;
    }
    this.makeLeaf(array, this.fromTensor(createTensor(array.type)), req);
  }

  /** Makes an array a variable whose gradient is `grad`; within a trace, a cut from what it was computed from. */
  makeLeaf(array: NDArray, grad: NDArray, req: GradReq): void {
    if (this.tracing !== undefined) {
      this.tracing.makeLeaf(array, grad, req);
      return;
    }
    const leaf = { grad, req };
    const trace = this.recorder.recording ? this.recorder.openTrace() : undefined;
    if (trace !== undefined && array.trace === trace && !array.overwritten) {
      this.cut(array, trace);
      if (req !== "null") trace.destinations.set(array.index, { kind: "leaf", leaf });
    } else {
      array.read();
      array.trace = undefined;
      array.tracked = false;
    }
    array.captured = undefined;
    array.leaf = leaf;
  }

  /** Puts a copy of the value on the trace in the array's place, of which nothing before is known. */
  private cut(array: NDArray, trace: Trace): void {
    const before = NDArray.recorded(this, array.type, trace, array.index, array.tracked);
    if (trace.handles[array.index] === array) trace.handles[array.index] = before;
    else trace.hasOtherArrays = true;
    const [after] = this.recorder.call(cutOp, [before], {}, true);
    if (after === undefined) throw new Error("attachGrad: no result");
    array.index = after.index;
    array.tracked = true;
    trace.handles[array.index] = array;
  }

  detach(array: NDArray): NDArray {
    if (this.tracing !== undefined) return this.tracing.detach(array);
    if (!this.recorder.recording) return this.alias(array);
    const { recording } = this.recorder;
    this.recorder.recording = false;
    try {
      const [copy] = this.recorder.call(cutOp, [array], {});
      if (copy === undefined) throw new Error("detach: no result");
      return copy;
    } finally {
      this.recorder.recording = recording;
    }
  }

  /** Another array over the same memory. */
  private alias(array: NDArray, shape = array.shape, offset = 0): NDArray {
    array.read();
    if (array.storage === undefined) throw new Error("alias: array has no storage");
    return NDArray.of(this, tensorType(array.dtype, shape), array.storage, array.offset + offset);
  }

  backward(array: NDArray, head: NDArray | undefined, options: BackwardOptions): void {
    const settings = readOptions("backward", options, {
      retainGraph: false,
      trainMode: true,
    });
    if (head !== undefined) checkArray("backward", head);
    this.backwardAll([array], [head], settings);
  }

  /** Writes the gradients of several arrays together. No gradient has changed when it throws. */
  backwardAll(
    heads: readonly NDArray[],
    headGrads: readonly (NDArray | undefined)[],
    settings: Required<BackwardOptions>,
  ): void {
    const { retainGraph, trainMode } = settings;
    if (this.tracing !== undefined) {
      this.tracing.backwardAll(heads, headGrads, settings);
      return;
    }
    const { gradients, passed } = reverse(this, heads, headGrads, trainMode);
    writeGradients(gradients);
    conclude(passed, retainGraph);
  }

  assign(target: NDArray, value: NDArray, isGiven = false): void {
    if (this.tracing !== undefined) {
      this.tracing.assign(target, value);
      return;
    }
    checkArray("assign", value);
    this.checkWrite("assign", target);
    const source = fitted("assign", value, target.shape, target.dtype);
    if (this.recorder.recording && this.recorder.isSource(source)) {
      this.rebind(target, source);
      return;
    }
    const isOwn = isGiven || source !== value;
    if (!this.recorder.defer(target, source, isOwn)) target.overwrite(source.share());
    this.written(target);
  }

  /** While recording, an array that is no variable may take over a recorded value as a whole. */
  private rebind(target: NDArray, source: NDArray): void {
    target.overwrite(source.share());
    target.trace = source.trace;
    target.index = source.index;
    target.tracked = source.tracked;
    target.captured = undefined;
  }

  /** Forgets what the recorder knew of an array whose numbers are others now. */
  written(target: NDArray): void {
    target.captured = undefined;
    if (target.tracked) target.overwritten = true;
    else target.trace = undefined;
  }

  /** Refuses writes to what a recorded program may still need, before anything has changed. */
  checkWrite(op: string, target: NDArray): void {
    if (this.tracing !== undefined) {
      this.tracing.checkWrite(op, target);
      return;
    }
    if (!this.recorder.recording || !(target.leaf !== undefined || this.recorder.isSource(target)))
      return;
    throw writeWhileRecording(op, target.type);
  }

  reshape(array: NDArray, shape: Shape): NDArray {
    if (this.tracing !== undefined) return this.tracing.reshape(array, shape);
    if (this.recorder.recording) return fronts.reshape(array, { shape });
    return this.alias(array, fronts.reshape(new TypeOnly(array.type), { shape }).type.shape);
  }

  at(array: NDArray, keys: readonly IndexKey[]): NDArray {
    if (this.tracing !== undefined) return this.tracing.at(array, keys);
    const selection = selectionOf("at", array.shape, keys);
    const start = this.recorder.recording ? undefined : runStart(array.shape, selection);
    if (start !== undefined) return this.alias(array, selection.shape, start);
    return select(array, selection);
  }

  setAt(array: NDArray, keys: readonly IndexKey[], value: NDArray | number): void {
    if (!Array.isArray(keys)) throw noKeyList(keys);
    if (this.tracing !== undefined) {
      this.tracing.setAt(array, keys, value);
      return;
    }
    const selection = selectionOf("setAt", array.shape, keys);
    this.checkWrite("setAt", array);
    const source = typeof value === "number" ? fill(array, selection.shape, value) : value;
    checkArray("setAt", source);
    const values = fitted("setAt", source, selection.shape, array.dtype);
    if (this.recorder.recording && this.recorder.isSource(values)) throw partialWrite(array.type);
    const data = values.read();
    array.read();
    const { storage } = array;
    if (storage === undefined) throw new Error("setAt: array has no storage");
    scatter(storage.writable(), data, positionsOf(array.shape, selection), array.offset);
    this.written(array);
  }

  private forgetPlans(): void {
    this.segments.ring.clear();
    this.gradients.clear();
  }

  /** The gradient of a path from certain values, from the cache or new. */
  gradientPlan(last: Step, heads: readonly number[]): GradientPlan {
    const known = findGradient(last, heads);
    if (known !== undefined) return known;
    const plan = planGradient(last, heads, "program", this.runtime, this.counter);
    this.segments.demand.wantAll(last, heads);
    this.gradients.add(new KeptGradient(last, heads, plan));
    return plan;
  }

  jointPlan(from: Step, to: Step, gradient: GradientPlan): KeptJoint {
    const known = findJoint(from, to, gradient);
    if (known?.isUpToDate() === true) {
      this.counter.replays++;
      return known;
    }
    known?.drop();
    const segment = planJoint(from, to, gradient, this.runtime);
    this.segments.demand.wantAll(from, segment.inputs);
    const kept = new KeptJoint(from, to, gradient, segment, this.segments.demand);
    this.segments.ring.add(kept);
    this.counter.plans++;
    return kept;
  }
}

function scatter(
  target: TypedArray,
  source: TypedArray,
  positions: Int32Array,
  offset: number,
): void {
  for (let at = 0; at < positions.length; at++) {
    const value = source[at];
    const position = offset + (positions[at] ?? 0);
    if (target instanceof BigInt64Array) {
      if (typeof value === "bigint") target[position] = value;
    } else if (typeof value === "number") target[position] = value;
  }
}

function noKeyList(keys: unknown): ArgumentError {
  return new ArgumentError({
    op: "setAt",
    problem: "keys are not a list",
    received: describe(keys),
    allowed: "a list with a key per axis",
  });
}

function refuseDType(op: string, array: NDArray): never {
  throw new DTypeError({
    op,
    problem: "array cannot have a gradient",
    received: formatType(array.type),
    allowed: "float32, float64, float16, int32",
  });
}

/** The one session that the public functions use. */
export const session = new Session();

import {
  ArgumentError,
  type Attrs,
  byteLengthOf,
  callSite,
  checkCall,
  equalTypes,
  isFloat,
  type OpDef,
  sizeOf,
  type TensorType,
} from "@adjoint/graph";
import { describe, first, registry } from "@adjoint/ops";
import { createTensor } from "@adjoint/runtime";
import { type ArrayHost, NDArray } from "../array/ndarray.js";
import { shapeArgument } from "../creation/shapeArgument.js";
import { overwritten } from "../differentiation/complaints.js";
import type { Counter } from "./counts.js";
import { type Action, Step } from "./step.js";
import { Storage } from "./storage.js";
import type { Segments } from "./segments.js";
import { type Destination, Trace } from "./trace.js";

const fullOp = registry.get("full");

/** After so many different literals at one place, the number becomes an input, and no longer a path of its own. */
const literalLimit = 8;
/**
 * Pending steps that run without being asked for, so that a loop that reads nothing stays small, and its plans too.
 * A recorded scope is held until its gradient is taken anyway; so it has time, and one plan instead of many.
 */
const pendingLimit = { recorded: 1 << 14, outside: 1024 } as const;
/** New steps of one trace that are told their line: a call site costs many times what else a step does. */
const siteLimit = 2048;
/** Number of steps at which the trace tree is begun anew. */
const treeLimit = 1 << 18;

const noOperands: Int32Array = new Int32Array(0);

function newRoot(): Step {
  return new Step(undefined, undefined, [], false, {});
}

/** Writes operations down along the trace tree. */
export class Recorder {
  recording = false;
  training = false;
  /** Name of the user's block that new steps belong to. */
  scope: string | undefined;
  private depth = 0;
  private root = newRoot();
  private treeSize = 0;
  private current: Trace | undefined;
  private numbers = 0;
  private operands = noOperands;

  constructor(
    private readonly host: ArrayHost,
    private readonly counter: Counter,
    private readonly segments: Segments,
    private readonly forgetPlans: () => void,
  ) {}

  /** Steps of the trace tree: how much of recorded programs is remembered. */
  get steps(): number {
    return this.treeSize;
  }

  /** Begins a recorded scope; the outermost one begins a trace. */
  enter(): void {
    if (this.depth === 0) this.closeTrace();
    this.depth++;
  }

  leave(): void {
    this.depth--;
    if (this.depth === 0) this.closeTrace();
  }

  /** Turns recording on or off outside of scopes; gives the mode from before. */
  setRecording(recording: boolean): boolean {
    const before = this.recording;
    if (before !== recording && this.depth === 0) this.closeTrace();
    this.recording = recording;
    return before;
  }

  /** Applies an operator. `source`: the result is a variable, cut off from its arguments. */
  call(op: OpDef, ins: readonly NDArray[], attrs: Attrs, source = false): readonly NDArray[] {
    const count = ins.length;
    for (let position = 0; position < count; position++) {
      const array = ins[position];
      if (!(array instanceof NDArray)) throw notAnArray(op.name, array);
      if (array.emitter !== this.host) return array.emitter.emit(op, ins, attrs);
    }
    for (let position = 0; position < count; position++) settlePart(ins[position]);
    const trace = this.openTrace();
    const operands = this.locate(trace, ins);
    const recorded = this.recording && !source;
    this.operands = operands;
    let step = trace.cursor.findCall(op, attrs, operands, count, recorded, source);
    if (step === undefined) {
      if (op === fullOp && isVaryingLiteral(trace.cursor)) return [this.literalInput(attrs)];
      const positions = Array.from(operands.subarray(0, count));
      step = this.growCall(trace, ins, { op, attrs, operands: positions, recorded, source });
    }
    trace.cursor = step;
    step.hits++;
    const results = this.resultsOf(trace, step);
    if (trace.pending >= trace.pendingLimit) this.runPending(trace);
    return results;
  }

  /**
   * The only result of an operator of at most two operands. On a path that is known, nothing is made but the array;
   * everything else is left to `call`.
   */
  callOne(op: OpDef, attrs: Attrs, a: NDArray | undefined, b: NDArray | undefined): NDArray {
    const isOurs = this.isOwn(a) && this.isOwn(b);
    if (isOurs) {
      settlePart(a);
      settlePart(b);
    }
    const trace = isOurs ? this.openTrace() : undefined;
    const step = trace && this.known(trace, op, attrs, a, b);
    const type = step?.types[0];
    if (trace === undefined || step === undefined || type === undefined || step.types.length > 1) {
      return first(op.name, this.call(op, listOf(a, b), attrs));
    }
    trace.cursor = step;
    step.hits++;
    const array = this.hand(trace, type, step.base, step.tracked);
    if (trace.pending >= trace.pendingLimit) this.runPending(trace);
    return array;
  }

  private isOwn(array: NDArray | undefined): boolean {
    return array === undefined || (array instanceof NDArray && array.emitter === this.host);
  }

  /** The known step for an operator of at most two operands. */
  private known(
    trace: Trace,
    op: OpDef,
    attrs: Attrs,
    a: NDArray | undefined,
    b: NDArray | undefined,
  ): Step | undefined {
    const operands = this.takeOperands(2);
    let count = 0;
    if (a !== undefined) operands[count++] = this.indexOf(trace, a);
    if (b !== undefined) operands[count++] = this.indexOf(trace, b);
    this.operands = operands;
    return trace.cursor.findCall(op, attrs, operands, count, this.recording, false);
  }

  /**
   * Where the operands' values are on the trace. The list is the recorder's own, taken away while it is in use, as an
   * array from elsewhere may have to be computed first, by code that records.
   */
  private locate(trace: Trace, ins: readonly NDArray[]): Int32Array {
    const operands = this.takeOperands(ins.length);
    for (let position = 0; position < ins.length; position++) {
      const array = ins[position];
      if (array !== undefined) operands[position] = this.indexOf(trace, array);
    }
    return operands;
  }

  private takeOperands(count: number): Int32Array {
    const { operands } = this;
    this.operands = noOperands;
    return operands.length < count ? new Int32Array(2 * count) : operands;
  }

  private resultsOf(trace: Trace, { base, types, tracked }: Step): readonly NDArray[] {
    const [only] = types;
    // A list that grows would take several times the memory of one that is made whole.
    if (only !== undefined && types.length === 1) return [this.hand(trace, only, base, tracked)];
    return types.map((type, out) => this.hand(trace, type, base + out, tracked));
  }

  private hand(trace: Trace, type: TensorType, index: number, tracked: boolean): NDArray {
    const array = NDArray.recorded(this.host, type, trace, index, tracked);
    trace.handles[index] = array;
    return array;
  }

  /** The trace that the next operation goes to. */
  openTrace(): Trace {
    const known = this.current;
    if (known !== undefined && !known.forgotten) return known;
    if (this.treeSize > treeLimit) {
      this.root = newRoot();
      this.treeSize = 0;
      this.forgetPlans();
    }
    this.numbers++;
    const trace = new Trace(
      this.numbers,
      this.root,
      this.recording || this.depth > 0,
      this.recording || this.depth > 0 ? pendingLimit.recorded : pendingLimit.outside,
      this.segments,
    );
    this.current = trace;
    return trace;
  }

  /** Ends the current trace; its arrays stay readable. */
  closeTrace(): void {
    this.current = undefined;
  }

  /** Notes that the user's code reads a value now, and on which line where that is new. */
  noteRead(trace: Trace, index: number): void {
    const { cursor } = trace;
    cursor.reads ??= new Map();
    if (!cursor.reads.has(index)) cursor.reads.set(index, siteFor(trace));
  }

  /** The trace tree as far as it is remembered. */
  get tree(): Step {
    return this.root;
  }

  /** Runs the current trace if that is the one; outside recorded scopes nothing is added to a trace that has run. */
  afterRead(trace: Trace): void {
    if (trace.inRecord) return;
    if (this.current === trace) this.closeTrace();
    trace.forget();
  }

  /**
   * Has the memory of `target` take over what `source` will be, so that writes after one another run together with
   * what they are computed from. False, and nothing done, unless `source` waits outside of recorded scopes for steps
   * that can't be refused: an error is thrown by the write that it concerns.
   */
  defer(target: NDArray, source: NDArray, isGiven: boolean): boolean {
    const { storage } = target;
    const trace = this.current;
    if (storage === undefined || trace === undefined || source.storage !== undefined) return false;
    if (source.trace !== trace || trace.inRecord || trace.forgotten) return false;
    if (storage.length !== target.size || !trace.isCertain) return false;
    this.segments.demand.want(trace.stepOf(source.index), source.index);
    trace.promise(storage, source, isGiven);
    return true;
  }

  /**
   * Runs `body`, whose arrays nobody can have afterwards but those that `keptOf` names: what they would be computed
   * from need not be kept for them.
   */
  withTemporaries<R>(body: () => R, keptOf: (result: R) => readonly NDArray[]): R {
    const before = this.current;
    const start = before?.cursor.end ?? 0;
    const result = body();
    const { current } = this;
    current?.dropArrays(current === before ? start : 0, keptOf(result));
    return result;
  }

  private runPending(trace: Trace): void {
    trace.run();
    this.afterRead(trace);
  }

  /** Runs `body` away from the current trace and its modes, as code is run that a plan calls. */
  aside<R>(training: boolean, body: () => R): R {
    const outer = {
      current: this.current,
      recording: this.recording,
      training: this.training,
      depth: this.depth,
    };
    Object.assign(this, { current: undefined, recording: false, training, depth: 0 });
    try {
      return body();
    } finally {
      Object.assign(this, outer);
    }
  }

  /** Whether a gradient that arrives at this array goes anywhere. */
  isSource(array: NDArray): boolean {
    if (array.leaf !== undefined) return array.leaf.req !== "null";
    return array.tracked && array.trace instanceof Trace && !array.trace.isReleased(array.index);
  }

  /** Number of an array's value on the trace; an array from elsewhere becomes an input. */
  private indexOf(trace: Trace, array: NDArray): number {
    if (array.trace === trace && !trace.isReleased(array.index)) {
      if (array.overwritten) throw overwritten();
      return array.index;
    }
    const pending = array.storage?.pending;
    if (pending?.trace === trace) return pending.index;
    const source = this.recording && this.isSource(array);
    const memo = array.captured;
    if (
      memo?.trace === trace &&
      memo.tensor === array.storage?.tensor &&
      (memo.source || !source)
    ) {
      return memo.index;
    }
    return this.capture(trace, array, source);
  }

  private capture(trace: Trace, array: NDArray, source: boolean): number {
    const tensor = array.planTensor();
    const { storage, type } = array;
    if (storage === undefined) throw new Error("capture: array has no numbers");
    const lease = storage.lend();
    trace.cursor =
      trace.cursor.findInput(type, source, array.label) ?? this.growInput(trace, array, source);
    trace.cursor.hits++;
    const index = trace.cursor.base;
    const { values } = trace;
    values.data[index] = tensor;
    values.take(index, lease, byteLengthOf(type));
    array.captured = { trace, index, tensor: storage.tensor, source };
    if (source) trace.destinations.set(index, destinationOf(array));
    else if (isSilent(array)) trace.addSilent(index);
    return index;
  }

  private growInput(trace: Trace, array: NDArray, source: boolean): Step {
    const { type, label } = array;
    const origin = { site: siteFor(trace), name: label };
    const action = { kind: "input", type, source } as const;
    const step = new Step(trace.cursor, action, [type], source, origin, trace.readValues());
    return this.grow(trace, step);
  }

  private growCall(
    trace: Trace,
    ins: readonly NDArray[],
    call: Omit<Action & { kind: "call" }, "kind" | "mayRefuse">,
  ): Step {
    const { op, attrs, source, recorded } = call;
    checkCall(op, ins.length, attrs);
    const given = ins.map((array) => array.type);
    const types = op.infer(given, attrs);
    const action = {
      kind: "call",
      ...call,
      mayRefuse: mayRefuse(op, given, attrs, types),
    } as const;
    for (const { shape } of types) shapeArgument(op.name, shape);
    const tracked = source || (recorded && ins.some((array) => this.flows(trace, array)));
    const origin = { site: siteFor(trace), scope: this.scope };
    const step = new Step(trace.cursor, action, types, tracked, origin, trace.readValues());
    return this.grow(trace, step);
  }

  /** Whether gradients flow through an operand that was just put on the trace. */
  private flows(trace: Trace, array: NDArray): boolean {
    if (array.trace === trace && !trace.isReleased(array.index)) return array.tracked;
    return array.captured?.source === true;
  }

  private grow(trace: Trace, step: Step): Step {
    if (!trace.grown) {
      trace.grown = true;
      if (trace.inRecord) {
        this.counter.traces++;
        if (trace.cursor.hasCall) this.counter.retraces++;
      }
    }
    this.treeSize++;
    return trace.cursor.add(step);
  }

  private literalInput(attrs: Attrs): NDArray {
    const [type] = fullOp.infer([], attrs);
    if (type === undefined) throw new Error("full: no type");
    const size = sizeOf(type.shape);
    const numbers = new Float64Array(size).fill(Number(attrs.value));
    return NDArray.of(this.host, type, new Storage(createTensor(type, numbers), "shared"));
  }
}

function siteFor(trace: Trace): string | undefined {
  trace.sites++;
  return trace.sites > siteLimit ? undefined : callSite();
}

/** Kinds of kernels that compute something of any floating-point numbers. */
const certainKinds: readonly string[] = ["map", "reduce", "contract", "view", "pack"];

function mayRefuse(
  op: OpDef,
  ins: readonly TensorType[],
  attrs: Attrs,
  outs: readonly TensorType[],
): boolean {
  if (op.kernel === undefined || !outs.every(({ dtype }) => isFloat(dtype))) return true;
  return !certainKinds.includes(op.kernel(ins, attrs, outs).kind);
}

/** Computes what was written to an array's memory where the array is but a part of it, or has another type. */
function settlePart(array: NDArray | undefined): void {
  const { storage, type } = array ?? {};
  const pending = storage?.pending;
  if (pending !== undefined && type !== undefined && !equalTypes(pending.type, type))
    storage?.tensor;
}

/** Whether a new filled array after `place` differs from many that were seen there. */
function isVaryingLiteral(place: Step): boolean {
  const known = place.children.filter(
    ({ action }) => action?.kind === "call" && action.op === fullOp,
  );
  return known.length >= literalLimit;
}

/** The operands that are given. */
export function listOf(a: NDArray | undefined, b: NDArray | undefined): readonly NDArray[] {
  if (a === undefined) return [];
  return b === undefined ? [a] : [a, b];
}

/** Refuses what is no array. */
export function checkArray(op: string, array: unknown): void {
  if (!(array instanceof NDArray)) throw notAnArray(op, array);
}

function notAnArray(op: string, array: unknown): ArgumentError {
  return new ArgumentError({
    op,
    problem: "argument is not an array",
    received: describe(array),
    allowed: "NDArray",
  });
}

/** Whether an array is a variable with the request `null`, or depends on such variables only. */
function isSilent({ leaf, trace, index }: NDArray): boolean {
  return leaf?.req === "null" || (trace instanceof Trace && trace.dependsOnSilent(index));
}

function destinationOf(array: NDArray): Destination {
  if (array.leaf !== undefined) return { kind: "leaf", leaf: array.leaf };
  if (array.trace instanceof Trace)
    return { kind: "trace", trace: array.trace, index: array.index };
  throw new Error("capture: a source without destination");
}

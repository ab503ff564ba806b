import {
  ArgumentError,
  type Attrs,
  Builder,
  callSite,
  formatType,
  type Graph,
  GradientError,
  InPlaceError,
  type OpDef,
  type Shape,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { fronts, stopGradient } from "@adjoint/ops";
import type { Tensor } from "@adjoint/runtime";
import type { IndexKey } from "../array/indexKey.js";
import { type ArrayHost, NDArray, type RecordedTrace } from "../array/ndarray.js";
import { select } from "../array/select.js";
import { selectionOf } from "../array/selection.js";
import type { Recorder } from "../recording/recorder.js";

/** What a tracer needs of the session that it works for. */
export interface TracerHost {
  readonly recorder: Recorder;
  /** The bodies that are being traced, the innermost last. */
  readonly tracers: readonly BodyTracer[];
  settle(tensor: Tensor): Tensor;
}

/** Stands for the trace of arrays that have no numbers; they are asked for through their host. */
const noTrace: RecordedTrace = {
  values: {
    at(): never {
      throw new Error("body: array has no trace");
    },
  },
};

/**
 * Puts what is done with the arrays of a body into a graph. These arrays have types but no numbers; arrays from outside
 * that meet them are captured: they become inputs of the graph.
 */
export class BodyTracer implements ArrayHost {
  private readonly builder: Builder;
  private readonly values = new Map<NDArray, Value>();
  /** Inputs that are made when they are first read. */
  private readonly late = new Map<NDArray, string>();
  private readonly captures = new Map<NDArray, Value>();
  private readonly recording: boolean;

  /** `op`: what error messages name. */
  constructor(
    private readonly session: TracerHost,
    readonly op: string,
    name: string,
  ) {
    this.builder = new Builder(name);
    this.recording = session.recorder.recording;
  }

  settle(tensor: Tensor): Tensor {
    return this.session.settle(tensor);
  }

  /** An array that stands for what the body is given. */
  input(name: string, type: TensorType): NDArray {
    return this.arrayOf(this.builder.input(name, type));
  }

  /** The same, but an input of the graph only if it is read. */
  lateInput(name: string, type: TensorType): NDArray {
    const array = NDArray.recorded(this, type, noTrace, -1, false);
    this.late.set(array, name);
    return array;
  }

  /** Makes a late input now, whether or not it is read. */
  require(array: NDArray): void {
    this.valueOf(array);
  }

  /** Arrays from outside, in the order of the inputs that stand for them. */
  get captured(): readonly NDArray[] {
    return [...this.captures.keys()];
  }

  owns(array: NDArray): boolean {
    return this.values.has(array) || this.late.has(array);
  }

  finish(outputs: readonly NDArray[]): Graph {
    outputs.forEach((array, at) => {
      this.builder.output(`y${at}`, this.valueOf(array));
    });
    return this.builder.finish();
  }

  emit(op: OpDef, ins: readonly NDArray[], attrs: Attrs): readonly NDArray[] {
    const { tracers, recorder } = this.session;
    const owner = innermost(tracers, ins);
    if (owner !== undefined && owner !== this) return owner.emit(op, ins, attrs);
    if (!tracers.includes(this)) throw this.ended();
    this.checkAllowed(op, attrs);
    const values = ins.map((array) => this.valueOf(array));
    const results = this.builder.within({ site: callSite(), scope: recorder.scope }, () => {
      const made = this.builder.emit(op, values, attrs);
      const paused = this.recording && !recorder.recording;
      return paused ? made.map((value) => stopGradient(value)) : made;
    });
    return results.map((value) => this.arrayOf(value));
  }

  fromTensor({ type, data }: Tensor): NDArray {
    return this.arrayOf(this.builder.constant(data, type));
  }

  private arrayOf(value: Value): NDArray {
    const array = NDArray.recorded(this, value.type, noTrace, -1, false);
    this.keep(array, value);
    return array;
  }

  private keep(array: NDArray, value: Value): Value {
    this.values.set(array, value);
    return value;
  }

  private valueOf(array: NDArray): Value {
    const known = this.values.get(array) ?? this.captures.get(array);
    if (known !== undefined) return known;
    const late = this.late.get(array);
    if (late !== undefined) return this.keep(array, this.builder.input(late, array.type));
    if (array.emitter instanceof BodyTracer && !this.session.tracers.includes(array.emitter)) {
      throw array.emitter.ended();
    }
    const value = this.builder.input(this.freeName(array), array.type);
    this.captures.set(array, value);
    return value;
  }

  private freeName({ label }: NDArray): string {
    const taken = new Set([...this.builder.inputNames, ...this.late.values()]);
    let name = label ?? `c${this.captures.size}`;
    while (taken.has(name)) name += "'";
    return name;
  }

  private checkAllowed({ name }: OpDef, attrs: Attrs): void {
    const custom = name === "customFunction";
    if (!custom && !(name === "BatchNorm" && attrs.training === true)) return;
    throw new ArgumentError({
      op: this.op,
      problem: custom
        ? "functions with a backward of their own can't be part of a body"
        : "running statistics can't be updated from within a body",
      received: name,
      allowed: custom ? "ordinary operators" : "{ useGlobalStats: true }, or prediction mode",
    });
  }

  private ended(): ArgumentError {
    return new ArgumentError({
      op: this.op,
      problem: "array belongs to a body that has ended",
      allowed: "what the body returns",
    });
  }

  compute({ type }: NDArray): Tensor {
    throw new ArgumentError({
      op: this.op,
      problem: "the value of an array is not known while the body is traced",
      received: formatType(type),
      allowed: "nd.where, nd.contrib.cond, nd.contrib.whileLoop",
    });
  }

  attachGrad(): never {
    throw new GradientError({
      op: this.op,
      problem: "an array within a body can't be a variable",
      allowed: "attachGrad outside; gradients flow through the body",
    });
  }

  backward(): never {
    throw new GradientError({
      op: this.op,
      problem: "backward can't be called within a body",
      allowed: "backward on results of the whole",
    });
  }

  detach(array: NDArray): NDArray {
    return stopGradient(array);
  }

  reshape(array: NDArray, shape: Shape): NDArray {
    return fronts.reshape(array, { shape });
  }

  at(array: NDArray, keys: readonly IndexKey[]): NDArray {
    return select(array, selectionOf("at", array.shape, keys));
  }

  assign({ type }: NDArray): never {
    throw this.refusedWrite("assign", type);
  }

  setAt({ type }: NDArray): never {
    throw this.refusedWrite("setAt", type);
  }

  private refusedWrite(op: string, type: TensorType): InPlaceError {
    return new InPlaceError({
      op,
      problem: `arrays can't be written to in the body of ${this.op}`,
      received: formatType(type),
      allowed: "a new array, returned as a state",
    });
  }
}

/** The innermost of the bodies that any of the arrays belongs to. */
function innermost(
  tracers: readonly BodyTracer[],
  arrays: readonly NDArray[],
): BodyTracer | undefined {
  for (let depth = tracers.length - 1; depth >= 0; depth--) {
    const tracer = tracers[depth];
    if (tracer !== undefined && arrays.some((array) => tracer.owns(array))) return tracer;
  }
  return undefined;
}

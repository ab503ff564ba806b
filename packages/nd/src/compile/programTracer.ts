import {
  ArgumentError,
  type Attrs,
  formatType,
  GradientError,
  type OpDef,
  type Shape,
  type TensorType,
  type TypedArray,
  tensorType,
  type Value,
} from "@adjoint/graph";
import { fill, fronts, fullOp } from "@adjoint/ops";
import type { Tensor } from "@adjoint/runtime";
import { fitted } from "../array/fitted.js";
import type { IndexKey } from "../array/indexKey.js";
import {
  type ArrayHost,
  type BackwardOptions,
  type GradReq,
  NDArray,
  type RecordedTrace,
} from "../array/ndarray.js";
import { select } from "../array/select.js";
import { positionsOf, runStart, selectionOf } from "../array/selection.js";
import { TypeOnly } from "../array/typeOnly.js";
import { shapeArgument } from "../creation/shapeArgument.js";
import { overwritten, partialWrite, writeWhileRecording } from "../differentiation/complaints.js";
import { checkArray } from "../recording/recorder.js";
import type { CustomBackward } from "../recording/trace.js";
import { withScattered } from "./memory.js";
import type { Places } from "./places.js";
import type { ProgramHost } from "./programHost.js";
import type { Reads } from "./reads.js";
import type { Sources } from "./source.js";
import type { Tape } from "./tape.js";
import type { BackwardSettings, GradientRequest, TracedGradients, Tracing } from "./tracing.js";
import { TracedBackward } from "./tracedBackward.js";
import type { Variables } from "./variables.js";

/** Stands for the trace of arrays that have no numbers; they are asked for through their host. */
const noTrace: RecordedTrace = {
  values: {
    at(): never {
      throw new Error("compile: array has no trace");
    },
  },
};

/** The parts of a program that is being traced. */
export interface TracerParts {
  readonly tape: Tape;
  readonly places: Places;
  readonly reads: Reads;
  readonly sources: Sources;
  readonly variables: Variables;
}

/**
 * Takes the session's place while a user's function runs to be compiled: what the function does with arrays goes on a
 * tape, arrays from outside become inputs, writes become values, and reads become guards.
 */
export class ProgramTracer implements Tracing {
  private readonly reverse: TracedBackward;
  private state: NDArray | undefined;
  private firstState: NDArray | undefined;
  private active = true;

  constructor(
    private readonly host: ProgramHost & ArrayHost,
    private readonly parts: TracerParts,
    private readonly name: string,
  ) {
    this.reverse = new TracedBackward(parts, host.recorder, {
      operand: (array) => this.operand(array),
      arrayOf: (value) => this.arrayOf(value),
    });
  }

  get watcher(): ProgramTracer {
    return this;
  }

  settle(tensor: Tensor): Tensor {
    return this.host.settle(tensor);
  }

  /** No more operations: arrays of the function are refused from now on. */
  end(): void {
    this.active = false;
  }

  // Operators

  emit(op: OpDef, ins: readonly NDArray[], attrs: Attrs): readonly NDArray[] {
    for (const array of ins) checkArray(op.name, array);
    const inner = ins.find(({ emitter }) => emitter !== this && emitter !== this.host);
    if (inner !== undefined) return inner.emitter.emit(op, ins, attrs);
    this.checkActive();
    const { tape } = this.parts;
    const { recording, scope } = this.host.recorder;
    const values = ins.map((array) => this.operand(array));
    const results = tape.within({ site: tape.site(), scope }, () =>
      tape.recorded(recording, () => tape.emit(op, values, attrs)),
    );
    for (const { type } of results) shapeArgument(op.name, type.shape);
    return results.map((value) => this.arrayOf(value));
  }

  /** A new array for a value of the tape. */
  private arrayOf(value: Value): NDArray {
    const { tape, places } = this.parts;
    const tracked = tape.flows(value);
    const array = NDArray.recorded(this, value.type, noTrace, -1, tracked);
    places.local(array, value, tracked || tape.marksOf(value).silent);
    return array;
  }

  /** The value that an operator reads of an array. */
  private operand(array: NDArray): Value {
    const { places, tape, variables } = this.parts;
    const place = places.of(array);
    if (!this.host.recorder.recording) return places.contents(array);
    if (array.leaf !== undefined || this.isForeign(array)) {
      return variables.valueOf(array, places.contents(array));
    }
    const { recorded } = place;
    if (recorded === undefined || tape.marksOf(recorded).released) return this.constantOf(array);
    if (places.overwritten(place)) throw overwritten();
    return recorded;
  }

  /** Whether an array from outside is the result of a recorded computation there. */
  private isForeign(array: NDArray): boolean {
    if (this.parts.variables.isForeign(array)) return true;
    return array.emitter === this.host && this.host.recorder.isSource(array);
  }

  private flows(array: NDArray): boolean {
    const { places, tape } = this.parts;
    if (array.leaf !== undefined) return array.leaf.req !== "null";
    const { recorded } = places.of(array);
    return recorded === undefined ? this.isForeign(array) : tape.flows(recorded);
  }

  // Arrays

  /** An array that stands for an argument, with its memory and its variable. */
  argument(position: number, real: NDArray, name: string): NDArray {
    const { places, sources } = this.parts;
    const array = NDArray.recorded(this, real.type, noTrace, -1, false);
    array.label = real.label;
    places.outside(array, real, sources.argument(position, real.type, real.label ?? name));
    if (real.leaf !== undefined) {
      // The variable itself, as the same one may stand at several places, or be captured, too.
      const { grad } = real.leaf;
      places.outside(grad, grad, sources.gradient(position, grad.type, `${name}.grad`));
      array.leaf = real.leaf;
    }
    if (this.host.recorder.isSource(real) && real.leaf === undefined) {
      this.parts.variables.addForeign(array);
    }
    return array;
  }

  fromTensor({ type, data }: Tensor): NDArray {
    this.checkActive();
    return this.arrayOf(this.parts.tape.constant(data, type));
  }

  copyOf(array: NDArray, dtype: NDArray["dtype"]): NDArray {
    return this.arrayOf(fronts.cast(this.constantOf(array), { dtype }));
  }

  /** What an array holds, apart from how it was computed. */
  private constantOf(array: NDArray): Value {
    const value = this.parts.places.contents(array);
    return this.parts.tape.marksOf(value).tracked ? this.parts.tape.cut(value) : value;
  }

  detach(array: NDArray): NDArray {
    if (!this.host.recorder.recording) return this.alias(array, array.type, 0);
    return this.arrayOf(this.parts.tape.cut(this.parts.places.contents(array)));
  }

  reshape(array: NDArray, shape: Shape): NDArray {
    if (this.host.recorder.recording) return fronts.reshape(array, { shape });
    return this.alias(array, fronts.reshape(new TypeOnly(array.type), { shape }).type, 0);
  }

  at(array: NDArray, keys: readonly IndexKey[]): NDArray {
    const selection = selectionOf("at", array.shape, keys);
    const start = this.host.recorder.recording ? undefined : runStart(array.shape, selection);
    if (start === undefined) return select(array, selection);
    return this.alias(array, tensorType(array.dtype, selection.shape), start);
  }

  private alias(base: NDArray, type: TensorType, offset: number): NDArray {
    this.checkActive();
    const array = NDArray.recorded(this, type, noTrace, -1, false);
    this.parts.places.alias(array, base, offset);
    return array;
  }

  // Writes

  checkWrite(op: string, target: NDArray): void {
    if (!this.host.recorder.recording) return;
    if (target.leaf === undefined && !this.flows(target)) return;
    throw writeWhileRecording(op, target.type);
  }

  assign(target: NDArray, value: NDArray): void {
    this.checkActive();
    checkArray("assign", value);
    this.checkWrite("assign", target);
    const { places } = this.parts;
    const source = fitted("assign", value, target.shape, target.dtype);
    places.write(target, this.constantOf(source));
    if (!this.host.recorder.recording || !this.flows(source)) return;
    const place = places.of(target);
    place.recorded = this.operand(source);
    place.seen = place.cell.value;
  }

  overwrite(target: NDArray, value: NDArray): void {
    this.parts.places.write(target, this.constantOf(value));
  }

  setAt(array: NDArray, keys: readonly IndexKey[], value: NDArray | number): void {
    this.checkActive();
    const selection = selectionOf("setAt", array.shape, keys);
    this.checkWrite("setAt", array);
    const source = typeof value === "number" ? fill(array, selection.shape, value) : value;
    checkArray("setAt", source);
    const values = fitted("setAt", source, selection.shape, array.dtype);
    if (this.host.recorder.recording && this.flows(values)) throw partialWrite(array.type);
    const { places, tape } = this.parts;
    const elements = this.constantOf(values);
    const positions = positionsOf(array.shape, selection);
    places.write(array, withScattered(tape, places.contents(array), positions, elements));
  }

  // Reads

  compute(array: NDArray): Tensor {
    return { type: array.type, data: this.read(array) };
  }

  read(array: NDArray): TypedArray {
    this.checkActive();
    return this.parts.reads.elementsOf(this.parts.places.contents(array));
  }

  isNotZero(array: NDArray): boolean {
    this.checkActive();
    return this.parts.reads.isNotZero(this.parts.places.contents(array));
  }

  touch(array: NDArray): void {
    if (this.active) this.parts.places.of(array);
  }

  // Gradients

  attachGrad(array: NDArray, req: GradReq): void {
    const { dtype, shape } = array.type;
    const { tape } = this.parts;
    const [zeros] = tape.emit(fullOp, [], { shape, dtype, value: 0 });
    if (zeros === undefined) throw new Error("attachGrad: no zeros");
    this.makeLeaf(array, this.arrayOf(zeros), req);
  }

  makeLeaf(array: NDArray, grad: NDArray, req: GradReq): void {
    this.checkActive();
    if (array.emitter !== this) {
      throw new GradientError({
        op: this.name,
        problem: "array from outside a compiled function can't be made a variable in it",
        received: formatType(array.type),
        allowed: "attachGrad outside; arrays made in the function, and its arguments",
      });
    }
    this.parts.places.of(array).recorded = undefined;
    array.leaf = { grad, req };
    array.tracked = req !== "null";
  }

  backward(array: NDArray, head: NDArray | undefined, options: BackwardOptions): void {
    const { retainGraph = false, trainMode = true } = options;
    this.backwardAll([array], [head], { retainGraph, trainMode });
  }

  backwardAll(
    heads: readonly NDArray[],
    headGrads: readonly (NDArray | undefined)[],
    { retainGraph, trainMode }: BackwardSettings,
  ): void {
    const request = { trainMode, createGraph: false };
    const { gradients, conclude } = this.gradients(heads, headGrads, request);
    const sums = [...gradients].map(
      ([{ grad, req }, gradient]) => [grad, req === "add" ? grad.add(gradient) : gradient] as const,
    );
    for (const [grad, sum] of sums) this.overwrite(grad, sum);
    conclude(retainGraph);
  }

  gradients(
    heads: readonly NDArray[],
    headGrads: readonly (NDArray | undefined)[],
    request: GradientRequest,
  ): TracedGradients {
    this.checkActive();
    return this.reverse.gradients(heads, headGrads, request);
  }

  keepCustom(backward: CustomBackward): number {
    return this.reverse.keepCustom(backward);
  }

  onBackward(array: NDArray, effect: () => void): void {
    const { recorded } = this.parts.places.of(array);
    if (recorded !== undefined) this.reverse.effects.push({ id: recorded.id, run: effect });
  }

  // Random numbers

  get randomState(): NDArray {
    if (this.state !== undefined) return this.state;
    const real = this.host.untraced(() => this.host.randomState);
    const state = NDArray.recorded(this, real.type, noTrace, -1, false);
    const { places, sources } = this.parts;
    places.outside(state, real, sources.random(real.type));
    this.firstState = state;
    this.state = state;
    return state;
  }

  set randomState(state: NDArray) {
    this.state = state;
  }

  /** The state that random numbers go on from, if any were drawn. */
  get nextRandomState(): NDArray | undefined {
    return this.state === this.firstState ? undefined : this.state;
  }

  // Refusals

  refuse(op: string): never {
    throw new ArgumentError({
      op,
      problem: "can't be used within a compiled function",
      received: this.name,
      allowed: "the function itself, called without compile",
    });
  }

  private checkActive(): void {
    if (this.active) return;
    throw new ArgumentError({
      op: this.name,
      problem: "array belongs to a run of a compiled function that has ended",
      allowed: "what the function returns, and arrays from outside that it writes to",
    });
  }
}

import type { TensorType } from "@adjoint/graph";
import type { Tensor } from "@adjoint/runtime";
import type { Leaf, NDArray, RecordedTrace } from "../array/ndarray.js";
import type { Sources } from "./origins.js";
import type { Segment } from "./segment.js";
import type { Segments } from "./segments.js";
import type { ReadValue, Step } from "./step.js";
import type { Storage } from "./storage.js";
import type { Values } from "./values.js";

/** Where a gradient that arrives at a value goes on to: a variable, or an earlier trace. */
export type Destination =
  | { readonly kind: "leaf"; readonly leaf: Leaf }
  | { readonly kind: "trace"; readonly trace: Trace; readonly index: number };

/** What `backward` does besides gradients when it passes a step: running statistics. */
export interface Effect {
  readonly index: number;
  run(): void;
}

/** The backward of a user's function, as a running plan calls it and as a recorded program does. */
export interface CustomBackward {
  /** Arrays that are not being recorded. */
  onPlain(heads: readonly NDArray[]): readonly NDArray[];
  onTensors(heads: readonly Tensor[]): readonly Tensor[];
  onArrays(heads: readonly NDArray[]): readonly NDArray[];
}

// For traces that are forgotten: nothing is added to them.
const noDestinations = new Map<number, Destination>();
const noHandles: (NDArray | undefined)[] = [];

const nothing = new Uint8Array(0);

/** With fewer bytes of inputs it is not worth the time to find out which of them are needed. */
const fewBytes = 4096;

/**
 * One run along a path of the trace tree: the numbers that this run saw, and the arrays that users hold of it. Steps are
 * shared between runs; everything here belongs to one.
 */
export class Trace implements RecordedTrace {
  /** The numbers of this run, until it is forgotten: arrays that still need them hold them on their own. */
  values: Values;
  /** The user's arrays by value count. */
  handles: (NDArray | undefined)[];
  destinations: Map<number, Destination> = new Map();
  effects: Effect[] = [];
  /** Whether there are arrays of it that are not among `handles`. */
  hasOtherArrays = false;
  /** Whether this run left the known paths. */
  grown = false;
  /** How many of its steps were new and asked for their line. */
  sites = 0;
  /** Whether its numbers are gone, so that nothing can be added. */
  forgotten = false;
  /** Steps by value, as far as somebody asked. */
  private readonly steps: Step[] = [];
  private indexed: Step | undefined;
  /** Plans that ran. */
  private readonly segmentsRun: Segment[] = [];
  // What most traces do not have is made when it is needed.
  awaited: Set<number> | undefined;
  /** Memory that takes over values. */
  private waiting: Storage[] | undefined;
  private functions: Map<number, CustomBackward> | undefined;
  /** Value counts of inputs that are variables with the request `null`, or depend on one. */
  private silent: Set<number> | undefined;
  /** Value counts whose graph was used up by `backward`; `whole` where that is all of them. */
  private released: Set<number> | "whole" | undefined;
  constructor(
    /** Later traces read from earlier ones only. */
    readonly number: number,
    public cursor: Step,
    /** Whether it belongs to a recorded scope, and so goes on after a read. */
    readonly inRecord: boolean,
    /** Pending steps at which it runs without being asked for. */
    readonly pendingLimit: number,
    private readonly segments: Segments,
  ) {
    this.values = segments.begin(cursor);
    this.handles = segments.handles.take();
  }

  /** Functions with a backward of their own, by the key that their step carries. */
  get customs(): Map<number, CustomBackward> {
    this.functions ??= new Map();
    return this.functions;
  }

  /** Whether functions with a backward of their own are on it. */
  get hasCustoms(): boolean {
    return this.functions !== undefined && this.functions.size > 0;
  }

  /** Steps that have not run. */
  get pending(): number {
    return this.cursor.depth - this.values.executed.depth;
  }

  /** Whether all steps that have not run give results for any numbers. */
  get isCertain(): boolean {
    return this.cursor.refusals === this.values.executed.refusals;
  }

  /** Runs what is pending, and brings the user's arrays up to date. */
  run(): void {
    const { values, cursor } = this;
    const from = values.executed;
    if (from === cursor) return;
    values.executed = cursor;
    try {
      const { segment, isWhole } = this.segments.run(values, from, cursor);
      // Where it is not known yet who is wanted, arrays ask when they are read.
      if (!isWhole) this.hasRun(segment);
    } catch {
      this.runSingly(from);
    }
  }

  /** Runs steps one by one, so that a failure concerns its own result and what depends on it, and nothing else. */
  private runSingly(from: Step): void {
    const { values } = this;
    for (const step of this.cursor.since(from)) {
      const { action, parent } = step;
      if (action?.kind !== "call" || parent === undefined) continue;
      try {
        for (const index of action.operands) values.checkFailure(index);
        this.segmentsRun.push(this.segments.run(values, parent, step).segment);
      } catch (error) {
        for (let index = step.base; index < step.end; index++) values.fail(index, error);
      }
    }
  }

  /** Has `storage` take over what `source`, an array of this trace, will be. */
  promise(storage: Storage, source: NDArray, isGiven: boolean): void {
    this.waiting ??= [];
    this.waiting.push(storage);
    this.awaited ??= new Set();
    this.awaited.add(source.index);
    storage.defer(source, isGiven);
  }

  /** Takes note of a plan that was run, and gives arrays the numbers that were computed for them. */
  hasRun(segment: Segment): void {
    this.segmentsRun.push(segment);
    this.settle(segment.outputs);
  }

  /** Gives arrays the numbers that were computed for them. */
  private settle(indices: readonly number[]): void {
    const { handles, values } = this;
    for (let at = 0; at < indices.length; at++) {
      const index = indices[at] ?? -1;
      const handle = handles[index];
      const tensor = values.data[index];
      if (handle === undefined || tensor === undefined || handle.storage !== undefined) continue;
      if (handle.trace === this && handle.index === index) handle.hold(tensor, "computed");
    }
  }

  /** What was read right after the last step. */
  readValues(): readonly ReadValue[] {
    const { reads } = this.cursor;
    if (reads === undefined) return [];
    return [...reads.keys()].map((index) => {
      const tensor = this.values.data[index];
      const data = tensor?.type.dtype === "float16" ? undefined : tensor?.data;
      const [value] = data?.length === 1 ? data : [];
      return { index, value: value === undefined ? undefined : Number(value) };
    });
  }

  /** The step that made a value. */
  stepOf(index: number): Step {
    const { cursor } = this;
    if (index >= cursor.base && index < cursor.end) return cursor;
    this.indexSteps();
    const step = this.steps[index];
    if (step === undefined) throw new Error(`trace ${this.number}: no value ${index}`);
    return step;
  }

  /** Brings `steps` up to the cursor; each step is visited once in the trace's life. */
  private indexSteps(): void {
    let step: Step | undefined = this.cursor;
    for (; step !== undefined && step !== this.indexed; step = step.parent) {
      for (let index = step.base; index < step.end; index++) this.steps[index] = step;
    }
    this.indexed = this.cursor;
  }

  typeOf(index: number): TensorType {
    const step = this.stepOf(index);
    const type = step.types[index - step.base];
    if (type === undefined) throw new Error(`trace ${this.number}: no value ${index}`);
    return type;
  }

  addSilent(index: number): void {
    this.silent ??= new Set();
    this.silent.add(index);
  }

  /** Whether recorded steps lead from a variable with the request `null` to a value. */
  dependsOnSilent(index: number): boolean {
    const { silent } = this;
    if (silent === undefined) return false;
    const seen = new Set<number>();
    const waiting = [index];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (silent.has(next)) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      const { action } = this.stepOf(next);
      if (action?.kind === "call" && action.recorded) waiting.push(...action.operands);
    }
    return false;
  }

  /** Marks values as used up by `backward`; when no gradient can flow any more, the numbers go too. */
  release(values: readonly number[]): void {
    const { trackedValues } = this.cursor;
    if (values.length < trackedValues && this.released !== "whole") {
      this.released ??= new Set();
      for (const index of values) this.released.add(index);
      if (this.released.size < trackedValues) return;
    }
    this.released = "whole";
    this.forget();
  }

  /** Whether `backward` has used up the graph of a value that gradients flow through. */
  isReleased(index: number): boolean {
    const { released } = this;
    return released !== undefined && (released === "whole" || released.has(index));
  }

  /** Lets arrays go that nobody can have, of values from `start` on: all but those that are `kept`. */
  dropArrays(start: number, kept: readonly NDArray[]): void {
    const { handles } = this;
    for (let index = start; index < handles.length; index++) {
      const handle = handles[index];
      if (handle !== undefined && !kept.includes(handle)) handles[index] = undefined;
    }
  }

  /**
   * Gives each array without numbers what it needs to be computed if it is read after all, and no more; what that is,
   * is marked by 1. Arrays of which that is not known keep all inputs.
   */
  private divide(): Uint8Array {
    const { handles, cursor } = this;
    const needed = new Uint8Array(cursor.end);
    const parts = new Map<Sources, Values>();
    let isWhole = this.hasOtherArrays;
    for (let index = 0; index < cursor.end; index++) {
      const handle = handles[index];
      if (handle === undefined || handle.storage !== undefined) continue;
      const sources = this.sourcesOf(index);
      const part = sources && (parts.get(sources) ?? this.partOf(sources, needed));
      if (sources === undefined || part === undefined) {
        isWhole = true;
        continue;
      }
      parts.set(sources, part);
      handle.values = part;
    }
    if (isWhole) this.markInputs(needed);
    return needed;
  }

  private sourcesOf(index: number): Sources | undefined {
    for (const { origins } of this.segmentsRun) {
      const sources = origins?.of(index);
      if (sources !== undefined) return sources;
    }
    return undefined;
  }

  /** The numbers of some values; undefined where they are not all there. */
  private partOf(sources: Sources, needed: Uint8Array): Values | undefined {
    const { values, handles } = this;
    const part = this.segments.begin(values.executed);
    for (const source of sources) {
      const tensor = values.data[source];
      if (tensor === undefined) return undefined;
      part.data[source] = tensor;
    }
    for (const source of sources) {
      needed[source] = 1;
      handles[source]?.storage?.keepForRun();
    }
    return part;
  }

  private markInputs(marks: Uint8Array): void {
    for (let step: Step | undefined = this.cursor; step !== undefined; step = step.parent) {
      if (step.action?.kind === "input") marks[step.base] = 1;
    }
  }

  /** Lets go of all numbers; arrays that users hold keep theirs, or what they can be computed from. */
  forget(): void {
    if (this.forgotten) return;
    this.run();
    this.forgotten = true;
    this.values.handOut((indices) => this.settle(indices));
    this.values.drop(this.values.inputBytes < fewBytes ? nothing : this.divide());
    this.values = this.segments.none;
    // From here on arrays have numbers that may be written to.
    for (const storage of this.waiting ?? []) storage.settlePending(this);
    this.waiting = undefined;
    this.awaited = undefined;
    this.segments.handles.give(this.handles, this.cursor.end);
    this.handles = noHandles;
    this.destinations = noDestinations;
    this.silent = undefined;
    this.functions = undefined;
    if (this.effects.length > 0) this.effects = [];
  }
}

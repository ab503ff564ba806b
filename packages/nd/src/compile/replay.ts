import { refKey, sizeOf } from "@adjoint/graph";
import { copyTensor, type Tensor, tensorView } from "@adjoint/runtime";
import { type ArrayHost, NDArray } from "../array/ndarray.js";
import { Storage } from "../recording/storage.js";
import type { Binding } from "./callPattern.js";
import {
  type FinalEffect,
  type Finish,
  type Fork,
  PathNode,
  type Segment,
  type Taken,
} from "./path.js";
import type { Planner } from "./planProgram.js";
import { type Outcome, truthOf } from "./reads.js";
import type { Result } from "./resultPattern.js";
import type { Source } from "./source.js";

/** What runs of compiled functions need of the session. */
export interface ReplayHost extends ArrayHost {
  randomState: NDArray;
  fromTensor(tensor: Tensor): NDArray;
  /** Forgets what the recorder knew of an array whose numbers are others now. */
  written(target: NDArray): void;
}

/** Values of one run, by slot. */
export type Frame = (Tensor | undefined)[];

/**
 * Where a run left the known paths: a read gave something new, or, without an outcome, numbers that the arguments
 * decide are not known there.
 */
export interface Miss {
  readonly node: PathNode;
  readonly outcome: Outcome | undefined;
}

/** The array that a source stands for in a call. */
export function arrayOf({ origin }: Source, host: ReplayHost, { arrays }: Binding): NDArray {
  switch (origin.kind) {
    case "captured":
      return origin.array;
    case "argument":
      return found(arrays[origin.position]);
    case "gradient":
      return found(arrays[origin.position]?.leaf?.grad);
    case "random":
      return host.randomState;
    default:
      return origin satisfies never;
  }
}

export function loadSources(
  sources: readonly Source[],
  frame: Frame,
  host: ReplayHost,
  binding: Binding,
): void {
  for (let at = 0; at < sources.length; at++) {
    const source = sources[at];
    if (source !== undefined) frame[source.slot] = tensorOf(source, host, binding);
  }
}

/** What a source holds now. */
export function tensorOf(source: Source, host: ReplayHost, binding: Binding): Tensor {
  const array = arrayOf(source, host, binding);
  return tensorView(array.planTensor(), source.type);
}

/** The stretches of a path that a run has computed, from the root on, and by which segments. */
export class Progress {
  private count = 0;
  private readonly nodes: PathNode[] = [];
  private readonly segments: (Segment | undefined)[] = [];

  get depth(): number {
    return this.count;
  }

  nodeAt(depth: number): PathNode | undefined {
    return depth < this.count ? this.nodes[depth] : undefined;
  }

  /** Whether a stretch has run as this segment. */
  has(depth: number, segment: Segment | undefined): boolean {
    return depth < this.count && this.segments[depth] === segment;
  }

  set(depth: number, node: PathNode, segment: Segment | undefined): void {
    this.nodes[depth] = node;
    this.segments[depth] = segment;
    this.count = Math.max(this.count, depth + 1);
  }

  clear(): void {
    this.count = 0;
  }

  /** What the stretches have left in the frame, by the key of the value. */
  valuesIn(frame: Frame): Map<string, Tensor> {
    const found = new Map<string, Tensor>();
    for (let depth = 0; depth < this.count; depth++) {
      for (const { ref, slot } of this.nodes[depth]?.carriedValues ?? []) {
        const tensor = frame[slot];
        if (tensor !== undefined) found.set(refKey(ref), tensor);
      }
    }
    return found;
  }
}

/** How a run goes along a path. */
export interface PathRun {
  readonly frame: Frame;
  /** Whose values literals have. */
  readonly numbers: number;
  readonly planner: Planner;
  /** What has run already is not run again, unless it has to give more. */
  readonly progress: Progress;
}

/**
 * Runs along the known paths, with the numbers of one binding. Nothing outside changes.
 *
 * @returns the node that the path ends in, or where it left the known paths
 */
export function runPath(root: PathNode, run: PathRun): PathNode | Miss {
  const { frame, numbers, planner, progress } = run;
  let node = root;
  for (let depth = 0; ; depth++) {
    if (node.literals.length > 0 && !loadNumbers(node, frame, numbers)) {
      return { node, outcome: undefined };
    }
    const segment = node.segment ?? node.planned(planner);
    if (segment !== undefined && !progress.has(depth, segment)) runSegment(segment, frame);
    progress.set(depth, node, segment);
    if (node.fork === undefined) return node;
    const next = progress.nodeAt(depth + 1) ?? follow(node, node.fork, frame);
    if (!(next instanceof PathNode)) return next;
    node = next;
  }
}

/** Where the value that was read leads. */
function follow(node: PathNode, { guard, slot }: Fork, frame: Frame): PathNode | Miss {
  const tensor = found(frame[slot]);
  const outcome = guard.kind === "truth" ? truthOf(tensor) : tensor.data;
  const next = node.branch(outcome);
  if (next !== undefined) return next;
  return { node, outcome: typeof outcome === "boolean" ? outcome : outcome.slice() };
}

function loadNumbers({ literals, values }: PathNode, frame: Frame, numbers: number): boolean {
  const tensors = values.get(numbers);
  if (tensors === undefined) return false;
  for (let at = 0; at < literals.length; at++) frame[literals[at]?.slot ?? -1] = tensors[at];
  return true;
}

function runSegment({ inputs, outputs, donated, plan }: Segment, frame: Frame): void {
  for (let at = 0; at < donated.length; at++) {
    const source = donated[at];
    if (source !== undefined) keepShared(source, frame);
  }
  const given: Tensor[] = [];
  for (let at = 0; at < inputs.length; at++) given.push(found(frame[inputs[at] ?? -1]));
  const results = plan.run(given);
  for (let at = 0; at < outputs.length; at++) frame[outputs[at] ?? -1] = results[at];
}

/** Gives the plan a copy of memory that it may write to, if somebody else still reads it. */
function keepShared({ origin, slot }: Source, frame: Frame): void {
  if (origin.kind !== "captured" || origin.array.storage?.shared !== true) return;
  frame[slot] = copyTensor(found(frame[slot]));
}

/**
 * Whose memory the values of a frame have: the run's own; `borrowed` from a plan, which writes over it in its next run;
 * or `copied` from there before anything outside has changed, so that new contents may be written over the old ones.
 */
export type FrameMemory = "own" | "borrowed" | "copied";

/** Applies a path's effects and makes its result. */
export function conclude(
  { result, repeats, outputs, effects }: Finish,
  frame: Frame,
  host: ReplayHost,
  binding: Binding,
  memory: FrameMemory = "own",
): unknown {
  const arrays = repeats ? new Map<Result, NDArray>() : undefined;
  const context = { host, binding, storages: storagesOf(outputs, frame, memory), arrays };
  // A write gives memory back that a later one may read: all are taken first.
  const contents = new Array<Tensor | undefined>(effects.length);
  for (let at = 0; at < effects.length; at++) contents[at] = contentsOf(effects[at], frame, memory);
  for (let at = 0; at < effects.length; at++) {
    const effect = effects[at];
    if (effect !== undefined) applyEffect(effect, contents[at], memory, context);
  }
  return made(result, context);
}

function contentsOf(
  effect: FinalEffect | undefined,
  frame: Frame,
  memory: FrameMemory,
): Tensor | undefined {
  if (effect === undefined || effect.kind === "attach") return undefined;
  return memory === "copied" ? frame[effect.taken.slot] : take(effect.taken, frame, memory);
}

const noStorages: readonly Storage[] = [];

function storagesOf(
  outputs: readonly Taken[],
  frame: Frame,
  memory: FrameMemory,
): readonly Storage[] {
  const [first] = outputs;
  if (first === undefined) return noStorages;
  if (outputs.length === 1) return [new Storage(take(first, frame, memory), "own")];
  return outputs.map((taken) => new Storage(take(taken, frame, memory), "own"));
}

interface ResultContext {
  readonly host: ReplayHost;
  readonly binding: Binding;
  readonly storages: readonly Storage[];
  /** Arrays made so far, where one occurs more than once. */
  readonly arrays: Map<Result, NDArray> | undefined;
}

function take({ slot, copy }: Taken, frame: Frame, memory: FrameMemory): Tensor {
  const tensor = found(frame[slot]);
  return copy || memory !== "own" ? copyTensor(tensor) : tensor;
}

function applyEffect(
  effect: FinalEffect,
  contents: Tensor | undefined,
  memory: FrameMemory,
  context: ResultContext,
): void {
  const { host, binding } = context;
  switch (effect.kind) {
    case "write": {
      const array = arrayOf(effect.source, host, binding);
      if (memory === "copied") array.copyFrom(found(contents));
      else writeInto(array, found(contents));
      host.written(array);
      return;
    }
    case "random": {
      const { type } = host.randomState;
      host.randomState = host.fromTensor(tensorView(found(contents), type));
      return;
    }
    case "attach": {
      const array = arrayOf(effect.source, host, binding);
      const grad = made(effect.grad, context);
      if (!(grad instanceof NDArray)) throw new Error("compile: gradient is no array");
      array.read();
      array.trace = undefined;
      array.tracked = false;
      array.captured = undefined;
      array.leaf = { grad, req: effect.req };
      return;
    }
    default:
      effect satisfies never;
  }
}

/** Puts numbers of the caller's own in place of all elements. */
function writeInto(array: NDArray, tensor: Tensor): void {
  const { storage } = array;
  const whole = storage?.length === sizeOf(tensor.type.shape);
  if (storage !== undefined && whole) storage.replace(tensor, "own");
  else array.overwrite(tensor);
}

function made(result: Result, context: ResultContext): unknown {
  switch (result.kind) {
    case "output":
      return context.arrays?.get(result) ?? outputOf(result, context);
    case "constant":
      return result.value;
    case "captured":
      return result.array;
    case "argument":
      return arrayOf(result.source, context.host, context.binding);
    case "view":
      return context.arrays?.get(result) ?? viewOf(result, context);
    case "list":
      return result.items.map((item) => made(item, context));
    case "record":
      return Object.fromEntries(
        result.keys.map((key, at) => [key, made(found(result.items[at]), context)]),
      );
    default:
      return result satisfies never;
  }
}

function outputOf(result: Result & { kind: "output" }, context: ResultContext): NDArray {
  const { type, offset, output, leaf } = result;
  const array = NDArray.of(context.host, type, found(context.storages[output]), offset);
  context.arrays?.set(result, array);
  if (leaf !== undefined) {
    const grad = made(leaf.grad, context);
    if (grad instanceof NDArray) array.leaf = { grad, req: leaf.req };
  }
  return array;
}

function viewOf(result: Result & { kind: "view" }, context: ResultContext): NDArray {
  const { host, binding, arrays } = context;
  const base = arrayOf(result.source, host, binding);
  base.read();
  const array = NDArray.of(host, result.type, found(base.storage), base.offset + result.offset);
  arrays?.set(result, array);
  return array;
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("compile: a value is missing");
  return value;
}

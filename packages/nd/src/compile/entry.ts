import type { NDArray } from "../array/ndarray.js";
import type { Storage } from "../recording/storage.js";
import { type Binding, fitAll, type IsRecorded, type Pattern } from "./callPattern.js";
import { JoinedPaths, type TreeHost } from "./joinedPaths.js";
import { PathTree } from "./pathTree.js";
import type { Planner } from "./planProgram.js";
import type { Program } from "./program.js";
import { arrayOf, type Frame, Progress, type ReplayHost } from "./replay.js";
import { type Sharing, Sources } from "./source.js";

/** Why an entry does not serve a call whose arguments look like its own. */
export type Misfit = "mode" | "captured" | "sharing";

/** Numbers of a call, and under which key the paths keep what follows from them. */
interface NumberBinding {
  readonly numbers: readonly number[];
  readonly id: number;
}

/** How many different numbers are remembered. */
const bindingLimit = 64;

/** What is known of one kind of call: its arguments' types and values, and the paths that it takes. */
export class Entry {
  sources = new Sources();
  tree: PathTree;
  readonly binding: Binding = { arrays: [], numbers: [] };
  readonly frame: Frame = [];
  /** What the run that goes on has computed. */
  readonly progress = new Progress();
  /** The paths as one piece of code. */
  joined = new JoinedPaths();
  /** Numbers seen where they vary, the latest first. */
  private readonly bindings: NumberBinding[] = [];
  private made = 0;
  /** The memory of the captured arrays, as far as they are counted. */
  private readonly memories = new Set<Storage>();
  private counted = 0;

  constructor(
    readonly items: readonly Pattern[],
    readonly training: boolean,
    /** Whether numbers among the arguments vary. */
    readonly hasNumbers: boolean,
  ) {
    this.tree = new PathTree(this.sources, hasNumbers);
  }

  /** The binding of the numbers that the arguments hold now; -1 for ones not seen lately. */
  get bound(): number {
    if (!this.hasNumbers) return 0;
    const { bindings } = this;
    for (let at = 0; at < bindings.length; at++) {
      const known = bindings[at];
      if (known !== undefined && sameNumbers(known.numbers, this.binding.numbers)) return known.id;
    }
    return -1;
  }

  /** Positions of the numbers that are others than in the call before. */
  get changed(): readonly number[] {
    const latest = this.bindings[0]?.numbers ?? [];
    return this.binding.numbers.flatMap((number, at) =>
      Object.is(number, latest[at]) ? [] : [at],
    );
  }

  /** Notes what the arguments' numbers are in a program that was just traced with them. */
  bind(program: Program): void {
    if (!this.hasNumbers) return;
    let id = this.bound;
    if (id < 0) {
      id = this.made++;
      this.bindings.unshift({ numbers: [...this.binding.numbers], id });
    }
    this.tree.bind(id, program);
    const oldest = this.bindings.length > bindingLimit ? this.bindings.pop() : undefined;
    if (oldest !== undefined) this.tree.unbind(oldest.id);
  }

  /** Whether the arguments look like those of this entry; they are kept in `binding`. */
  fits(args: readonly unknown[], isRecorded: IsRecorded): boolean {
    return args.length === this.items.length && fitAll(this.items, args, this.binding, isRecorded);
  }

  /** What else keeps the entry from serving the call that was just bound. */
  misfit(training: boolean, host: ReplayHost): Misfit | undefined {
    if (training !== this.training) return "mode";
    const { captured, sharings, outside } = this.sources;
    for (let at = 0; at < captured.length; at++) {
      const one = captured[at];
      if (one !== undefined && one.array.leaf !== one.leaf) return "captured";
    }
    if (!this.allHold(sharings, host)) return "sharing";
    if (this.touchesCaptured(host) && !this.allHold(outside, host)) return "sharing";
    return undefined;
  }

  /** Whether any argument is over memory of a captured array. */
  private touchesCaptured(host: ReplayHost): boolean {
    const { all, outside, captured } = this.sources;
    if (outside.length === 0) return false;
    const { memories } = this;
    for (; this.counted < captured.length; this.counted++) {
      const one = captured[this.counted];
      if (one !== undefined) memories.add(storageOf(one.array));
    }
    for (let at = 0; at < all.length; at++) {
      const source = all[at];
      if (source === undefined || source.origin.kind === "captured") continue;
      if (source.origin.kind === "random") continue;
      if (memories.has(storageOf(arrayOf(source, host, this.binding)))) return true;
    }
    return false;
  }

  private allHold(sharings: readonly Sharing[], host: ReplayHost): boolean {
    for (let at = 0; at < sharings.length; at++) {
      const one = sharings[at];
      if (one !== undefined && !this.holds(one, host)) return false;
    }
    return true;
  }

  /** Forgets all paths. */
  reset(): void {
    this.sources = new Sources();
    this.tree = new PathTree(this.sources, this.hasNumbers);
    this.frame.length = 0;
    this.progress.clear();
    this.joined = new JoinedPaths();
    this.bindings.length = 0;
    this.memories.clear();
    this.counted = 0;
  }

  /** Takes note of a run along known paths; joins them once they have run often enough. */
  noteReplay(host: TreeHost, planner: Planner): void {
    if (!this.hasNumbers) this.joined.note(this.progress.depth, this, host, planner);
  }

  /** Lets go of the numbers of a run. */
  clear(): void {
    const { frame, progress } = this;
    const { arrays } = this.binding;
    progress.clear();
    for (let at = 0; at < frame.length; at++) frame[at] = undefined;
    for (let at = 0; at < arrays.length; at++) arrays[at] = undefined;
  }

  private holds({ one, other, same }: Sharing, host: ReplayHost): boolean {
    const a = arrayOf(one, host, this.binding);
    const b = arrayOf(other, host, this.binding);
    return same ? coincide(a, b) : !overlap(a, b);
  }
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  for (let at = 0; at < a.length; at++) if (!Object.is(a[at], b[at])) return false;
  return true;
}

function coincide(a: NDArray, b: NDArray): boolean {
  return storageOf(a) === storageOf(b) && a.offset === b.offset;
}

function overlap(a: NDArray, b: NDArray): boolean {
  if (storageOf(a) !== storageOf(b)) return false;
  return a.offset < b.offset + b.size && b.offset < a.offset + a.size;
}

function storageOf(array: NDArray): Storage {
  if (array.storage === undefined) array.read();
  const { storage } = array;
  if (storage === undefined) throw new Error("compile: array has no numbers");
  return storage;
}

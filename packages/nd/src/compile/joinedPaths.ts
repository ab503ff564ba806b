import type { ProgramStretch, Tensor, TreePlan } from "@adjoint/runtime";
import type { Binding } from "./callPattern.js";
import { type Finish, type PathNode, type Segment, takenOf } from "./path.js";
import type { PathTree } from "./pathTree.js";
import type { Planner } from "./planProgram.js";
import { conclude, type Frame, type Progress, type ReplayHost, tensorOf } from "./replay.js";
import type { Source, Sources } from "./source.js";

/** Makes one piece of code of stretches. */
export interface TreeHost {
  /** Undefined where that gains nothing. */
  planTree(stretches: readonly ProgramStretch[]): TreePlan | undefined;
  /** Runs of stretches after which it has paid. */
  runsBeforeTree(stretches: number): number;
}

/** Larger trees grow on, and their code would be made again and again. */
const mostStretches = 256;

/** A value that a path's end takes: from the code, or from outside. */
interface TakenValue {
  readonly slot: number;
  readonly source: Source | undefined;
}

/** A stretch as it was when the code was made. */
interface JoinedStretch {
  readonly node: PathNode;
  readonly segment: Segment | undefined;
  readonly taken: readonly TakenValue[];
}

interface Code {
  readonly plan: TreePlan;
  readonly stretches: readonly JoinedStretch[];
  readonly sources: readonly Source[];
}

/**
 * The known paths of a kind of call as one piece of code: reads are branches in it, and where an outcome leads out of
 * what was known, the plans of single stretches go on with the values computed so far. It is made once the stretches
 * have run often enough, and again when paths that came later have.
 */
export class JoinedPaths {
  private code: Code | undefined;
  /** Runs of single stretches since the code was made. */
  private runs = 0;
  /** Stretches of the run that goes on which the code has computed. */
  private handedOver = 0;
  /** What the tree had when code was made of it. */
  private size = 0;
  private refused = false;
  private readonly inputs: (Tensor | undefined)[] = [];
  private readonly frame: Frame = [];
  /** Where the last run ended; undefined where there was none. */
  private end: JoinedStretch | undefined;

  /** Runs a call as far as paths are known. True if it has come to an end. */
  run(host: ReplayHost, binding: Binding): boolean {
    const { code, inputs } = this;
    this.end = undefined;
    this.handedOver = 0;
    if (code === undefined) return false;
    const { sources, plan, stretches } = code;
    for (let at = 0; at < sources.length; at++) {
      const source = sources[at];
      if (source !== undefined) inputs[at] = tensorOf(source, host, binding);
    }
    try {
      this.end = stretches[plan.run(inputs)];
    } finally {
      for (let at = 0; at < inputs.length; at++) inputs[at] = undefined;
    }
    return this.end?.node.finish !== undefined;
  }

  /** Applies the effects of the run that has come to an end, and makes its result. */
  conclude(host: ReplayHost, binding: Binding): unknown {
    const { code, end, frame } = this;
    const finish = end?.node.finish;
    if (code === undefined || end === undefined || finish === undefined) {
      throw new Error("compile: no end");
    }
    const { taken } = end;
    for (let at = 0; at < taken.length; at++) {
      const one = taken[at];
      if (one === undefined) continue;
      const { slot, source } = one;
      frame[slot] =
        source === undefined ? code.plan.valueOf(slot) : tensorOf(source, host, binding);
    }
    const memory = taken.some(({ source }) => source !== undefined) ? "borrowed" : "copied";
    const result = conclude(finish, frame, host, binding, memory);
    for (let at = 0; at < taken.length; at++) frame[taken[at]?.slot ?? 0] = undefined;
    return result;
  }

  /** Gives what the last run has computed, where it left the known paths. */
  handOver(progress: Progress, frame: Frame): void {
    const { code, end } = this;
    if (code === undefined || end === undefined) return;
    const path: JoinedStretch[] = [];
    for (let node: PathNode | undefined = end.node; node !== undefined; node = node.parent) {
      const stretch = code.stretches.find((one) => one.node === node);
      if (stretch !== undefined) path.unshift(stretch);
    }
    for (const [depth, { node, segment }] of path.entries()) {
      for (const slot of segment?.outputs ?? []) frame[slot] = code.plan.valueOf(slot);
      progress.set(depth, node, segment);
    }
    this.handedOver = path.length;
  }

  /** Takes note of a run by single stretches; makes code once that has paid. */
  note(depth: number, { tree, sources }: Paths, host: TreeHost, planner: Planner): void {
    this.runs += depth - this.handedOver;
    if (this.refused || tree.size === this.size) return;
    if (this.runs < host.runsBeforeTree(tree.size)) return;
    const made = codeFor(tree.nodes, sources.all, host, planner);
    this.refused = made === undefined;
    this.code = made ?? this.code;
    this.size = tree.size;
    this.runs = 0;
  }
}

/** What code is made of. */
interface Paths {
  readonly tree: PathTree;
  readonly sources: Sources;
}

/** Undefined where one piece of code gains nothing, or can't be had. */
function codeFor(
  nodes: readonly PathNode[],
  sources: readonly Source[],
  host: TreeHost,
  planner: Planner,
): Code | undefined {
  if (nodes.length > mostStretches || !nodes.every(isPlain)) return undefined;
  const bySlot = new Map(sources.map((source) => [source.slot, source]));
  const stretches = nodes.map((node): JoinedStretch => {
    return { node, segment: node.planned(planner), taken: takenBy(node.finish, bySlot) };
  });
  const positions = new Map(nodes.map((node, position) => [node, position]));
  const plan = host.planTree(stretches.map((stretch) => programOf(stretch, positions)));
  if (plan === undefined) return undefined;
  planner.plans++;
  const read = plan.sources.map(({ value }) => bySlot.get(value));
  const known = read.filter((source) => source !== undefined);
  if (known.length < read.length) throw new Error("compile: a value has no source");
  return { plan, stretches, sources: known };
}

/** Whether a stretch ends in a truth value at most, and has no numbers that vary. */
function isPlain({ literals, fork }: PathNode): boolean {
  return literals.length === 0 && fork?.guard.kind !== "elements";
}

function programOf(
  { node, segment }: JoinedStretch,
  positions: ReadonlyMap<PathNode, number>,
): ProgramStretch {
  const { fork, program } = node;
  const next = (outcome: boolean): number => {
    const branch = fork?.branches.find((one) => one.outcome === outcome);
    return (branch && positions.get(branch)) ?? -1;
  };
  return {
    graph: segment?.plan.graph,
    inputs: segment?.inputs ?? [],
    outputs: segment?.outputs ?? [],
    fork: fork && {
      value: fork.slot,
      type: program.tape.valueAt(fork.guard.ref).type,
      whenTrue: next(true),
      whenFalse: next(false),
    },
  };
}

function takenBy(
  finish: Finish | undefined,
  sources: ReadonlyMap<number, Source>,
): readonly TakenValue[] {
  if (finish === undefined) return [];
  const { outputs, effects } = finish;
  const taken = [...outputs, ...effects.flatMap(takenOf)];
  return taken.map(({ slot }) => ({ slot, source: sources.get(slot) }));
}

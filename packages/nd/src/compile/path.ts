import {
  byteLengthOf,
  type Graph,
  type Node,
  type NodeId,
  type Ref,
  refKey,
  sizeOf,
  type Value,
} from "@adjoint/graph";
import type { Donation, Plan, Tensor } from "@adjoint/runtime";
import type { GradReq } from "../array/ndarray.js";
import { type Literal, literalTensor } from "./literals.js";
import { type Planner, simplified } from "./planProgram.js";
import type { Effect, Program } from "./program.js";
import { type Guard, type Outcome, sameOutcome } from "./reads.js";
import type { Result } from "./resultPattern.js";
import { type NamedRef, rowsBehind, segmentGraph } from "./segmentGraph.js";
import type { Source, Sources } from "./source.js";
import { refOf } from "./tape.js";

/** What runs between two reads: a plan, and where in the frame its inputs and outputs are. */
export interface Segment {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Sources whose memory the plan may write to. */
  readonly donated: readonly Source[];
}

/** A value that a segment leaves in the frame. */
export interface Carried {
  readonly name: string;
  readonly ref: Ref;
  readonly slot: number;
}

/** A value in the frame; `copy` where somebody else holds its numbers. */
export interface Taken {
  readonly slot: number;
  readonly copy: boolean;
}

/** `Effect`, with values by their place in the frame. */
export type FinalEffect =
  | { readonly kind: "write"; readonly source: Source; readonly taken: Taken }
  | { readonly kind: "random"; readonly taken: Taken }
  | {
      readonly kind: "attach";
      readonly source: Source;
      readonly grad: Result;
      readonly req: GradReq;
    };

/** How a path ends: what the function returns, and what it changes outside. */
export interface Finish {
  readonly result: Result;
  /** Whether an array occurs more than once in the result. */
  readonly repeats: boolean;
  readonly outputs: readonly Taken[];
  readonly effects: readonly FinalEffect[];
}

/** A value that was read, and where each outcome leads. */
export interface Fork {
  readonly guard: Guard;
  readonly slot: number;
  readonly branches: PathNode[];
}

/** Values up to this size are copied where they outlive a call; plans need no new memory for them. */
const reusedBytes = 4096;

/** Continuations that are remembered at one read. */
const branchLimit = 256;

/** A stretch of a path between two reads. What came before it, its ancestors have computed. */
export class PathNode {
  segment: Segment | undefined;
  fork: Fork | undefined;
  finish: Finish | undefined;
  /** The nodes that run here, which may have been written down earlier. */
  private rows: readonly Node[] = [];
  /** Numbers written down here that the arguments' numbers decide, and their values by binding. */
  readonly literals: Literal[] = [];
  readonly values = new Map<number, readonly Tensor[]>();
  private readonly ids = new Set<NodeId>();
  private readonly carried = new Map<string, Carried>();

  constructor(
    readonly parent: PathNode | undefined,
    /** What the parent's read gave. */
    readonly outcome: Outcome | undefined,
    readonly program: Program,
    private readonly sources: Sources,
  ) {}

  /** What this stretch leaves for later ones, or as a result. */
  get carriedValues(): Iterable<Carried> {
    return this.carried.values();
  }

  /** What was read on the way here. */
  get outcomes(): readonly Outcome[] {
    const found: Outcome[] = [];
    for (let node: PathNode | undefined = this; node !== undefined; node = node.parent) {
      if (node.outcome !== undefined) found.push(node.outcome);
    }
    return found.reverse();
  }

  /** Ends this stretch with a read. */
  endWithGuard(guard: Guard): void {
    this.compute([guard.ref]);
    this.fork = { guard, slot: this.slotOf(guard.ref, "guard"), branches: [] };
  }

  /** Ends the path. */
  endWithResult({ outputs, result, repeats, effects }: Program): void {
    const refs = [
      ...outputs,
      ...effects.flatMap((one) => (one.kind === "attach" ? [] : one.value)),
    ];
    this.compute(refs.map(refOf));
    const used = new Set(this.program.inputs.map(({ source }) => source.slot));
    const take = (value: Value, name: string): Taken => {
      const ref = refOf(value);
      const slot = this.slotOf(ref, name);
      const copy = used.has(slot) || this.isReused(ref);
      used.add(slot);
      return { slot, copy };
    };
    this.finish = {
      result,
      repeats,
      outputs: outputs.map((value, at) => take(value, `y${at}`)),
      effects: effects.map((effect) => finalEffect(effect, take)),
    };
  }

  /** The branch that an outcome leads to, the one used last first. */
  branch(outcome: Outcome): PathNode | undefined {
    const branches = this.fork?.branches ?? [];
    for (let at = 0; at < branches.length; at++) {
      const branch = branches[at];
      if (branch?.outcome === undefined || !sameOutcome(branch.outcome, outcome)) continue;
      if (at > 0) {
        branches.splice(at, 1);
        branches.unshift(branch);
      }
      return branch;
    }
    return undefined;
  }

  addBranch(outcome: Outcome, program: Program): PathNode {
    const branch = new PathNode(this, outcome, program, this.sources);
    const branches = this.fork?.branches ?? [];
    branches.unshift(branch);
    if (branches.length > branchLimit) branches.pop();
    return branch;
  }

  /** The segment, planned if it was not or has to give more than before; undefined where nothing runs. */
  planned(planner: Planner): Segment | undefined {
    if (this.segment !== undefined || this.carried.size === 0) return this.segment;
    const outputs = [...this.carried.values()];
    const inputs = this.inputRefs(outputs.map(({ ref }) => ref));
    const graph = simplified(
      segmentGraph(this.program.tape, {
        name: this.program.tape.name,
        rows: this.rows.filter(({ id }) => this.literalOf(id) === undefined),
        inputs: inputs.map(({ name, ref }) => ({ name, ref })),
        outputs,
      }),
    );
    const read = readInputs(graph);
    const used = inputs.filter((_, at) => read.includes(at));
    const lean = withInputs(graph, read);
    const slots = {
      inputs: used.map(({ slot }) => slot),
      outputs: outputs.map(({ slot }) => slot),
    };
    const donations = this.donations(slots);
    const reuse = this.reusesResults;
    const plan = planner.plan(lean, { donate: donations, reuse });
    const donated = donations.map(({ source }) => source);
    this.segment = { graph: lean, plan, ...slots, donated };
    return this.segment;
  }

  /**
   * Whether each run writes over the results of the run before: what a stretch leaves for later ones is small, and dies
   * with the call.
   */
  private get reusesResults(): boolean {
    const types = [...this.carried.values()].map(({ ref }) => this.program.tape.valueAt(ref).type);
    return this.finish === undefined && types.every((type) => byteLengthOf(type) <= reusedBytes);
  }

  /** Whether the memory of a value belongs to the plan of an earlier stretch. */
  private isReused(ref: Ref): boolean {
    const owner = this.ownerOf(ref.node);
    return owner !== undefined && owner !== this && owner.reusesResults;
  }

  /** New contents that may be written over the old ones: nobody reads those once this has run. */
  private donations({
    inputs,
    outputs,
  }: Pick<Segment, "inputs" | "outputs">): readonly (Donation & { readonly source: Source })[] {
    const { finish } = this;
    if (finish === undefined) return [];
    const taken = [...finish.outputs, ...finish.effects.flatMap(takenOf)];
    const readLater = new Set(taken.map(({ slot }) => slot));
    return finish.effects.flatMap((effect) => {
      if (effect.kind !== "write" || effect.taken.copy || !ownsMemory(effect.source)) return [];
      const { source } = effect;
      const [input, output] = [inputs.indexOf(source.slot), outputs.indexOf(effect.taken.slot)];
      const fits = input >= 0 && output >= 0 && !readLater.has(source.slot);
      return fits ? [{ input, output, source }] : [];
    });
  }

  /** Makes a number an input. Values are given by `bind`. */
  addLiteral(id: NodeId): void {
    if (this.literalOf(id) !== undefined) return;
    const { type } = this.program.tape.valueAt({ node: id, out: 0 });
    const literal = { id, slot: this.sources.newSlot(), type };
    this.literals.push(literal);
    // It has been the same in every binding so far.
    const tensor = numberOf(literal, this.program);
    for (const [binding, tensors] of this.values) this.values.set(binding, [...tensors, tensor]);
    this.forgetPlans();
  }

  /** Keeps the values that numbers have in a program, for a binding of the arguments' numbers. */
  bind(binding: number, program: Program): void {
    this.values.set(
      binding,
      this.literals.map((literal) => numberOf(literal, program)),
    );
  }

  private literalOf(id: NodeId): Literal | undefined {
    for (let node: PathNode | undefined = this; node !== undefined; node = node.parent) {
      const found = node.literals.find((one) => one.id === id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private forgetPlans(): void {
    this.segment = undefined;
    for (const branch of this.fork?.branches ?? []) branch.forgetPlans();
  }

  /** Takes over the nodes behind values that nobody has computed. */
  private compute(refs: readonly Ref[]): void {
    this.rows = rowsBehind(this.program.tape, refs, (id) => this.ownerOf(id) !== undefined);
    for (const { id } of this.rows) this.ids.add(id);
    for (const ref of this.rows.flatMap(({ inputs }) => inputs)) {
      const owner = this.ownerOf(ref.node);
      if (owner !== undefined && owner !== this) owner.carry(ref, `v${ref.node}`);
    }
  }

  private ownerOf(id: NodeId): PathNode | undefined {
    for (let node: PathNode | undefined = this; node !== undefined; node = node.parent) {
      if (node.ids.has(id)) return node;
    }
    return undefined;
  }

  private carry(ref: Ref, name: string): number {
    const known = this.carried.get(refKey(ref));
    if (known !== undefined) return known.slot;
    const slot = this.sources.newSlot();
    this.carried.set(refKey(ref), { name, ref, slot });
    this.segment = undefined;
    return slot;
  }

  private sourceOf(id: NodeId): Source | undefined {
    return this.program.sources.get(id);
  }

  /** Where a value is found after this stretch has run. */
  private slotOf(ref: Ref, name: string): number {
    const source = this.sourceOf(ref.node);
    if (source !== undefined) return source.slot;
    return (this.ownerOf(ref.node) ?? this).carry(ref, name);
  }

  /** Values from before that the nodes or the outputs read, in order. */
  private inputRefs(outputs: readonly Ref[]): readonly (NamedRef & { readonly slot: number })[] {
    const found = new Map<string, Ref>();
    for (const ref of [...this.rows.flatMap(({ inputs }) => inputs), ...outputs]) {
      const isConstant = this.program.tape.constantAt(ref.node) !== undefined;
      const isOwn = this.ids.has(ref.node) && this.literalOf(ref.node) === undefined;
      if (!isOwn && !isConstant) found.set(refKey(ref), ref);
    }
    const refs = [...found.values()].sort((a, b) => a.node - b.node || a.out - b.out);
    return refs.map((ref) => {
      const literal = this.literalOf(ref.node);
      if (literal !== undefined) return { name: `number${ref.node}`, ref, slot: literal.slot };
      const name = this.sourceOf(ref.node)?.name ?? `v${ref.node}`;
      return { name, ref, slot: this.slotOf(ref, name) };
    });
  }
}

function numberOf(literal: Literal, { tape }: Program): Tensor {
  const node = tape.nodeAt(literal.id);
  if (node === undefined) throw new Error(`compile: no number %${literal.id}`);
  return literalTensor(literal, node);
}

/** The values that an effect takes. */
export function takenOf(effect: FinalEffect): readonly Taken[] {
  return effect.kind === "attach" ? [] : [effect.taken];
}

/** Whether a source is the same array in each call, and all of its memory. */
function ownsMemory({ origin, type }: Source): boolean {
  if (origin.kind !== "captured") return false;
  return origin.array.storage?.length === sizeOf(type.shape);
}

function finalEffect(effect: Effect, take: (value: Value, name: string) => Taken): FinalEffect {
  switch (effect.kind) {
    case "write": {
      const { source, value } = effect;
      return { kind: "write", source, taken: take(value, `set.${source.name}`) };
    }
    case "random":
      return { kind: "random", taken: take(effect.value, "set.random") };
    case "attach":
      return effect;
    default:
      return effect satisfies never;
  }
}

/** Positions of the inputs that a graph reads. */
function readInputs({ inputs, nodes, order, outputs }: Graph): readonly number[] {
  const read = new Set(outputs.map(({ ref }) => ref.node));
  for (const id of order) for (const { node } of nodes[id]?.inputs ?? []) read.add(node);
  return inputs
    .filter(({ role }) => role !== "const")
    .flatMap(({ id }, at) => (read.has(id) ? [at] : []));
}

/** The graph with some of its inputs, and its constants. */
function withInputs(graph: Graph, positions: readonly number[]): Graph {
  const given = graph.inputs.filter(({ role }) => role !== "const");
  if (positions.length === given.length) return graph;
  const kept = new Set(positions.map((at) => given[at]));
  const inputs = graph.inputs.filter((input) => input.role === "const" || kept.has(input));
  return Object.freeze({ ...graph, inputs: Object.freeze(inputs) });
}

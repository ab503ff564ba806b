import {
  byteLengthOf,
  decodeConstant,
  equalTypes,
  type Graph,
  type NodeId,
  type Registry,
  sizeOf,
  type TensorType,
} from "@adjoint/graph";
import type { Arena } from "../../heap/index.js";
import { HeapTensor } from "../../heap/index.js";
import { at, type RunContext } from "../../kernels/prepare.js";
import { checkInputs } from "../../plan/checkInputs.js";
import type { Plan, RunOptions } from "../../plan/plan.js";
import type { PlanDescription } from "../../plan/planDescription.js";
import { Engines } from "../../random/engines.js";
import { Scratch } from "../../scratch.js";
import type { Team } from "../../threads/team.js";
import { arrayOver, type Tensor } from "../../tensor.js";
import type { WasmHost } from "../wasmHost.js";
import type { CompiledPlan, HostPlace, Section } from "./compiledPlan.js";
import { type CompileOptions, compilePlan } from "./compilePlan.js";
import { Crew, type List, listsIn } from "./crew.js";
import { describeCompiled } from "./describeCompiled.js";
import type { NamedList } from "./emitPlan.js";
import { slots } from "./planCall.js";
import { aligned } from "./planLayout.js";
import { StagedInputs } from "./stagedInputs.js";
import { callsOf } from "./threadLists.js";

/** Results from this size on have an arena each, which can be given back alone. */
const ownArenaBytes = 4096;

/** Where a result of a run is: in the arena that small ones share, or in one of its own. */
interface ResultPlace {
  readonly type: TensorType;
  readonly bytes: number;
  /** Within the shared arena; -1 for one of its own. */
  readonly offset: number;
  /** The input whose memory it takes over, -1 for none. */
  readonly donor: number;
}

/** Where an argument lies during a run. */
interface Located {
  readonly arena: Arena;
  readonly offset: number;
}

type WasmPlanOptions = Omit<CompileOptions, "libraries"> & {
  readonly reuse: boolean;
};

/** A plan that runs as generated code. Its results are in the heap. */
export class WasmPlan implements Plan {
  readonly results: Plan["results"];
  private readonly compiled: CompiledPlan;
  private readonly inputs: readonly { readonly name: string; readonly type: TensorType }[];
  /** Each list for one thread alone. */
  private readonly lists: readonly List[];
  /** The threads of the host for which `crew` was made. */
  private team: Team | undefined;
  private crew: Crew | undefined;
  /** Bytes of the arena with scratch memory for every thread. */
  private arenaBytes: number;
  private readonly places: readonly ResultPlace[];
  private readonly sharedBytes: number;
  private readonly engines = new Engines();
  private readonly scratch = new Scratch();
  /** Inputs whose memory results take over. */
  private readonly given: readonly number[];
  private constants: Arena | undefined;
  /** Runs that go on. */
  private running = 0;
  private readonly staged: StagedInputs;
  /** Results that the next run writes over, where it may. */
  private kept: HeapTensor[] | undefined;
  private readonly reuse: boolean;
  /** Whether all of it is generated code. */
  private readonly isOneList: boolean;

  constructor(
    readonly graph: Graph,
    registry: Registry,
    options: WasmPlanOptions,
    private readonly host: WasmHost,
  ) {
    const compiled = compilePlan(graph, registry, { ...options, libraries: host.libraries });
    this.compiled = compiled;
    this.inputs = graph.inputs.filter(({ role }) => role !== "const");
    this.staged = new StagedInputs(
      host.heap,
      this.inputs.map(({ type }) => type),
    );
    this.reuse = options.reuse && compiled.donations.length === 0;
    this.results = compiled.program.results;
    const { places, sharedBytes } = placesOf(
      this.results.map(({ type }) => type),
      new Map(compiled.donations.map(({ input, output }) => [output, input])),
    );
    this.places = places;
    this.sharedBytes = sharedBytes;
    this.given = compiled.donations.map(({ input }) => input);
    const [only, ...others] = compiled.sections;
    this.isOneList = only?.kind === "calls" && others.length === 0;
    const alone = namedLists(compiled);
    this.lists = listsIn(host.link(alone).exports, alone);
    this.arenaBytes = scratchOf(compiled, 1);
  }

  /** Divides the work among the threads that the host has now, where they are others than before. */
  private joinTeam(): void {
    const { team } = this.host;
    if (this.team === team) return;
    this.team = team;
    this.crew = team === undefined ? undefined : Crew.of(this, this.compiled, this.host, team);
    this.arenaBytes = scratchOf(this.compiled, this.crew?.threads ?? 1);
  }

  /** What it does. `rowOf`: the row of a graph before passes that each node is a part of. */
  describe(rowOf: ReadonlyMap<NodeId, NodeId> = new Map()): PlanDescription {
    this.joinTeam();
    const { arenaBytes } = this;
    const threads = this.host.team?.threads ?? 1;
    return describeCompiled(this.graph, this.compiled, { rowOf, threads, arenaBytes });
  }

  /**
   * A run that writes to `clock` what each section took, in milliseconds: each step where the plan is
   * compiled step by step. Its results are given back.
   */
  runTimed(inputs: readonly Tensor[], clock: Float64Array, options: RunOptions = {}): void {
    checkInputs(this.graph.name, this.inputs, inputs);
    this.joinTeam();
    giveBack(this.runPinned(inputs, options, clock));
  }

  /** A run whose results nobody wants. */
  runUnread(inputs: readonly Tensor[], options: RunOptions): void {
    giveBack(this.run(inputs, options));
  }

  run(inputs: readonly Tensor[], options: RunOptions = {}): Tensor[] {
    checkInputs(this.graph.name, this.inputs, inputs);
    this.joinTeam();
    return this.runInPlace(inputs) ?? this.runPinned(inputs, options);
  }

  /**
   * The usual run, without bookkeeping: one list of calls, and everything stays where it is. Undefined,
   * and nothing done, where something has to be copied or pinned first.
   */
  private runInPlace(inputs: readonly Tensor[]): Tensor[] | undefined {
    const { heap } = this.host;
    if (!this.isOneList || this.givesSharedMemory(inputs)) return undefined;
    if (this.compiled.constantBytes > 0 && this.constants?.resident !== true) return undefined;
    const { name } = this.graph;
    this.staged.prepare(inputs, name);
    const temporary = this.arenaBytes > 0 ? heap.allocate(this.arenaBytes, name) : undefined;
    const results = this.kept ?? this.newResults(inputs);
    if (!this.writeTable(temporary, inputs, results)) {
      temporary?.release();
      this.kept = undefined;
      return undefined;
    }
    this.callList(0);
    temporary?.release();
    this.host.libraries.checkRefusals();
    if (this.reuse) this.kept = results;
    return results;
  }

  /** Memory for results; fewer than all where an argument that is to give its own has none. */
  private newResults(inputs: readonly Tensor[]): HeapTensor[] {
    const { heap } = this.host;
    const { name } = this.graph;
    const shared = this.sharedBytes > 0 ? heap.allocate(this.sharedBytes, name) : undefined;
    const results: HeapTensor[] = [];
    for (let result = 0; result < this.places.length; result++) {
      const { type, bytes, offset, donor } = at(this.places, result);
      const given = donor < 0 ? undefined : at(inputs, donor);
      if (given instanceof HeapTensor) results.push(overMemoryOf(given, type));
      else if (given !== undefined) break;
      else if (offset >= 0 && shared !== undefined)
        results.push(new HeapTensor(type, shared, offset));
      else results.push(new HeapTensor(type, heap.allocate(bytes, name), 0));
    }
    return results;
  }

  /** Writes all addresses; false where something is not in the heap, or no longer. */
  private writeTable(
    temporary: Arena | undefined,
    inputs: readonly Tensor[],
    results: readonly HeapTensor[],
  ): boolean {
    const { heap, words, table } = this.host;
    const { constants } = this;
    const needsConstants = this.compiled.constantBytes > 0;
    const arena = temporary?.address ?? 0;
    const fixed = needsConstants ? (constants?.touch() ?? -1) : 0;
    let isThere = arena >= 0 && fixed >= 0 && results.length === this.places.length;
    let word = (table >> 2) + slots.firstInput;
    words[(table >> 2) + slots.arena] = arena;
    words[(table >> 2) + slots.constants] = fixed;
    for (let input = 0; input < inputs.length; input++) {
      const tensor = at(inputs, input);
      let address = heap.addressOf(tensor);
      if (address < 0) address = this.staged.copy(tensor, input);
      isThere &&= address >= 0;
      words[word++] = address;
    }
    for (let result = 0; result < results.length; result++) {
      const address = heap.addressOf(at(results, result));
      isThere &&= address >= 0;
      words[word++] = address;
    }
    return isThere;
  }

  private givesSharedMemory(inputs: readonly Tensor[]): boolean {
    const { given } = this;
    for (let index = 0; index < given.length; index++) {
      const input = at(given, index);
      if (isShared(at(inputs, input), input, inputs)) return true;
    }
    return false;
  }

  release(): void {
    this.kept = undefined;
    // A function of the host may drop the plan that calls it.
    if (this.running > 0) return;
    this.staged.release();
    this.constants?.release();
    this.constants = undefined;
  }

  private runPinned(
    inputs: readonly Tensor[],
    options: RunOptions,
    clock?: Float64Array,
  ): HeapTensor[] {
    const held: Arena[] = [];
    let temporary: Arena | undefined;
    this.running++;
    try {
      // What is pinned first stays while more memory is taken.
      const located = this.locate(inputs, held);
      const { arenaBytes } = this;
      if (arenaBytes > 0) temporary = this.take(arenaBytes, held);
      const constants = this.loadConstants(held);
      const results = this.allocateResults(located, held);
      const addresses = this.addressesOf(located, results);
      addresses[slots.arena] = temporary?.address ?? 0;
      addresses[slots.constants] = constants?.address ?? 0;
      this.execute(addresses, options, clock);
      return results;
    } finally {
      this.running--;
      for (const arena of held) arena.unpin();
      temporary?.release();
    }
  }

  /** Memory that stays where it is until the run ends. */
  private take(bytes: number, held: Arena[]): Arena {
    const arena = this.host.heap.allocate(bytes, this.graph.name);
    arena.pin();
    held.push(arena);
    return arena;
  }

  /**
   * Where the arguments are: those that are not in the heap, or whose memory is given away while
   * another argument uses it, are copied for this run.
   */
  private locate(inputs: readonly Tensor[], held: Arena[]): Located[] {
    const { heap } = this.host;
    const resident = inputs.filter((tensor): tensor is HeapTensor => heap.addressOf(tensor) >= 0);
    for (const { arena } of resident) {
      arena.pin();
      held.push(arena);
    }
    return inputs.map((tensor, input): Located => {
      const isGiven = this.given.includes(input) && isShared(tensor, input, inputs);
      if (heap.addressOf(tensor) >= 0 && tensor instanceof HeapTensor && !isGiven) return tensor;
      const arena = this.take(tensor.data.byteLength, held);
      copyBytes(tensor.data, heap.buffer, arena.address);
      return { arena, offset: 0 };
    });
  }

  private allocateResults(located: readonly Located[], held: Arena[]): HeapTensor[] {
    const shared = this.sharedBytes > 0 ? this.take(this.sharedBytes, held) : undefined;
    return this.places.map(({ type, bytes, offset, donor }): HeapTensor => {
      if (donor >= 0) {
        const { arena, offset: from } = at(located, donor);
        return new HeapTensor(type, arena, from);
      }
      if (offset >= 0 && shared !== undefined) return new HeapTensor(type, shared, offset);
      return new HeapTensor(type, this.take(bytes, held), 0);
    });
  }

  private addressesOf(located: readonly Located[], results: readonly HeapTensor[]): Int32Array {
    const all = [...located, ...results];
    const addresses = new Int32Array(slots.firstInput + all.length);
    for (let position = 0; position < all.length; position++) {
      const { arena, offset } = at(all, position);
      addresses[slots.firstInput + position] = arena.address + offset;
    }
    return addresses;
  }

  private execute(addresses: Int32Array, options: RunOptions, clock?: Float64Array): void {
    const { hosts = new Map(), engines = this.engines } = options;
    const context = { hosts, engines, scratch: this.scratch };
    for (const [index, section] of this.compiled.sections.entries()) {
      // Interpreted kernels may run plans, which use the same table.
      if (section.kind === "calls") this.host.words.set(addresses, this.host.table >> 2);
      const start = clock === undefined ? 0 : performance.now();
      if (section.kind === "host") this.interpret(section, addresses, context);
      else this.callList(section.list);
      if (clock !== undefined) clock[index] = performance.now() - start;
      if (section.kind === "calls") this.host.libraries.checkRefusals();
    }
  }

  private callList(list: number): void {
    const { table } = this.host;
    if (!this.crew?.run(list, table)) at(this.lists, list)(table);
  }

  private interpret(
    { execute, ins, outs }: Section & { kind: "host" },
    addresses: Int32Array,
    context: RunContext,
  ): void {
    const view = ({ address, type }: HostPlace) =>
      arrayOver(
        this.host.heap.buffer,
        type.dtype,
        at(addresses, address.slot) + address.offset,
        sizeOf(type.shape),
      );
    execute(ins.map(view), outs.map(view), context);
  }

  private loadConstants(held: Arena[]): Arena | undefined {
    const { constants, constantBytes } = this.compiled;
    const known = this.constants;
    if (constantBytes === 0) return undefined;
    if (known?.resident) {
      known.pin();
      held.push(known);
      return known;
    }
    const arena = this.take(constantBytes, held);
    for (const { offset, constant } of constants) {
      copyBytes(decodeConstant(constant), this.host.heap.buffer, arena.address + offset);
    }
    this.constants = arena;
    return arena;
  }
}

function giveBack(results: readonly Tensor[]): void {
  for (const result of results) if (result instanceof HeapTensor) result.arena.release();
}

/** Whether another argument uses the same memory. */
function isShared(tensor: Tensor, input: number, inputs: readonly Tensor[]): boolean {
  if (!(tensor instanceof HeapTensor)) return false;
  for (let position = 0; position < inputs.length; position++) {
    const other = inputs[position];
    if (position === input || !(other instanceof HeapTensor)) continue;
    if (other.arena === tensor.arena) return true;
  }
  return false;
}

/** A result in the memory of an argument: the argument itself, where it is of that type. */
function overMemoryOf(given: HeapTensor, type: TensorType): HeapTensor {
  return equalTypes(given.type, type) ? given : new HeapTensor(type, given.arena, given.offset);
}

function placesOf(types: readonly TensorType[], donors: ReadonlyMap<number, number>) {
  let sharedBytes = 0;
  const places = types.map((type, result): ResultPlace => {
    const bytes = byteLengthOf(type);
    const donor = donors.get(result) ?? -1;
    if (bytes >= ownArenaBytes || donor >= 0) return { type, bytes, offset: -1, donor };
    const offset = sharedBytes;
    sharedBytes += aligned(bytes);
    return { type, bytes, offset, donor };
  });
  return { places, sharedBytes };
}

function namedLists({ lists, layout }: CompiledPlan): NamedList[] {
  const scratch = { slot: slots.arena, offset: aligned(layout.arenaBytes) };
  return lists.map((list, position) => ({
    name: `run${position}`,
    steps: callsOf(list, scratch),
  }));
}

/** Bytes of the arena where so many threads have scratch memory each. */
function scratchOf({ layout, scratchBytes }: CompiledPlan, threads: number): number {
  if (scratchBytes === 0) return layout.arenaBytes;
  return aligned(layout.arenaBytes) + threads * aligned(scratchBytes);
}

function copyBytes(data: Tensor["data"], memory: ArrayBufferLike, address: number): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  new Uint8Array(memory, address, data.byteLength).set(bytes);
}

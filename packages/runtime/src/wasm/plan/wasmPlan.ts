import {
  byteLengthOf,
  decodeConstant,
  type Graph,
  type Ref,
  type Registry,
  sizeOf,
  type TensorType,
} from "@adjoint/graph";
import type { Arena } from "../../heap/index.js";
import { HeapTensor } from "../../heap/index.js";
import { at, type PlanContext, type RunContext } from "../../kernels/prepare.js";
import { checkInputs } from "../../plan/checkInputs.js";
import type { Plan, RunOptions } from "../../plan/plan.js";
import { Engines } from "../../random/engines.js";
import { Scratch } from "../../scratch.js";
import { arrayOver, type Tensor } from "../../tensor.js";
import type { WasmHost } from "../wasmHost.js";
import { type CompiledPlan, compilePlan, type HostPlace, type Section } from "./compilePlan.js";
import { describeCompiled } from "./describeCompiled.js";
import { emitPlan } from "./emitPlan.js";
import { aligned } from "./planLayout.js";
import { slots } from "./planCall.js";

type List = (table: number) => void;

/** Results from this size on have an arena each, which can be given back alone. */
const ownArenaBytes = 4096;

/** Where a result of a run is: in the arena that small ones share, or in one of its own. */
interface ResultPlace {
  readonly type: TensorType;
  readonly bytes: number;
  /** Within the shared arena; -1 for one of its own. */
  readonly offset: number;
}

/** A plan that runs as generated code. Its results are in the heap. */
export class WasmPlan implements Plan {
  readonly results: Plan["results"];
  private readonly compiled: CompiledPlan;
  private readonly inputs: readonly { readonly name: string; readonly type: TensorType }[];
  private readonly lists: readonly List[];
  private readonly places: readonly ResultPlace[];
  private readonly sharedBytes: number;
  private readonly engines = new Engines();
  private readonly scratch = new Scratch();
  private constants: Arena | undefined;

  constructor(
    readonly graph: Graph,
    registry: Registry,
    keep: "outputs" | "all",
    context: PlanContext,
    private readonly host: WasmHost,
  ) {
    const compiled = compilePlan(graph, registry, { keep, libraries: host.libraries, context });
    this.compiled = compiled;
    this.inputs = graph.inputs.filter(({ role }) => role !== "const");
    this.results = compiled.program.outputs.map((array): { ref: Ref; type: TensorType } =>
      at(compiled.program.arrays, array),
    );
    const { places, sharedBytes } = placesOf(this.results.map(({ type }) => type));
    this.places = places;
    this.sharedBytes = sharedBytes;
    this.lists = instantiate(compiled, host);
  }

  describe() {
    return describeCompiled(this.graph, this.compiled);
  }

  run(inputs: readonly Tensor[], options: RunOptions = {}): Tensor[] {
    checkInputs(this.graph.name, this.inputs, inputs);
    const held: Arena[] = [];
    const take = (bytes: number): Arena => {
      const arena = this.host.heap.allocate(bytes, this.graph.name);
      arena.pin();
      held.push(arena);
      return arena;
    };
    let temporary: Arena | undefined;
    try {
      const { arenaBytes } = this.compiled;
      const results = this.allocateResults(take);
      if (arenaBytes > 0) temporary = take(arenaBytes);
      const table = this.tableOf(inputs, results, temporary, take);
      this.execute(table, options);
      return results;
    } finally {
      for (const arena of held) arena.unpin();
      temporary?.release();
    }
  }

  private allocateResults(take: (bytes: number) => Arena): HeapTensor[] {
    const shared = this.sharedBytes > 0 ? take(this.sharedBytes) : undefined;
    return this.places.map(({ type, bytes, offset }) =>
      offset >= 0 && shared !== undefined
        ? new HeapTensor(type, shared, offset)
        : new HeapTensor(type, take(bytes), 0),
    );
  }

  /** Settles all addresses; arguments that are not in the heap are copied there for this run. */
  private tableOf(
    inputs: readonly Tensor[],
    results: readonly HeapTensor[],
    temporary: Arena | undefined,
    take: (bytes: number) => Arena,
  ): Int32Array {
    const { heap } = this.host;
    const addresses = new Int32Array(slots.firstInput + inputs.length + results.length);
    const constants = this.loadConstants();
    for (let input = 0; input < inputs.length; input++) {
      const tensor = at(inputs, input);
      let address = heap.addressOf(tensor);
      if (address < 0) {
        const { data } = tensor;
        const arena = take(data.byteLength);
        copyBytes(data, heap.buffer, arena.address);
        address = arena.address;
      }
      addresses[slots.firstInput + input] = address;
    }
    // What was allocated above may have moved an argument out that was in the heap before.
    for (let input = 0; input < inputs.length; input++) {
      const now = heap.addressOf(at(inputs, input));
      if (now < 0 && inputs[input] instanceof HeapTensor) {
        addresses[slots.firstInput + input] = this.copyIn(at(inputs, input), take);
      }
    }
    results.forEach(({ arena, offset }, result) => {
      addresses[slots.firstInput + inputs.length + result] = arena.address + offset;
    });
    addresses[slots.arena] = temporary?.address ?? 0;
    addresses[slots.constants] = constants?.address ?? 0;
    return addresses;
  }

  private copyIn(tensor: Tensor, take: (bytes: number) => Arena): number {
    const arena = take(tensor.data.byteLength);
    copyBytes(tensor.data, this.host.heap.buffer, arena.address);
    return arena.address;
  }

  private execute(addresses: Int32Array, options: RunOptions): void {
    const { hosts = new Map(), engines = this.engines } = options;
    const context = { hosts, engines, scratch: this.scratch };
    for (const section of this.compiled.sections) {
      if (section.kind === "calls") {
        // Interpreted kernels may run plans, which use the same table.
        this.host.words.set(addresses, this.host.table >> 2);
        at(this.lists, section.list)(this.host.table);
      } else this.interpret(section, addresses, context);
    }
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

  private loadConstants(): Arena | undefined {
    const { layout, roles } = this.compiled;
    if (layout.constantBytes === 0) return undefined;
    if (this.constants?.resident) return this.constants;
    const arena = this.host.heap.allocate(layout.constantBytes, this.graph.name);
    for (const [array, { constant }] of this.graph.inputs.entries()) {
      const table = constant === undefined ? undefined : this.graph.constants[constant];
      if (table === undefined || at(roles, array).kind !== "constant") continue;
      const { offset } = at(layout.addresses, array);
      copyBytes(decodeConstant(table), this.host.heap.buffer, arena.address + offset);
    }
    this.constants = arena;
    return arena;
  }
}

function placesOf(types: readonly TensorType[]) {
  let sharedBytes = 0;
  const places = types.map((type): ResultPlace => {
    const bytes = byteLengthOf(type);
    if (bytes >= ownArenaBytes) return { type, bytes, offset: -1 };
    const offset = sharedBytes;
    sharedBytes += aligned(bytes);
    return { type, bytes, offset };
  });
  return { places, sharedBytes };
}

function instantiate({ lists }: CompiledPlan, { libraries, heap }: WasmHost): List[] {
  if (lists.length === 0) return [];
  const { memoryType, engine } = libraries.host;
  const context = { constants: libraries.constants, features: engine.features };
  const { bytes, imports } = emitPlan(lists, memoryType, context);
  const env: Record<string, WebAssembly.ImportValue> = { memory: heap.memory };
  for (const [name, { run }] of imports) env[name] = run;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
  return lists.map((_, position) => {
    const list: unknown = exports[`run${position}`];
    if (!isList(list)) throw new TypeError(`the module exports no run${position}`);
    return list;
  });
}

function isList(value: unknown): value is List {
  return typeof value === "function";
}

function copyBytes(data: Tensor["data"], memory: ArrayBufferLike, address: number): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  new Uint8Array(memory, address, data.byteLength).set(bytes);
}

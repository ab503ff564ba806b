import { decodeConstant, type Registry } from "@adjoint/graph";
import type { Arena } from "../../heap/index.js";
import { HeapTensor } from "../../heap/index.js";
import { at } from "../../kernels/prepare.js";
import type { ProgramStretch } from "../../plan/programTree.js";
import type { Tensor } from "../../tensor.js";
import { StagedInputs } from "../plan/stagedInputs.js";
import type { WasmHost } from "../wasmHost.js";
import { type CompiledTree, compileTree } from "./compileTree.js";
import { emitTree, entryName } from "./emitTree.js";
import type { TreeSource } from "./treeLayout.js";

type CompileSettings = Parameters<typeof compileTree>[2];

const name = "tree";

/**
 * A program that forks as one piece of generated code: a call runs along the known paths. All values that it gives lie
 * in memory of its own, which the next run writes over.
 */
export class TreePlan {
  /** Values that a run is given. */
  readonly sources: readonly TreeSource[];
  private readonly enter: (table: number) => number;
  private readonly staged: StagedInputs;
  private arena: Arena | undefined;
  private tensors = new Map<number, HeapTensor>();

  private constructor(
    stretches: readonly ProgramStretch[],
    private readonly compiled: CompiledTree,
    private readonly host: WasmHost,
  ) {
    this.sources = compiled.layout.sources;
    this.staged = new StagedInputs(
      host.heap,
      this.sources.map(({ type }) => type),
    );
    const { exports } = host.connect((memory, context) =>
      emitTree(stretches, compiled, memory, context),
    );
    const enter: unknown = exports[entryName];
    if (!isEntry(enter)) throw new TypeError("tree: the module exports no entry");
    this.enter = enter;
  }

  /** Undefined where one piece of code gains nothing: see `compileTree`. */
  static of(
    stretches: readonly ProgramStretch[],
    registry: Registry,
    settings: CompileSettings,
    host: WasmHost,
  ): TreePlan | undefined {
    const compiled = compileTree(stretches, registry, settings);
    return compiled && new TreePlan(stretches, compiled, host);
  }

  /**
   * Runs along the known paths. `inputs` are the sources' tensors, of their types.
   *
   * @returns the position of the stretch that the run ended in: the program's end, or a fork with an outcome that leads
   * nowhere. -1, and nothing done, where an input is large and not in the heap.
   * @throws the error of a value that a kernel refuses
   */
  run(inputs: readonly (Tensor | undefined)[]): number {
    const { host, staged } = this;
    staged.prepare(inputs, name);
    const base = this.arena?.touch() ?? -1;
    const address = base < 0 ? this.takeMemory() : base;
    // The memory may be another one from here on.
    const { words, heap, table } = host;
    const first = table >> 2;
    words[first] = address;
    for (let input = 0; input < inputs.length; input++) {
      const tensor = inputs[input];
      if (tensor === undefined) throw new Error(`tree: no input ${input}`);
      let place = heap.addressOf(tensor);
      if (place < 0) place = staged.copy(tensor, input);
      if (place < 0) return -1;
      words[first + 1 + input] = place;
    }
    const end = this.enter(table);
    host.libraries.checkRefusals();
    return end;
  }

  /** A value that the last run gave, until the next one. */
  valueOf(value: number): HeapTensor {
    const known = this.tensors.get(value);
    if (known !== undefined) return known;
    const place = this.compiled.layout.values.get(value);
    const { arena } = this;
    if (place === undefined || arena === undefined) throw new Error(`tree: no value ${value}`);
    const tensor = new HeapTensor(place.type, arena, place.offset);
    this.tensors.set(value, tensor);
    return tensor;
  }

  /** Takes an arena, and puts constants there. */
  private takeMemory(): number {
    const { compiled, host } = this;
    const { layout, plans } = compiled;
    const arena = host.heap.allocate(layout.arenaBytes, name);
    this.arena = arena;
    this.tensors = new Map();
    for (const [position, plan] of plans.entries()) {
      for (const { offset, constant } of plan?.constants ?? []) {
        const data = decodeConstant(constant);
        const from = at(layout.constants, position) + offset;
        const bytes = new Uint8Array(host.heap.buffer, arena.address + from, data.byteLength);
        bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }
    }
    return arena.address;
  }
}

function isEntry(value: unknown): value is (table: number) => number {
  return typeof value === "function";
}

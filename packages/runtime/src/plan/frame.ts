import { sizeOf, type TypedArray } from "@adjoint/graph";
import { at, type Execute, type RunContext } from "../kernels/prepare.js";
import { Scratch } from "../scratch.js";
import { cellsOf } from "../storage.js";
import { arrayOver, type Tensor } from "../tensor.js";
import type { Slot } from "./arena.js";
import type { Place, Schedule } from "./schedule.js";

/** A position in a list of arrays, at which an input or a result stands while a run lasts. */
interface Use {
  readonly list: TypedArray[];
  readonly position: number;
}

const nothing = new Uint8Array(0);

/**
 * The arrays of one run, as each kernel takes them. Those in the arena and constants stand there for
 * good; a run only puts in those of inputs and results.
 */
export class Frame {
  readonly scratch = new Scratch();
  private readonly ins: TypedArray[][];
  private readonly outs: TypedArray[][];
  /** Source and target of each copy. */
  private readonly copies: TypedArray[][];
  private readonly uses: readonly Use[][];
  private readonly inputs: Use[][] = [];
  private readonly results: Use[][] = [];

  constructor(
    schedule: Schedule,
    private readonly kernels: readonly (Execute | undefined)[],
    constants: ReadonlyMap<number, TypedArray>,
    memory: { readonly slots: readonly Slot[]; readonly bytes: number },
  ) {
    const { buffers, steps, copies } = schedule;
    const arrays = fixedArrays(schedule, constants, memory);
    this.uses = buffers.map(() => []);
    this.ins = steps.map(({ ins, alias }) => this.list(alias ? [] : ins, arrays));
    this.outs = steps.map(({ outs, alias }) => this.list(alias ? [] : outs, arrays));
    const targets = new Map<number, number>();
    for (const [index, buffer] of buffers.entries()) {
      if (buffer.kind === "input") this.inputs[buffer.input] = at(this.uses, index);
      if (buffer.kind === "result") targets.set(buffer.result, index);
    }
    this.copies = copies.map(({ from }) => this.list([from], arrays));
    for (const result of schedule.results.keys()) {
      const index = targets.get(result);
      this.results.push(index === undefined ? [] : at(this.uses, index));
    }
    copies.forEach(({ result }, copy) => {
      at(this.results, result).push({ list: at(this.copies, copy), position: 1 });
    });
  }

  /** Runs the kernels on these arrays. */
  run(inputs: readonly Tensor[], results: readonly Tensor[], context: RunContext): void {
    const { kernels, ins, outs } = this;
    put(this.inputs, inputs);
    put(this.results, results);
    for (let step = 0; step < kernels.length; step++) {
      const kernel = kernels[step];
      if (kernel !== undefined) kernel(at(ins, step), at(outs, step), context);
    }
    for (const copy of this.copies) {
      cellsOf(at(copy, 1)).cells.set(cellsOf(at(copy, 0)).cells);
    }
  }

  /** Lets go of what belongs to the caller. */
  empty(): void {
    clear(this.inputs);
    clear(this.results);
  }

  private list(places: readonly Place[], arrays: readonly TypedArray[]): TypedArray[] {
    const list = places.map(({ buffer }) => at(arrays, buffer));
    places.forEach(({ buffer }, position) => {
      at(this.uses, buffer).push({ list, position });
    });
    return list;
  }
}

function put(uses: readonly Use[][], tensors: readonly Tensor[]): void {
  for (let position = 0; position < uses.length; position++) {
    const { data } = at(tensors, position);
    for (const use of at(uses, position)) use.list[use.position] = data;
  }
}

function clear(uses: readonly Use[][]): void {
  for (const some of uses) for (const use of some) use.list[use.position] = nothing;
}

/** One array per buffer; nothing yet for inputs and results. */
function fixedArrays(
  { buffers }: Schedule,
  constants: ReadonlyMap<number, TypedArray>,
  { slots, bytes }: { readonly slots: readonly Slot[]; readonly bytes: number },
): TypedArray[] {
  const arena = new ArrayBuffer(bytes);
  let slot = 0;
  return buffers.map((buffer, index) => {
    if (buffer.kind !== "temporary") return constants.get(index) ?? nothing;
    const { dtype, shape } = buffer.type;
    return arrayOver(arena, dtype, at(slots, slot++).offset, sizeOf(shape));
  });
}

import { byteLengthOf, type TensorType } from "@adjoint/graph";
import type { Arena, Heap } from "../../heap/index.js";
import { at } from "../../kernels/prepare.js";
import type { Tensor } from "../../tensor.js";
import { aligned } from "./planLayout.js";

/** Larger arguments are rarely new ones at each run, and should not take memory for good. */
const largestBytes = 4096;

/** A plan's own memory for small arguments that are not in the heap: a run only copies them there. */
export class StagedInputs {
  private readonly offsets: readonly number[];
  private readonly bytes: number;
  private arena: Arena | undefined;

  constructor(
    private readonly heap: Heap,
    types: readonly TensorType[],
  ) {
    let bytes = 0;
    this.offsets = types.map((type) => {
      const size = byteLengthOf(type);
      if (size > largestBytes) return -1;
      const offset = bytes;
      bytes += aligned(size);
      return offset;
    });
    this.bytes = bytes;
  }

  /** Takes the memory where an argument needs it and it is not there. Throws as `Heap.allocate`. */
  prepare(inputs: readonly Tensor[], op: string): void {
    if (this.bytes === 0 || this.arena?.resident === true) return;
    for (let input = 0; input < inputs.length; input++) {
      if (this.heap.addressOf(at(inputs, input)) >= 0) continue;
      this.arena = this.heap.allocate(this.bytes, op);
      return;
    }
  }

  release(): void {
    this.arena?.release();
    this.arena = undefined;
  }

  /** Copies an argument. Gives its address, or -1 where there is no memory for it. */
  copy({ data }: Tensor, input: number): number {
    const offset = at(this.offsets, input);
    const base = this.arena?.touch() ?? -1;
    if (offset < 0 || base < 0) return -1;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.heap.buffer, base + offset, bytes.length).set(bytes);
    return base + offset;
  }
}

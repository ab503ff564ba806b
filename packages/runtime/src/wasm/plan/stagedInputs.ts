import { byteLengthOf, type TensorType } from "@adjoint/graph";
import type { Arena, Heap } from "../../heap/index.js";
import { at } from "../../kernels/prepare.js";
import type { Tensor } from "../../tensor.js";
import { aligned } from "./planLayout.js";

/** Larger arguments are rarely new ones at each run, and should not take memory for good. */
const largestBytes = 4096;
/** So many are copied one by one, which takes no views. */
const fewElements = 32;

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
  prepare(inputs: readonly (Tensor | undefined)[], op: string): void {
    if (this.bytes === 0 || this.arena?.resident === true) return;
    for (let input = 0; input < inputs.length; input++) {
      const tensor = inputs[input];
      if (tensor === undefined || this.heap.addressOf(tensor) >= 0) continue;
      this.arena = this.heap.allocate(this.bytes, op);
      return;
    }
  }

  release(): void {
    this.arena?.release();
    this.arena = undefined;
  }

  /** Copies an argument. Gives its address, or -1 where there is no memory for it. */
  copy({ type, data }: Tensor, input: number): number {
    const offset = at(this.offsets, input);
    const base = this.arena?.touch() ?? -1;
    if (offset < 0 || base < 0) return -1;
    const address = base + offset;
    const cells = this.heap.cells(type.dtype);
    const areNumbers = !(data instanceof BigInt64Array || cells instanceof BigInt64Array);
    if (areNumbers && data.length <= fewElements) {
      const first = address / data.BYTES_PER_ELEMENT;
      for (let element = 0; element < data.length; element++) {
        cells[first + element] = at(data, element);
      }
      return address;
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.heap.buffer, address, bytes.length).set(bytes);
    return address;
  }
}

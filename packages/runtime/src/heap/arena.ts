import { bytesOf, type DType, type TypedArray } from "@adjoint/graph";
import { arrayOver } from "../tensor.js";
import type { Block, BlockOwner } from "./block.js";

/**
 * A block of memory that belongs to whoever holds this object. It lies in the heap until the heap
 * needs the room: then its bytes move to an ordinary `ArrayBuffer`, and stay as readable as before.
 *
 * @example
 * ```ts
 * const arena = heap.allocate(16);
 * arena.view("float32", 0, 4).set([1, 2, 3, 4]);
 * ```
 */
export class Arena {
  constructor(
    readonly heap: BlockOwner,
    /** Bytes asked for. */
    readonly bytes: number,
    private readonly block: Block,
  ) {}

  /** Bytes from the start of the heap's memory; -1 where it is not resident, or released. */
  get address(): number {
    return this.block.address;
  }

  /** Whether its bytes are in the heap. */
  get resident(): boolean {
    return this.block.address >= 0;
  }

  /**
   * `length` elements from byte `offset` on. It is over the heap's memory while the arena is resident,
   * and must not be kept beyond the next allocation, unless the arena is pinned. Throws a RangeError
   * beyond the arena's end, an Error once it was released.
   */
  view(dtype: DType, offset: number, length: number): TypedArray {
    if (offset + length * bytesOf(dtype) > this.bytes) {
      throw new RangeError(
        `${length} of ${dtype} from ${offset} in an arena of ${this.bytes} bytes`,
      );
    }
    const { address, copy, copyOffset } = this.block;
    if (address >= 0) return arrayOver(this.heap.buffer, dtype, address + offset, length);
    if (copy === undefined) throw new Error("arena was released");
    return arrayOver(copy, dtype, copyOffset + offset, length);
  }

  /** Tells the heap that it is in use, which keeps it resident for longer. Gives its address. */
  touch(): number {
    const { block } = this;
    block.used = this.heap.clock;
    return block.address;
  }

  /** Keeps it where it is until `unpin` was called as often. */
  pin(): void {
    this.block.pins++;
  }

  unpin(): void {
    this.block.pins--;
  }

  /** Gives the memory back at once. For owners who know that nobody reads it any more. */
  release(): void {
    this.heap.release(this.block);
  }
}

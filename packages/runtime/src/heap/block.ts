import type { DType, TypedArray } from "@adjoint/graph";
import { alignment } from "../plan/arena.js";

/**
 * A part of the heap's memory, as the heap knows it. The heap holds every block that is resident; an
 * `Arena` holds its block, and whoever holds the arena keeps the numbers.
 */
export interface Block {
  /** In bytes from the start of the heap's memory; -1 once the block is not resident any more. */
  address: number;
  /** Bytes taken from the heap, a multiple of the alignment. */
  readonly size: number;
  /** Where the numbers went when the heap forgot the block; undefined while resident or released. */
  copy: ArrayBuffer | undefined;
  /** First byte within `copy`. */
  copyOffset: number;
  /** While above 0 the block stays where it is. */
  pins: number;
  /** The heap's clock when it was last read or made. */
  used: number;
  /** Position in the heap's list of resident blocks. */
  slot: number;
  /** Whether the collector tells the heap when nobody holds the arena any more. */
  readonly watched: boolean;
}

/** Bytes taken for so many: a multiple of the alignment, and not 0. */
export function blockSize(bytes: number): number {
  return Math.ceil(Math.max(bytes, 1) / alignment) * alignment;
}

/** What an arena needs of the heap that it was taken from. */
export interface BlockOwner {
  /** The memory's buffer, as it is now. */
  readonly buffer: ArrayBufferLike;
  /** Goes on with every allocation, by the costs of arenas. */
  readonly clock: number;
  /** Forgets a block, and its numbers. */
  release(block: Block): void;
  /** The whole memory as elements of a dtype, as it is now. */
  cells(dtype: DType): TypedArray;
}

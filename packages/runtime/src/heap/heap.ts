import {
  type DType,
  bytesOf as elementBytes,
  OutOfMemoryError,
  type TypedArray,
} from "@adjoint/graph";
import { arrayOver, type Tensor } from "../tensor.js";
import { Arena } from "./arena.js";
import { type Block, type BlockOwner, blockSize } from "./block.js";
import { createMemory, pageBytes } from "./createMemory.js";
import { FreeSpace } from "./freeSpace.js";
import { HeapTensor } from "./heapTensor.js";
import { copyOut } from "./copyOut.js";

export interface HeapOptions {
  /** Bytes of new arenas after which older ones move to `ArrayBuffer`s. */
  readonly budget?: number;
  /** Bytes that the memory has at first, and at most. */
  readonly initialBytes?: number;
  readonly maximumBytes?: number;
}

/** Exact counts. Bytes are those taken from the memory: multiples of 64 per arena. */
export interface HeapStatistics {
  /** Bytes of the arenas in the heap, and their number. */
  readonly residentBytes: number;
  readonly arenas: number;
  /** Bytes that were copied out so far, and how often the heap made room that way. */
  readonly spilledBytes: number;
  readonly spills: number;
  /** Size of the memory. */
  readonly memoryBytes: number;
}

/**
 * What an arena costs besides its bytes, so that many small ones are spilled while still in cache,
 * and their copies are so few bytes at a time that the collector follows.
 */
const arenaCost = 32768;
/** Arenas from this size on are watched by the collector, which may tell sooner that they are unused. */
const watchedBytes = 1 << 16;

export const defaultBudget = 64 * 2 ** 20;

/**
 * One WebAssembly memory for the arrays of a runtime. Nobody has to dispose of arrays: when arenas of
 * `budget` bytes were added, all that were not used lately are copied to ordinary `ArrayBuffer`s and
 * forgotten, and the JavaScript collector owns them from there. So the memory stays small in loops in
 * which no finaliser ever runs.
 *
 * @example
 * ```ts
 * const heap = new Heap();
 * const tensor = new HeapTensor({ dtype: "float32", shape: [4] }, heap.allocate(16), 0);
 * ```
 */
export class Heap implements BlockOwner {
  readonly memory: WebAssembly.Memory;
  /** Whether other threads can have the memory. */
  readonly shared: boolean;
  readonly maximumBytes: number;
  buffer: ArrayBufferLike;
  clock = 0;
  private readonly space: FreeSpace;
  private resident: Block[] = [];
  private residentBytes = 0;
  /** Costs of resident arenas above which others are spilled. */
  private limit = 0;
  private bytesUntilSpill = 0;
  private spilledBytes = 0;
  private spills = 0;
  private readonly views = new Map<DType, TypedArray>();
  private readonly unused = new FinalizationRegistry<Block>((block) => this.release(block));

  /** Throws a RangeError where the engine gives no memory. */
  constructor(options: HeapOptions = {}) {
    const { budget = defaultBudget, initialBytes = 2 ** 24, maximumBytes = 2 ** 32 } = options;
    const initial = Math.min(initialBytes, maximumBytes);
    const made = createMemory(initial, maximumBytes);
    this.memory = made.memory;
    this.shared = made.shared;
    this.maximumBytes = made.maximumBytes;
    this.buffer = this.memory.buffer;
    this.budget = budget;
    this.space = new FreeSpace(this.buffer.byteLength);
  }

  /** Bytes of new arenas after which older ones move to `ArrayBuffer`s. */
  get budget(): number {
    return this.bytesUntilSpill;
  }

  set budget(bytes: number) {
    this.bytesUntilSpill = bytes;
    this.limit = this.cost + bytes;
  }

  get statistics(): HeapStatistics {
    return {
      residentBytes: this.residentBytes,
      arenas: this.resident.length,
      spilledBytes: this.spilledBytes,
      spills: this.spills,
      memoryBytes: this.buffer.byteLength,
    };
  }

  /**
   * An arena of `bytes` whose contents are not set. May move arenas that are not pinned out of the
   * memory. Throws an OutOfMemoryError where nothing can make room, after which all arrays are
   * readable; `op` is who asks, for the message.
   */
  allocate(bytes: number, op = "allocate"): Arena {
    const size = blockSize(bytes);
    if (this.cost > this.limit) this.spill(this.clock - this.budget / 4);
    let address = this.space.take(size);
    if (address < 0) address = this.makeRoom(bytes, size, op);
    this.clock += size + arenaCost;
    this.residentBytes += size;
    const slot = this.resident.length;
    const { clock: used } = this;
    const watched = size >= watchedBytes;
    const block = { address, size, copy: undefined, copyOffset: 0, pins: 0, used, slot, watched };
    this.resident.push(block);
    const arena = new Arena(this, bytes, block);
    if (watched) this.unused.register(arena, block, block);
    return arena;
  }

  /** The whole memory as elements of a dtype, as it is now. */
  cells(dtype: DType): TypedArray {
    const known = this.views.get(dtype);
    if (known !== undefined && known.buffer === this.buffer) return known;
    const length = Math.floor(this.buffer.byteLength / elementBytes(dtype));
    const view = arrayOver(this.buffer, dtype, 0, length);
    this.views.set(dtype, view);
    return view;
  }

  /**
   * A tensor in the heap with the same numbers: itself if it is there, else a copy. Throws as
   * `allocate`.
   */
  settle(tensor: Tensor): Tensor {
    return this.addressOf(tensor) < 0 ? this.place(tensor) : tensor;
  }

  /** Where a tensor lies in this memory, -1 where it does not. Counts as a use of it. */
  addressOf(tensor: Tensor): number {
    if (!(tensor instanceof HeapTensor) || tensor.arena.heap !== this) return -1;
    const address = tensor.arena.touch();
    return address < 0 ? -1 : address + tensor.offset;
  }

  /** A copy of a tensor in an arena of its own. Throws as `allocate`. */
  place({ type, data }: Tensor): HeapTensor {
    const copy = new HeapTensor(type, this.allocate(data.byteLength, "place"), 0);
    bytesOf(copy.data).set(bytesOf(data));
    return copy;
  }

  /** Moves every arena out that is not pinned and was not used since the clock stood at `since`. */
  spill(since = Number.POSITIVE_INFINITY): void {
    const { kept, copiedBytes } = copyOut(this.resident, this.buffer, since);
    // A registration keeps its block alive until the next task, and with it the copy.
    for (const block of this.resident) if (block.watched && block.address < 0) this.unwatch(block);
    this.resident = kept;
    this.residentBytes -= copiedBytes;
    this.spilledBytes += copiedBytes;
    if (copiedBytes > 0) this.spills++;
    this.limit = this.cost + this.budget;
    this.space.rebuild(kept);
  }

  /** Forgets a block, and its numbers; nothing happens where it is released already. */
  release(block: Block): void {
    block.copy = undefined;
    if (block.address < 0) return;
    this.space.give(block.address, block.size);
    this.residentBytes -= block.size;
    const last = this.resident.pop();
    if (last !== undefined && last !== block) {
      this.resident[block.slot] = last;
      last.slot = block.slot;
    }
    block.address = -1;
    if (block.watched) this.unwatch(block);
    this.limit = Math.min(this.limit, this.cost + this.budget);
  }

  private unwatch(block: Block): void {
    this.unused.unregister(block);
  }

  private get cost(): number {
    return this.residentBytes + this.resident.length * arenaCost;
  }

  /** Joins what came back, else grows, else moves everything out that can be; gives an address. */
  private makeRoom(bytes: number, size: number, op: string): number {
    if (this.space.returnedBytes >= this.buffer.byteLength / 8) {
      this.space.rebuild(this.resident);
      const address = this.space.take(size);
      if (address >= 0) return address;
    }
    if (this.grow(size)) return this.space.take(size);
    this.spill();
    const address = this.space.take(size);
    if (address >= 0) return address;
    throw new OutOfMemoryError({
      op,
      problem: "out of memory",
      received: `${bytes} bytes wanted, ${this.residentBytes} of ${this.maximumBytes} in use`,
      allowed: `what fits into ${this.maximumBytes} bytes`,
    });
  }

  /** At least doubles the memory, where its maximum allows. */
  private grow(size: number): boolean {
    const { byteLength } = this.buffer;
    const wanted = Math.max(2 * byteLength, byteLength + size);
    const least = Math.ceil(size / pageBytes);
    const most = Math.floor((this.maximumBytes - byteLength) / pageBytes);
    const pages = Math.min(Math.ceil((wanted - byteLength) / pageBytes), most);
    if (pages < least || !this.growBy(pages, least)) return false;
    this.buffer = this.memory.buffer;
    this.space.extend(this.buffer.byteLength);
    return true;
  }

  private growBy(pages: number, least: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return pages > least && this.growBy(least, least);
    }
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Tensor["data"]): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

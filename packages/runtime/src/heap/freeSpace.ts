import { alignment } from "../plan/arena.js";
import type { Block } from "./block.js";

/** Blocks larger than this do not move the place from which the search for a gap starts. */
const smallBytes = 1 << 16;

/**
 * The unused parts of a memory. Blocks are cut from the front of gaps, one gap after another; blocks
 * that come back are kept by size for the next of that size, and are joined to gaps by `rebuild`.
 */
export class FreeSpace {
  /** Bytes that came back since the last rebuild and were not taken again. */
  returnedBytes = 0;
  private addresses: number[] = [];
  private sizes: number[] = [];
  private cursor = 0;
  private readonly returned = new Map<number, number[]>();

  constructor(private extent: number) {
    this.rebuild([]);
  }

  /** Address of `size` bytes, -1 where no gap is large enough. */
  take(size: number): number {
    const known = this.returned.get(size)?.pop();
    if (known !== undefined) {
      this.returnedBytes -= size;
      return known;
    }
    const { cursor } = this;
    if ((this.sizes[cursor] ?? 0) >= size) return this.cut(cursor, size);
    return this.search(size);
  }

  give(address: number, size: number): void {
    const known = this.returned.get(size);
    if (known === undefined) this.returned.set(size, [address]);
    else known.push(address);
    this.returnedBytes += size;
  }

  /** Adds room at the end. */
  extend(extent: number): void {
    const last = this.addresses.length - 1;
    const end = (this.addresses[last] ?? 0) + (this.sizes[last] ?? 0);
    if (last >= 0 && end === this.extent) {
      this.sizes[last] = (this.sizes[last] ?? 0) + extent - this.extent;
    } else {
      this.addresses.push(this.extent);
      this.sizes.push(extent - this.extent);
    }
    this.extent = extent;
  }

  /** Makes gaps of everything but the given blocks. */
  rebuild(resident: readonly Block[]): void {
    this.addresses = [];
    this.sizes = [];
    this.cursor = 0;
    this.returned.clear();
    this.returnedBytes = 0;
    // The first bytes stay unused, so that no array has the address 0.
    let from = alignment;
    const inOrder = [...resident].sort((a, b) => a.address - b.address);
    for (const { address, size } of inOrder) {
      this.addGap(from, address);
      from = address + size;
    }
    this.addGap(from, this.extent);
  }

  private addGap(from: number, to: number): void {
    if (from >= to) return;
    this.addresses.push(from);
    this.sizes.push(to - from);
  }

  /** The first gap after the cursor that is large enough, then the first before it. */
  private search(size: number): number {
    const { length } = this.sizes;
    for (let step = 1; step <= length; step++) {
      const gap = (this.cursor + step) % length;
      if ((this.sizes[gap] ?? 0) < size) continue;
      if (size <= smallBytes) this.cursor = gap;
      return this.cut(gap, size);
    }
    return -1;
  }

  private cut(gap: number, size: number): number {
    const address = this.addresses[gap] ?? 0;
    this.addresses[gap] = address + size;
    this.sizes[gap] = (this.sizes[gap] ?? 0) - size;
    return address;
  }
}

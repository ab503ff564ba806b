import type { Ref } from "@adjoint/graph";

/**
 * A temporary's place in the arena. Bytes count from the arena's start; steps from 0, `end`
 * inclusive.
 */
export interface Slot {
  readonly ref: Ref;
  readonly offset: number;
  readonly bytes: number;
  /** The step that writes it. */
  readonly start: number;
  /** The last step that reads it, itself or through a view. */
  readonly end: number;
}

/** A temporary that wants a place. */
export type Lifetime = Omit<Slot, "offset">;

/** Slots start at multiples of a cache line, which also suits every dtype and SIMD load. */
export const alignment = 64;

const aligned = (bytes: number) => Math.ceil(bytes / alignment) * alignment;

interface Gap {
  offset: number;
  bytes: number;
}

/** Lifetimes for which other layouts are tried than that of one walk. */
const fewLifetimes = 512;

/**
 * Gives every lifetime a place so that no two that are alive at one step overlap. `lifetimes` are
 * in order of `start`. One walk over the steps is nearly as small as it can be for most programs;
 * where it is not, and lifetimes are not too many, they are placed again, the largest first.
 */
export function layOut(lifetimes: readonly Lifetime[]): ArenaLayout {
  const walked = layOutInOrder(lifetimes);
  const bound = liveBytesBound(lifetimes.map((one) => ({ ...one, bytes: aligned(one.bytes) })));
  if (walked.bytes === bound || lifetimes.length > fewLifetimes) return walked;
  const orders = [
    ({ bytes }: Lifetime) => bytes,
    ({ bytes, start, end }: Lifetime) => bytes * (end - start + 1),
    ({ start, end }: Lifetime) => end - start,
  ];
  return orders
    .map((weight) => layOutByWeight(lifetimes, weight))
    .reduce((best, one) => (one.bytes < best.bytes ? one : best), walked);
}

export interface ArenaLayout {
  /** In the order of the lifetimes. */
  readonly slots: readonly Slot[];
  readonly bytes: number;
}

/**
 * Walks the steps once with a list of gaps: the tightest gap that fits, else more room at the end.
 * The list stays short, as neighbouring gaps are joined, so the time grows with the number of steps
 * and not with its square.
 */
function layOutInOrder(lifetimes: readonly Lifetime[]): ArenaLayout {
  const gaps = new GapList();
  const slots: Slot[] = [];
  const ending = new EndQueue(lifetimes);
  let released = 0;
  for (const { ref, start, end, bytes } of lifetimes) {
    for (; released < start; released++) {
      for (let index = ending.first(released); index >= 0; index = ending.after(index)) {
        const slot = slots[index];
        if (slot !== undefined) gaps.release(slot.offset, aligned(slot.bytes));
      }
    }
    slots.push({ ref, offset: gaps.take(aligned(bytes)), bytes, start, end });
  }
  return { slots, bytes: gaps.extent };
}

/**
 * The heaviest lifetime first, each at the lowest offset where nothing that is alive at one of its
 * steps lies: Y. Pisarchyk, J. Lee, Efficient memory management for deep neural net inference,
 * section 5.2.
 */
function layOutByWeight(
  lifetimes: readonly Lifetime[],
  weight: (lifetime: Lifetime) => number,
): ArenaLayout {
  const order = [...lifetimes].sort((a, b) => weight(b) - weight(a) || a.start - b.start);
  /** By offset. */
  const placed: Slot[] = [];
  const slots = new Map<Lifetime, Slot>();
  let extent = 0;
  for (const lifetime of order) {
    const bytes = aligned(lifetime.bytes);
    let offset = 0;
    for (const other of placed) {
      if (other.end < lifetime.start || other.start > lifetime.end) continue;
      if (other.offset >= offset + bytes) break;
      offset = Math.max(offset, other.offset + aligned(other.bytes));
    }
    const slot = { ...lifetime, offset };
    slots.set(lifetime, slot);
    const next = placed.findIndex((other) => other.offset > offset);
    placed.splice(next < 0 ? placed.length : next, 0, slot);
    extent = Math.max(extent, offset + bytes);
  }
  return { slots: lifetimes.flatMap((lifetime) => slots.get(lifetime) ?? []), bytes: extent };
}

/** The lifetimes that end at each step, as chains through two arrays: -1 is the end of a chain. */
class EndQueue {
  private readonly heads: Int32Array;
  private readonly links: Int32Array;

  constructor(lifetimes: readonly Lifetime[]) {
    let last = 0;
    for (const { end } of lifetimes) last = Math.max(last, end);
    this.heads = new Int32Array(last + 1).fill(-1);
    this.links = new Int32Array(lifetimes.length).fill(-1);
    for (const [index, { end }] of lifetimes.entries()) {
      this.links[index] = this.first(end);
      this.heads[end] = index;
    }
  }

  first(step: number): number {
    return this.heads[step] ?? -1;
  }

  after(index: number): number {
    return this.links[index] ?? -1;
  }
}

/** The free parts below `extent`, ascending, none touching another. */
class GapList {
  extent = 0;
  private readonly gaps: Gap[] = [];

  take(bytes: number): number {
    if (bytes === 0) return 0;
    let best = -1;
    let bestBytes = Infinity;
    for (let index = 0; index < this.gaps.length; index++) {
      const size = this.gaps[index]?.bytes ?? 0;
      if (size >= bytes && size < bestBytes) {
        best = index;
        bestBytes = size;
      }
    }
    const gap = this.gaps[best];
    if (gap === undefined) return this.extend(bytes);
    const { offset } = gap;
    if (gap.bytes === bytes) this.gaps.splice(best, 1);
    else {
      gap.offset += bytes;
      gap.bytes -= bytes;
    }
    return offset;
  }

  release(offset: number, bytes: number): void {
    if (bytes === 0) return;
    const next = this.firstFrom(offset);
    const before = this.gaps[next - 1];
    const after = this.gaps[next];
    const joinsBefore = before !== undefined && before.offset + before.bytes === offset;
    const joinsAfter = after !== undefined && offset + bytes === after.offset;
    if (joinsBefore) {
      before.bytes += bytes + (joinsAfter ? after.bytes : 0);
      if (joinsAfter) this.gaps.splice(next, 1);
    } else if (joinsAfter) {
      after.offset = offset;
      after.bytes += bytes;
    } else {
      this.gaps.splice(next, 0, { offset, bytes });
    }
  }

  /** A gap that reaches the end is used up before the arena grows. */
  private extend(bytes: number): number {
    const last = this.gaps.at(-1);
    let offset = this.extent;
    if (last !== undefined && last.offset + last.bytes === this.extent) {
      offset = last.offset;
      this.gaps.pop();
    }
    this.extent = offset + bytes;
    return offset;
  }

  /** Index of the first gap at `offset` or later, by bisection. */
  private firstFrom(offset: number): number {
    let low = 0;
    let high = this.gaps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const gap = this.gaps[middle];
      if (gap !== undefined && gap.offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The most bytes alive at one step: no layout can need less. */
export function liveBytesBound(lifetimes: readonly Lifetime[]): number {
  let last = 0;
  for (const { end } of lifetimes) last = Math.max(last, end);
  const change = new Float64Array(last + 2);
  for (const { start, end, bytes } of lifetimes) {
    change[start] = (change[start] ?? 0) + bytes;
    change[end + 1] = (change[end + 1] ?? 0) - bytes;
  }
  let live = 0;
  let most = 0;
  for (const bytes of change) {
    live += bytes;
    most = Math.max(most, live);
  }
  return most;
}

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

/**
 * Gives every lifetime a place so that no two that are alive at one step overlap. `lifetimes` are
 * in order of `start`. Walks the steps once with a list of gaps: the tightest gap that fits, else
 * more room at the end. The list stays short, as neighbouring gaps are joined, so the time grows
 * with the number of steps and not with its square.
 */
export function layOut(lifetimes: readonly Lifetime[]): {
  readonly slots: readonly Slot[];
  readonly bytes: number;
} {
  const ends = new Map<number, Slot[]>();
  const gaps = new GapList();
  const slots: Slot[] = [];
  let released = 0;
  for (const lifetime of lifetimes) {
    for (; released < lifetime.start; released++) {
      for (const slot of ends.get(released) ?? []) gaps.release(slot.offset, aligned(slot.bytes));
    }
    const slot = { ...lifetime, offset: gaps.take(aligned(lifetime.bytes)) };
    slots.push(slot);
    const ending = ends.get(slot.end);
    if (ending === undefined) ends.set(slot.end, [slot]);
    else ending.push(slot);
  }
  return { slots, bytes: gaps.extent };
}

/** The free parts below `extent`, ascending, none touching another. */
class GapList {
  extent = 0;
  private readonly gaps: Gap[] = [];

  take(bytes: number): number {
    if (bytes === 0) return 0;
    let best = -1;
    let bestBytes = Infinity;
    for (const [index, gap] of this.gaps.entries()) {
      if (gap.bytes >= bytes && gap.bytes < bestBytes) {
        best = index;
        bestBytes = gap.bytes;
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
  const change = new Map<number, number>();
  const add = (step: number, bytes: number) => change.set(step, (change.get(step) ?? 0) + bytes);
  let last = 0;
  for (const { start, end, bytes } of lifetimes) {
    add(start, bytes);
    add(end + 1, -bytes);
    last = Math.max(last, end);
  }
  let live = 0;
  let most = 0;
  for (let step = 0; step <= last; step++) {
    live += change.get(step) ?? 0;
    most = Math.max(most, live);
  }
  return most;
}

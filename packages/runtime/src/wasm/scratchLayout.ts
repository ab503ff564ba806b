/** Gives out places in scratch memory, counted from its beginning. */
export class ScratchLayout {
  /** Bytes that were given out. */
  end = 0;

  /** The beginning of a place of its own, on a cache line. */
  reserve(bytes: number): number {
    const start = this.end;
    this.end = Math.ceil((start + bytes) / 64) * 64;
    return start;
  }
}

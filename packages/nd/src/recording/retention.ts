/** Bytes between two looks at the memory. */
const defaultWindow = 2 ** 28;

/**
 * Watches what runs leave behind for arrays that nobody has read: numbers that only such arrays still need. Most are
 * garbage at once, but no program can ask the collector which are, so this looks at the memory that arrays take
 * as a whole: where it grows about as fast as runs leave numbers behind, users hold on to such arrays.
 */
export class Retention {
  private left = 0;
  private before: number | undefined;
  private growing = false;

  /** `measure` gives the bytes that arrays take now; undefined where the engine does not tell. */
  constructor(
    private readonly measure: () => number | undefined,
    private readonly window = defaultWindow,
  ) {}

  /** Counts bytes that a run leaves behind. Whether they seem to be held: then its path had better keep its results. */
  add(bytes: number): boolean {
    this.left += bytes;
    if (this.left < this.window) return false;
    const { left, before } = this;
    this.left = 0;
    const now = this.measure();
    if (now === undefined) return true;
    this.before = now;
    const grows = before !== undefined && now - before > left / 2;
    const isHeld = grows && this.growing;
    this.growing = grows;
    return isHeld;
  }
}

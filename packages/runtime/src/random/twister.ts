const length = 624;
const middle = 397;

/**
 * The Mersenne Twister MT19937, which counts the words it has given. M. Matsumoto, T. Nishimura,
 * Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random number generator, ACM
 * TOMACS 8 (1998).
 */
export class Twister {
  private readonly state = new Uint32Array(length);
  private next = length;
  private readonly marked = new Uint32Array(length);
  private markedNext = length;
  private markedGiven = Infinity;
  /** Words given since the seed. */
  given = 0;

  constructor(seed: number) {
    this.reset(seed);
  }

  /** The authors' `init_genrand`. */
  reset(seed: number): void {
    const { state } = this;
    state[0] = seed;
    for (let i = 1; i < length; i++) {
      const before = state[i - 1] ?? 0;
      state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
    this.next = length;
    this.given = 0;
    this.markedGiven = Infinity;
  }

  /** Remembers where the engine stands, in place of what was remembered before. */
  mark(): void {
    this.marked.set(this.state);
    this.markedNext = this.next;
    this.markedGiven = this.given;
  }

  /**
   * Goes back to the mark, if it was set since the seed at word `position` or before; tells whether
   * it was.
   */
  rewind(position: number): boolean {
    if (this.markedGiven > position) return false;
    this.state.set(this.marked);
    this.next = this.markedNext;
    this.given = this.markedGiven;
    return true;
  }

  /** The next word, 0 ... 2^32 - 1. */
  word(): number {
    if (this.next === length) this.twist();
    let word = this.state[this.next++] ?? 0;
    this.given++;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  /** Passes over words without working them out. */
  skip(count: number): void {
    this.given += count;
    let rest = count;
    while (rest > length - this.next) {
      rest -= length - this.next;
      this.twist();
    }
    this.next += rest;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < length; i++) {
      const low = state[(i + 1) % length] ?? 0;
      const mixed = ((state[i] ?? 0) & 0x80000000) | (low & 0x7fffffff);
      const odd = mixed & 1 ? 0x9908b0df : 0;
      state[i] = (state[(i + middle) % length] ?? 0) ^ (mixed >>> 1) ^ odd;
    }
    this.next = 0;
  }
}

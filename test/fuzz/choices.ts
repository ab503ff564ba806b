/** Choices that are the same in each run of one seed (the generator mulberry32 of T. Ettinger). */
export class Choices {
  private state: number;

  constructor(seed: number) {
    this.state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ seed) >>> 0;
  }

  /** From 0 to 1, without 1. */
  unit(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  real(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.between(0, list.length - 1)] ?? list[0];
  }

  /** One of the list; undefined for an empty one. */
  pickAny<T>(list: readonly T[]): T | undefined {
    return list[this.between(0, list.length - 1)];
  }

  /** Some of the list, in order. */
  some<T>(list: readonly T[], probability = 0.5): T[] {
    return list.filter(() => this.chance(probability));
  }

  /** 0 to `count - 1` in any order. */
  permutation(count: number): number[] {
    const keys = Array.from({ length: count }, (_, index) => ({ index, key: this.unit() }));
    return keys.sort((a, b) => a.key - b.key).map(({ index }) => index);
  }

  /** Choices of their own, so that what one part takes does not move those of another. */
  branch(): Choices {
    return new Choices(this.between(0, 2 ** 31));
  }
}

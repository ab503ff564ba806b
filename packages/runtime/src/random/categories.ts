/**
 * The running sums of a row of probabilities: summed in double, kept as float32, as MXNet does.
 * Scratch for one row at a time.
 */
export class Categories {
  private readonly cumulative: Float32Array;
  /** The last category that has a chance: it takes what rounding leaves between its sum and 1. */
  private last = 0;

  constructor(length: number) {
    this.cumulative = new Float32Array(length);
  }

  /** Takes in a row; one with a probability that is negative or not finite has no category. */
  load(probabilities: Float64Array): void {
    const { cumulative } = this;
    let sum = 0;
    this.last = -1;
    for (let index = 0; index < cumulative.length; index++) {
      const probability = probabilities[index] ?? 0;
      if (!(probability >= 0 && probability < Infinity)) {
        this.last = -1;
        return;
      }
      sum += probability;
      cumulative[index] = sum;
      if (probability > 0) this.last = index;
    }
  }

  /** The first category whose running sum reaches `u`, by bisection; -1 if there is none. */
  find(u: number): number {
    // The running sums before the first category with a chance are 0, which u may be.
    const target = Math.max(u, Number.MIN_VALUE);
    let [low, high] = [0, this.last];
    if (high < 0) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.cumulative[middle] ?? 0) < target) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

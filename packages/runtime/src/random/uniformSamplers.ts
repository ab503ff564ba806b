import { logOfDouble } from "./logOfDouble.js";
import { logOfFloat } from "./logOfFloat.js";
import type { Twister } from "./twister.js";

/** What arithmetic in some precision does to each result. */
export type Round = (value: number) => number;

/** The precision that samples of a dtype are drawn in: float32, or double for all others. */
export interface Precision {
  readonly unit: (engine: Twister) => number;
  readonly round: Round;
  /** Natural logarithm of a positive number of this precision. */
  readonly log: (value: number) => number;
}

export const single: Precision = { unit: unitFloat, round: Math.fround, log: logOfFloat };
export const double: Precision = { unit: unitDouble, round: (value) => value, log: logOfDouble };

/** The largest float32 below 1. */
const largestFloat = 1 - 2 ** -24;
/** The largest float64 below 1. */
const largestDouble = 1 - 2 ** -53;

/**
 * In [0, 1): one word, as the float32 that it rounds to. What rounds to 1 is the number below, as
 * in libstdc++.
 */
function unitFloat(engine: Twister): number {
  return Math.min(Math.fround(engine.word()) / 2 ** 32, largestFloat);
}

/** In [0, 1): two words, the first of which is the lower half. */
function unitDouble(engine: Twister): number {
  const low = engine.word();
  return Math.min((low + engine.word() * 2 ** 32) / 2 ** 64, largestDouble);
}

/**
 * (2^31 w0 + w1) mod `range`, for ranges up to 2^32: the product is taken in parts that doubles
 * hold exactly.
 */
export function integerBelow(engine: Twister, range: number): number {
  const high = engine.word() % range;
  const shifted = (((high * 2 ** 20) % range) * 2 ** 11) % range;
  return (shifted + engine.word()) % range;
}

/**
 * A standard normal sample by G. Marsaglia's polar method (SIAM Review 6, 1964), as libstdc++
 * computes the first of a pair; the second of the pair is not used.
 */
export function standardNormal(engine: Twister, { unit, round, log }: Precision): number {
  for (;;) {
    const x = round(2 * unit(engine) - 1);
    const y = round(2 * unit(engine) - 1);
    const square = round(round(x * x) + round(y * y));
    if (square > 1 || square === 0) continue;
    return round(y * round(Math.sqrt(round((-2 * log(square)) / square))));
  }
}

import type { DType, RandomKernel } from "@adjoint/graph";
import type { Twister } from "./twister.js";

/** Draws one sample. */
export type Sampler = (engine: Twister) => number;

/** The sampler of a distribution; float32 rounds at each step where C++ code on floats does. */
export function samplerOf({ distribution, parameters }: RandomKernel, dtype: DType): Sampler {
  const [first = 0, second = 0] = parameters;
  const [unit, round] =
    dtype === "float32" ? [unitFloat, Math.fround] : [unitDouble, (x: number) => x];
  switch (distribution) {
    case "uniform": {
      const [low, width] = [round(first), round(second - first)];
      return (engine) => round(round(unit(engine) * width) + low);
    }
    case "normal": {
      const [mean, deviation] = [round(first), round(second)];
      return (engine) => round(round(polar(engine, unit, round) * deviation) + mean);
    }
    case "exponential":
      return (engine) => round(-Math.log(1 - unit(engine)) * first);
    case "randint":
      return (engine) => integerBelow(engine, second - first) + first;
    default:
      return distribution satisfies never;
  }
}

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
 * A standard normal sample by G. Marsaglia's polar method (SIAM Review 6, 1964), as libstdc++
 * computes the first of a pair; the second of the pair is not used.
 */
function polar(engine: Twister, unit: Sampler, round: (x: number) => number): number {
  for (;;) {
    const x = round(2 * unit(engine) - 1);
    const y = round(2 * unit(engine) - 1);
    const square = round(round(x * x) + round(y * y));
    if (square > 1 || square === 0) continue;
    const logarithm = round(Math.log(square));
    return round(y * round(Math.sqrt(round((-2 * logarithm) / square))));
  }
}

/**
 * (2^31 w0 + w1) mod `range`, for ranges up to 2^32: the product is taken in parts that doubles
 * hold exactly.
 */
function integerBelow(engine: Twister, range: number): number {
  const high = engine.word() % range;
  const shifted = (((high * 2 ** 20) % range) * 2 ** 11) % range;
  return (shifted + engine.word()) % range;
}

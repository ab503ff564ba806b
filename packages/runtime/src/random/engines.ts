import { createTensor, type Tensor } from "../tensor.js";
import { Twister } from "./twister.js";

/** MXNet spreads samples over this many engines. */
export const sharedEngines = 1024;

/** The engine behind those, which draws samples in sequence. */
export const sequenceEngine = sharedEngines;

/**
 * The state of a fresh generator: float64[1026], the seed and a zero for each engine.
 *
 * @example
 * ```ts
 * const state = initialRandomState(42);
 * ```
 */
export function initialRandomState(seed: number): Tensor {
  const state = createTensor({ dtype: "float64", shape: [1 + sharedEngines + 1] });
  state.data[0] = seed;
  return state;
}

/**
 * The engines behind random states, kept where they last stood. A cache: what an engine gives
 * depends on the state that is asked for, and an engine that stands elsewhere is moved there first.
 */
export class Engines {
  private readonly twisters = new Map<number, Twister>();
  private seed = 0;

  /**
   * Engine `index` of `seed`, having given `count` words, cut to a whole number. Cheap are moves forward, and back to
   * the position asked for last time: a backward pass draws a forward pass's samples again.
   */
  at(seed: number, index: number, count: number): Twister {
    const position = Math.trunc(count);
    if (seed !== this.seed) {
      this.twisters.clear();
      this.seed = seed;
    }
    let twister = this.twisters.get(index);
    if (twister === undefined) {
      twister = new Twister(engineSeed(seed, index));
      this.twisters.set(index, twister);
    }
    if (twister.given > position && !twister.rewind(position)) {
      twister.reset(engineSeed(seed, index));
    }
    twister.skip(position - twister.given);
    twister.mark();
    return twister;
  }
}

/** (127 seed + index) mod 2^32; the engine of sequences starts as the first one. */
function engineSeed(seed: number, index: number): number {
  return (Math.imul(127, seed | 0) + (index % sharedEngines)) >>> 0;
}

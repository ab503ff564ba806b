/** Elements that map kernels handle at a time: small enough for the first-level cache. */
export const chunkLength = 1024;

/** Where map kernels keep what they are computing: int64 elements apart from all others. */
export interface Registers {
  readonly doubles: readonly Float64Array[];
  readonly int64s: readonly BigInt64Array[];
}

/**
 * Registers of `chunkLength` elements, shared by all map kernels of one run. Nothing survives
 * between kernels.
 */
export class Scratch implements Registers {
  readonly doubles: Float64Array[] = [];
  readonly int64s: BigInt64Array[] = [];

  /** At least `doubles` and `int64s` registers. */
  registers(doubles: number, int64s: number): Registers {
    while (this.doubles.length < doubles) this.doubles.push(new Float64Array(chunkLength));
    while (this.int64s.length < int64s) this.int64s.push(new BigInt64Array(chunkLength));
    return this;
  }
}

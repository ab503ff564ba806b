/** Elements that map kernels handle at a time: small enough for the first-level cache. */
export const chunkLength = 1024;

/**
 * Registers of `chunkLength` doubles, shared by all map kernels of one run. Nothing survives
 * between kernels.
 */
export class Scratch {
  private readonly pool: Float64Array[] = [];

  /** The first `count` registers. */
  registers(count: number): readonly Float64Array[] {
    while (this.pool.length < count) this.pool.push(new Float64Array(chunkLength));
    return this.pool;
  }
}

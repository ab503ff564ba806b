import { type Engine, keepsLoadsInPlace } from "../engine.js";

/** How the innermost loops of products are written, for an engine and a processor. */
export interface KernelShape {
  /** Multiply-add in one instruction. */
  readonly relaxed: boolean;
  /** Rows of a full tile of the result. */
  readonly rows: number;
  /** Vectors of 128 bits in each row of a full tile. */
  readonly vectors: 2 | 4;
  /** Steps of the inner dimension for each turn of the innermost loop. */
  readonly unroll: number;
  /** Whether branches that are never taken keep loads where they are. */
  readonly rowExits: boolean;
}

/**
 * With 6 rows, twelve sums, two vectors of one matrix and one element of the other fill 15
 * registers; a product that is not added at once takes one more, and tiles have 4 rows. Some
 * compilers move loads ahead of arithmetic until registers run out, unless branches lie between.
 * Here one after the first row is enough, and more take time; convolutions, which have more addresses, need one
 * after each.
 * With vectors of 256 bits, four of 128 count as two.
 */
export function kernelShape({ features, revectorizes }: Engine): KernelShape {
  const { relaxed } = features;
  const rows = relaxed ? 6 : 4;
  if (revectorizes) return { relaxed, rows, vectors: 4, unroll: 4, rowExits: false };
  if (keepsLoadsInPlace()) return { relaxed, rows, vectors: 2, unroll: 4, rowExits: false };
  return { relaxed, rows, vectors: 2, unroll: 1, rowExits: true };
}

/** Sizes of the blocks that products are cut into, in elements. */
export interface Blocking {
  /** Steps of the inner dimension: two panels stay in the first-level cache. */
  readonly depth: number;
  /** Columns of the right matrix: a block stays in the second-level cache. */
  readonly columns: number;
}

/**
 * The same blocks for all types and shapes: `columns` is a multiple of every tile's. Results depend
 * on `depth` alone, as each block's products are summed on their own.
 */
export const blocking: Blocking = { depth: 256, columns: 1024 };

import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { functionOf } from "./parameters.js";
import {
  packedKernelParameters,
  stridedKernelParameters,
  type Target,
  writePackedKernel,
  writeStridedKernel,
} from "./tile.js";

/** The innermost functions of a module: tiles of all sizes. */
export interface TileKernels {
  /** A full tile from packed panels. */
  readonly packed: FunctionRef;
  /** By rows from 1 on, then by vectors; widths are those of `tileWidths`. */
  strided(rows: number, vectors: number): FunctionRef;
}

/** Widths of tiles in vectors, descending; each but the last is twice the next. */
export function tileWidths({ shape }: Target): readonly number[] {
  return shape.vectors === 4 ? [4, 2, 1] : [2, 1];
}

/** Widths of tiles of one and two rows only: as many sums as hide the latency of additions. */
export const thinWidths: readonly { readonly rows: number; readonly vectors: number }[] = [
  { rows: 1, vectors: 8 },
  { rows: 2, vectors: 4 },
];

export function addTileKernels(module: ModuleBuilder, target: Target): TileKernels {
  const packed = module.helper("packedTile", functionOf(packedKernelParameters));
  writePackedKernel(packed, target);
  const strided = new Map<string, FunctionRef>();
  const add = (rows: number, vectors: number) => {
    const name = `tile${rows}x${vectors}`;
    if (strided.has(name)) return;
    const code = module.helper(name, functionOf(stridedKernelParameters));
    writeStridedKernel(code, target, rows, vectors);
    strided.set(name, code);
  };
  for (const vectors of tileWidths(target)) {
    for (let rows = target.shape.rows; rows > 0; rows--) add(rows, vectors);
  }
  for (const { rows, vectors } of thinWidths) add(rows, vectors);
  return {
    packed,
    strided(rows, vectors) {
      const kernel = strided.get(`tile${rows}x${vectors}`);
      if (kernel === undefined) throw new RangeError(`no tile of ${rows} x ${vectors}`);
      return kernel;
    },
  };
}

/** Calls the strided kernel for a number of rows that is known at run time. */
export function callTile(
  code: FunctionBuilder,
  { shape }: Target,
  kernels: TileKernels,
  rows: Value<"i32">,
  vectors: number,
  args: readonly Value<"i32">[],
): void {
  code.block((done) => {
    for (let count = shape.rows; count > 1; count--) {
      code.if(code.op("i32.eq", rows, count), () => {
        code.call(kernels.strided(count, vectors), ...args);
        code.branch(done);
      });
    }
    code.call(kernels.strided(1, vectors), ...args);
  });
}

/**
 * Rows of the next tile where `rest` are left: full tiles, the last two of equal height, so that
 * none is so small that additions wait for each other.
 */
export function rowsOfNextTile(
  code: FunctionBuilder,
  { shape }: Target,
  rest: Value<"i32">,
): Value<"i32"> {
  const rows = code.variable("i32", rest);
  code.if(code.op("i32.gt_s", rest, shape.rows), () => {
    code.assign(rows, shape.rows);
    code.if(code.op("i32.lt_s", rest, 2 * shape.rows), () => {
      code.assign(rows, code.op("i32.shr_u", code.op("i32.add", rest, 1), 1));
    });
  });
  return rows;
}

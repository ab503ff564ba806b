import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { functionOf } from "./parameters.js";
import type { Target } from "./tile.js";
import {
  packedKernelParameters,
  rowsKernelParameters,
  stridedKernelParameters,
  writePackedKernel,
  writeRowsKernel,
  writeStridedKernel,
} from "./tileCode.js";

/** The innermost functions of a module: tiles of all sizes. */
export interface TileKernels {
  /** A tile of full width from a packed panel of rows, by rows from 1 on. */
  packed(rows: number): FunctionRef;
  /** A tile of full width from contiguous rows, by rows from 1 on. */
  contiguous(rows: number): FunctionRef;
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
  const packed = Array.from({ length: target.shape.rows }, (_, row) => {
    const code = module.helper(`packedTile${row + 1}`, functionOf(packedKernelParameters));
    writePackedKernel(code, target, row + 1);
    return code;
  });
  const contiguous = Array.from({ length: target.shape.rows }, (_, row) => {
    const code = module.helper(`rowTile${row + 1}`, functionOf(rowsKernelParameters));
    writeRowsKernel(code, target, row + 1);
    return code;
  });
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
    packed: (rows) => kernelOf(packed[rows - 1], `${rows} rows`),
    contiguous: (rows) => kernelOf(contiguous[rows - 1], `${rows} rows`),
    strided: (rows, vectors) =>
      kernelOf(strided.get(`tile${rows}x${vectors}`), `${rows} x ${vectors}`),
  };
}

function kernelOf(kernel: FunctionRef | undefined, size: string): FunctionRef {
  if (kernel === undefined) throw new RangeError(`no tile of ${size}`);
  return kernel;
}

/** Calls a kernel for a number of rows that is known at run time. */
export function callTile(
  code: FunctionBuilder,
  { shape }: Target,
  rows: Value<"i32">,
  kernel: (rows: number) => FunctionRef,
  args: readonly Value<"i32">[],
): void {
  code.block((done) => {
    for (let count = shape.rows; count > 1; count--) {
      code.if(code.op("i32.eq", rows, count), () => {
        code.call(kernel(count), ...args);
        code.branch(done);
      });
    }
    code.call(kernel(1), ...args);
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

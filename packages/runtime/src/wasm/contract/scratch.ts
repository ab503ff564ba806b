import { blocking } from "./kernelShape.js";
import { type Target, tileColumns } from "./tile.js";

/** Place for one tile: 6 rows of 4 vectors, rounded up. */
export const spillBytes = 512;

/** Packing a panel of rows may write up to a vector beyond its end. */
export const leftPanelSlack = 16;

/** Bytes of scratch memory that `gemm` may use for a product of these sizes. */
export function gemmScratchBytes(target: Target, m: number, n: number, k: number): number {
  const { element, shape } = target;
  const steps = Math.min(k, blocking.depth);
  const rows = roundUp(Math.min(m, blocking.rows), shape.rows);
  const columns = roundUp(Math.min(n, blocking.columns), tileColumns(target));
  return spillBytes + leftPanelSlack + (rows + columns) * steps * element.bytes;
}

function roundUp(x: number, unit: number): number {
  return Math.ceil(x / unit) * unit;
}

import { blocking } from "./kernelShape.js";
import { type Target, tileColumns } from "./tile.js";

/** Place for one tile: 6 rows of 4 vectors, rounded up. */
export const spillBytes = 512;

/** Packing a panel of rows may write up to a vector beyond its end. */
export const leftPanelSlack = 16;

/** Panels of columns begin where a line of the cache does. */
export const panelAlignment = 64;

/** Bytes of scratch memory that `gemm` may use for a product of these sizes. */
export function gemmScratchBytes(target: Target, n: number, k: number): number {
  const { element, shape } = target;
  const steps = Math.min(k, blocking.depth);
  const columns = roundUp(Math.min(n, blocking.columns), tileColumns(target));
  const panels = (shape.rows + columns) * steps * element.bytes;
  return spillBytes + leftPanelSlack + panelAlignment + panels;
}

function roundUp(x: number, unit: number): number {
  return Math.ceil(x / unit) * unit;
}

import { blocking } from "../contract/kernelShape.js";
import type { Span } from "../spans.js";
import type { PaddedImage, Triple } from "./paddedImage.js";
import type { WindowExports } from "./recordCalls.js";
import type { TableAxis } from "./windowModule.js";

/**
 * Offsets in bytes over four nested indices. Windows over images are a matrix whose element (lane, step) lies at the sum
 * of an entry from each of two such tables.
 */
export type Table = readonly [TableAxis, TableAxis, TableAxis, TableAxis];

/** `counts` cells of a plane, `steps` apart, in each of several planes. */
export function cellTable(
  { strides }: PaddedImage,
  counts: Triple,
  steps: Triple,
  planes: TableAxis = [1, 0],
): Table {
  return [
    planes,
    [counts[0], steps[0] * strides[0]],
    [counts[1], steps[1] * strides[1]],
    [counts[2], steps[2] * strides[2]],
  ];
}

/** Entries of a table. */
export function lengthOf(table: Table): number {
  return table.reduce((product, [count]) => product * count, 1);
}

export function fillTable({ fillOffsets }: WindowExports, to: number, [a, b, c, d]: Table): void {
  fillOffsets(to, 0, ...a, ...b, ...c, ...d);
}

/** Steps of a product in blocks, as `gemm` cuts them; they depend on nothing else. */
export function stepBlocks(steps: number): readonly Span[] {
  const blocks: Span[] = [];
  const { depth } = blocking;
  for (let from = 0; from < steps; ) {
    const rest = steps - from;
    const length = rest <= depth ? rest : rest < 2 * depth ? Math.ceil(rest / 2) : depth;
    blocks.push({ from, to: from + length });
    from += length;
  }
  return blocks;
}

/** Columns that are packed at a time: with all steps of a block they stay in the second-level cache. */
const columnsAtATime = 256;

/** The columns of a product in blocks. */
export function columnBlocks({ from, to }: Span): readonly Span[] {
  const blocks: Span[] = [];
  for (let start = from; start < to; start += columnsAtATime) {
    blocks.push({ from: start, to: Math.min(to, start + columnsAtATime) });
  }
  return blocks;
}

/** The length of the longest span, 0 where there is none. */
export function longest(spans: readonly Span[]): number {
  return spans.reduce((most, { from, to }) => Math.max(most, to - from), 0);
}

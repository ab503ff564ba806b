import { type Span, splitSpan } from "../spans.js";
import { type Target, tileColumns } from "./tile.js";

/** A rectangle of a matrix. */
export interface Region {
  readonly rows: Span;
  readonly columns: Span;
}

/**
 * Cuts a result of (m, n) in at most `parts` rectangles of whole tiles. Of all grids, the one whose
 * largest rectangle is smallest; of those, the one whose rectangles are closest to squares, as it
 * reads the least.
 */
export function splitGemm(target: Target, m: number, n: number, parts: number): readonly Region[] {
  const width = tileColumns(target);
  let best: { readonly size: number; readonly reads: number; readonly regions: Region[] } | null =
    null;
  for (let high = 1; high <= parts; high++) {
    if (parts % high !== 0) continue;
    const rowSpans = splitSpan(m, high, target.shape.rows);
    const columnSpans = splitSpan(n, parts / high, width);
    const [rows, columns] = [longest(rowSpans), longest(columnSpans)];
    const [size, reads] = [rows * columns, rows + columns];
    if (best !== null && (size > best.size || (size === best.size && reads >= best.reads)))
      continue;
    const regions = rowSpans.flatMap((span) =>
      columnSpans.map((of) => ({ rows: span, columns: of })),
    );
    best = { size, reads, regions };
  }
  return best?.regions ?? [];
}

function longest(spans: readonly Span[]): number {
  return Math.max(0, ...spans.map(({ from, to }) => to - from));
}

import { AttributeError } from "../errors.js";
import type { Graph, NodeId } from "../graph.js";

/** What a printer adds to one row. */
export interface RowMarks {
  /** Further lines below the label; in text, comments below the row. */
  readonly lines?: readonly string[] | undefined;
  /** The row's colour in drawings, `#RRGGBB`, instead of its kind's. Black text must be readable on it. */
  readonly fill?: string | undefined;
}

/**
 * What printers add to rows: costs, values of a run, times, differences.
 *
 * @example
 * ```ts
 * const bytes: Decoration = {
 *   row: (graph, id) => ({ lines: [`${graph.nodes[id]?.types.map(byteLengthOf) ?? 0} bytes`] }),
 * };
 * toDot(graph, { decoration: bytes });
 * ```
 */
export interface Decoration {
  /** Marks of a row, undefined where there are none. `graph` is the graph that the row belongs to, which may be a body. */
  row(graph: Graph, id: NodeId): RowMarks | undefined;
  /** Marks of rows that are shown as one. */
  group?(graph: Graph, ids: readonly NodeId[]): RowMarks | undefined;
}

function merge(marks: readonly RowMarks[]): RowMarks {
  const lines = marks.flatMap((one) => one.lines ?? []);
  return { lines, fill: marks.find(({ fill }) => fill !== undefined)?.fill };
}

/** All lines of the decorations, in order, and the colour of the first that gives one. */
export function mergeDecorations(...decorations: readonly Decoration[]): Decoration {
  return {
    row: (graph, id) => merge(decorations.flatMap((one) => one.row(graph, id) ?? [])),
    group: (graph, ids) => merge(decorations.flatMap((one) => one.group?.(graph, ids) ?? [])),
  };
}

/** The colour, which goes into the text of a drawing as it is. */
export function checkedFill(fill: string | undefined): string | undefined {
  if (fill === undefined || /^#[0-9A-Fa-f]{6}$/.test(fill)) return fill;
  throw new AttributeError({
    op: "decoration",
    problem: "fill is not a colour",
    received: fill,
    allowed: "#RRGGBB",
  });
}

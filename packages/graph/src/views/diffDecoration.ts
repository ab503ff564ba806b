import type { NodeId } from "../graph.js";
import type { Decoration, RowMarks } from "../print/decoration.js";
import type { GraphDiff, RowChange } from "./graphDiff.js";

/** Colours of the palette of Okabe and Ito; the words tell the kinds apart as well. */
function marksOf(change: RowChange): RowMarks | undefined {
  switch (change.kind) {
    case "same":
      return undefined;
    case "changed":
      return { lines: [`changed: ${change.aspects.join(", ")}`], fill: "#E69F00" };
    case "added":
      return { lines: ["added"], fill: "#009E73" };
    case "removed":
      return { lines: ["removed"], fill: "#D55E00" };
    default:
      return change satisfies never;
  }
}

/** Marks what was added, removed or changed, on the rows of both graphs. */
export function diffDecoration({ before, after, rows }: GraphDiff): Decoration {
  const later = new Map<NodeId, RowMarks | undefined>();
  const earlier = new Map<NodeId, RowMarks | undefined>();
  for (const change of rows) {
    const marks = marksOf(change);
    if (change.kind !== "removed") later.set(change.after, marks);
    if (change.kind !== "added") earlier.set(change.before, marks);
  }
  return {
    row(graph, id) {
      if (graph === after) return later.get(id);
      return graph === before ? earlier.get(id) : undefined;
    },
  };
}

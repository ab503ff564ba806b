import { countRows, fitRows, type Graph, type GraphView } from "@adjoint/graph";
import type { Shown } from "./selected.js";

/** What is drawn, and what is to be said about it. */
export interface Fitted {
  readonly shown: Shown;
  readonly note: string | undefined;
}

function noteOf(graph: Graph, fitted: Graph | GraphView): string | undefined {
  if (!("kind" in fitted)) return undefined;
  const rows = countRows(graph);
  return `${graph.name}: ${rows} rows are too many to lay out; shown: ${fitted.title}`;
}

function isGraph(shown: Graph | GraphView): shown is Graph {
  return !("kind" in shown);
}

/** Graphs of more than `maxRows` rows with parts put together; views are left as they were asked for. */
export function fitted(shown: Shown, maxRows: number): Fitted {
  if (!("backward" in shown)) {
    if (!isGraph(shown)) return { shown, note: undefined };
    const one = fitRows(shown, maxRows);
    return { shown: one, note: noteOf(shown, one) };
  }
  const { forward, backward } = shown;
  if (!isGraph(forward) || !isGraph(backward)) return { shown, note: undefined };
  const total = countRows(forward) + countRows(backward);
  if (total <= maxRows) return { shown, note: undefined };
  const share = (graph: Graph) => Math.max(1, Math.floor((maxRows * countRows(graph)) / total));
  const ahead = fitRows(forward, share(forward));
  const back = fitRows(backward, share(backward));
  const notes = [noteOf(forward, ahead), noteOf(backward, back)].flatMap((one) => one ?? []);
  return { shown: jointView(ahead, back), note: notes.join("\n") };
}

/** All of a graph as a view. */
function whole(graph: Graph): GraphView {
  const rows = new Set([...graph.inputs.map(({ id }) => id), ...graph.order]);
  return { kind: "view", graph, title: "all", rows, groups: [] };
}

function jointView(ahead: Graph | GraphView, back: Graph | GraphView): Shown {
  return {
    forward: isGraph(ahead) ? whole(ahead) : ahead,
    backward: isGraph(back) ? whole(back) : back,
  };
}

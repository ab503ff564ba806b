import { type Graph, nearestName, type PassRecord, replay, undo } from "@adjoint/graph";
import type { PassPoint } from "../request.js";
import { UsageError } from "../usageError.js";

/** A graph, and what passes made it of another, first to last. */
export interface Passed {
  readonly graph: Graph;
  readonly history: readonly PassRecord[];
}

/** Position of a pass in the history. */
function positionOf({ graph, history }: Passed, { pass, time }: PassPoint): number {
  const found = history.flatMap((record, position) => (record.pass === pass ? [position] : []));
  const position = found[time - 1];
  if (position !== undefined) return position;
  const names = [...new Set(history.map((record) => record.pass))];
  if (found.length > 0) {
    throw new UsageError(`${pass} ran ${found.length} times on ${graph.name}, not ${time}`);
  }
  const near = nearestName(pass, names);
  const known = names.length === 0 ? "no pass has run" : `passes: ${names.join(", ")}`;
  const hint = near === undefined ? known : `did you mean ${near}?`;
  throw new UsageError(`no pass ${pass} ran on ${graph.name}; ${hint}`);
}

/** The graph as it was at a point between passes. */
export function graphAt(passed: Passed, point: PassPoint): Graph {
  const { graph, history } = passed;
  if (point.pass === "end") return graph;
  if (point.pass === "start") return undo(graph, history);
  const position = positionOf(passed, point);
  return undo(graph, history.slice(point.when === "before" ? position : position + 1));
}

/** The graph before each pass, and after the last. */
export function statesOf({ graph, history }: Passed): readonly Graph[] {
  const states = [undo(graph, history)];
  for (const record of history) states.push(replay(states.at(-1) ?? graph, [record]));
  return states;
}

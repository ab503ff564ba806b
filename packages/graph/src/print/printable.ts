import type { Graph } from "../graph.js";
import type { GraphDiff } from "../views/graphDiff.js";
import type { GraphView, JointViews } from "../views/graphView.js";

/** A program and its gradient, to be shown together. */
export interface JointGraphs {
  readonly forward: Graph;
  readonly backward: Graph;
}

/** What printers take. */
export type Printable = Graph | GraphView | JointGraphs | JointViews | GraphDiff;

export function isJoint(subject: Printable): subject is JointGraphs | JointViews {
  return "backward" in subject;
}

export function isGraph(subject: Graph | GraphView | GraphDiff): subject is Graph {
  return !("kind" in subject);
}

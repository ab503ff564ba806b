import {
  around,
  collapseScopes,
  type Graph,
  type GraphView,
  type JointGraphs,
  type JointViews,
  type NodeId,
  nodesOf,
  selectNodes,
} from "@adjoint/graph";
import type { Selection } from "../request.js";
import { readRowName, rowIn } from "./rowNames.js";

/** What can be printed or drawn of a program. */
export type Shown = Graph | GraphView | JointGraphs | JointViews;

/** The rows near any of several. */
function aroundAll(graph: Graph, centres: readonly NodeId[], radius: number): GraphView {
  const views = centres.map((row) => around(graph, row, radius));
  const names = centres.map((row) => `%${row}`).join(", ");
  const title = names === "" ? "no counterpart" : `around ${names}, radius ${radius}`;
  return {
    kind: "view",
    graph,
    title,
    rows: new Set(views.flatMap(({ rows }) => [...rows])),
    groups: [],
  };
}

/** The rows of the gradient that a row of the program leads to: what differentiates it, and its value where it is saved. */
function counterpartsOf(backward: Graph, row: NodeId): NodeId[] {
  const inputs = backward.inputs.flatMap(({ id, of }) => (of?.node === row ? [id] : []));
  const nodes = nodesOf(backward).flatMap(({ id, origin }) => (origin === row ? [id] : []));
  return [...inputs, ...nodes];
}

/** The row of the program that a row of the gradient comes from. */
function originsOf(backward: Graph, row: NodeId): NodeId[] {
  const input = backward.inputs.find(({ id }) => id === row)?.of?.node;
  const origin = backward.nodes[row]?.origin ?? input;
  return origin === undefined ? [] : [origin];
}

/** A row with its surroundings in one graph, and its counterparts with theirs in the other. */
function aroundBoth({ forward, backward }: JointGraphs, text: string, radius: number): JointViews {
  const name = readRowName(text);
  if (name.side === "b") {
    const row = rowIn(backward, name);
    return {
      forward: aroundAll(forward, originsOf(backward, row), radius),
      backward: aroundAll(backward, [row], radius),
    };
  }
  const row = rowIn(forward, name);
  return {
    forward: aroundAll(forward, [row], radius),
    backward: aroundAll(backward, counterpartsOf(backward, row), radius),
  };
}

function selectedOne(graph: Graph, selection: Selection): Graph | GraphView {
  switch (selection.kind) {
    case "all":
      return graph;
    case "select":
      return selectNodes(graph, selection.predicate);
    case "depth":
      return collapseScopes(graph, selection.depth);
    case "around":
      return around(graph, rowIn(graph, readRowName(selection.row)), selection.radius);
    default:
      return selection satisfies never;
  }
}

/**
 * The part of a graph, or of a program and its gradient, that is asked for.
 *
 * @throws UsageError for a row that is not there; ArgumentError for a predicate that is not understood
 */
export function selected(shown: Graph | JointGraphs, selection: Selection): Shown {
  if (!("backward" in shown)) return selectedOne(shown, selection);
  const { forward, backward } = shown;
  switch (selection.kind) {
    case "all":
      return shown;
    case "select":
      return {
        forward: selectNodes(forward, selection.predicate),
        backward: selectNodes(backward, selection.predicate),
      };
    case "depth":
      return {
        forward: collapseScopes(forward, selection.depth),
        backward: collapseScopes(backward, selection.depth),
      };
    case "around":
      return aroundBoth(shown, selection.row, selection.radius);
    default:
      return selection satisfies never;
  }
}

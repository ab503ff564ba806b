import { joint } from "@adjoint/autograd";
import { type Graph, type JointGraphs, toDot, toJson, toText } from "@adjoint/graph";
import { gradientToJson } from "./graphFile.js";

/** How graphs are written. */
export const formats = ["text", "dot", "json"] as const;

export type Format = (typeof formats)[number];

/** What of a program and its gradient is written. */
export type View = "both" | "forward" | "backward" | "joint";

interface Writer {
  one(graph: Graph): string;
  pair(graphs: JointGraphs): string;
}

const writers: { readonly [F in Format]: Writer } = {
  text: {
    one: (graph) => `${toText(graph)}\n`,
    pair: ({ forward, backward }) => `${toText(forward)}\n\n${toText(backward)}\n`,
  },
  dot: { one: toDot, pair: toDot },
  json: {
    one: (graph) => `${toJson(graph)}\n`,
    pair: (graphs) => `${gradientToJson(graphs)}\n`,
  },
};

/** One graph as text that ends a line. */
export function renderGraph(graph: Graph, format: Format): string {
  return writers[format].one(graph);
}

/** A program and its gradient, or one of both, as text that ends a line. Same input, same bytes. */
export function renderGradient(graphs: JointGraphs, view: View, format: Format): string {
  switch (view) {
    case "both":
      return writers[format].pair(graphs);
    case "forward":
    case "backward":
      return renderGraph(graphs[view], format);
    case "joint":
      return renderGraph(joint(graphs), format);
    default:
      return view satisfies never;
  }
}

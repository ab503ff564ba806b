import {
  type Decoration,
  type Graph,
  type GraphDiff,
  type GraphView,
  type Printable,
  toDot,
  toJson,
  toMermaid,
  toText,
  viewGraph,
} from "@adjoint/graph";
import type { Format } from "../formats.js";
import { gradientToJson } from "../source/graphFile.js";
import { htmlPage } from "./htmlPage.js";
import { layOut } from "./layOut.js";
import { rasterise } from "./rasterise.js";

/** How something is written. */
export interface RenderOptions {
  readonly decoration: Decoration | undefined;
  readonly direction: "down" | "right";
  readonly full: boolean;
  readonly caption: string | undefined;
  /** How many rows a page lays out at a time. */
  readonly maxRows: number;
}

/** The graph itself, or the rows of a view as a graph. */
function graphOf(shown: Graph | GraphView): Graph {
  return "kind" in shown ? viewGraph(shown) : shown;
}

/** What differs, row by row, and both graphs as `toJson` writes them. */
function diffJson({ before, after, matchedBy, rows, outputs }: GraphDiff): string {
  const graphs = `"before":${toJson(before)},"after":${toJson(after)}`;
  const changes = JSON.stringify(rows.filter(({ kind }) => kind !== "same"));
  const rest = `"rows":${changes},"outputs":${JSON.stringify(outputs)}`;
  return `{"format":"adjoint.diff","version":1,"matchedBy":"${matchedBy}",${rest},${graphs}}`;
}

function jsonOf(subject: Printable): string {
  if ("backward" in subject) {
    const { forward, backward } = subject;
    return gradientToJson({ forward: graphOf(forward), backward: graphOf(backward) });
  }
  if ("kind" in subject && subject.kind === "diff") return diffJson(subject);
  return toJson(graphOf(subject));
}

/** A subject in a format, as text that ends a line, or as bytes. Same input, same bytes. */
export async function render(
  subject: Printable,
  format: Format,
  options: RenderOptions,
): Promise<string | Uint8Array> {
  switch (format) {
    case "text":
      return `${toText(subject, options)}\n`;
    case "json":
      return `${jsonOf(subject)}\n`;
    case "dot":
      return toDot(subject, options);
    case "mermaid":
      return toMermaid(subject, options);
    case "svg":
      return layOut(toDot(subject, options));
    case "png":
      return rasterise(await layOut(toDot(subject, options)));
    case "html":
      return htmlPage(subject, options);
    default:
      return format satisfies never;
  }
}

import { type Graph, type JointGraphs, toText } from "@adjoint/graph";
import { differenceOfGraphs } from "../check.js";
import { dirname, entryAt, makeFolder, readText, writeContent } from "../host.js";
import { type GraphFile, parseGraphFile } from "../source/graphFile.js";

/** What can be kept: a graph, or a program and its gradient. */
export type Kept = Graph | JointGraphs;

function fileOf(kept: Kept): GraphFile {
  if (!("backward" in kept)) return { kind: "graph", graph: kept };
  const { forward, backward } = kept;
  return { kind: "gradient", graphs: { forward, backward } };
}

/** How a graph differs from another, or from the text of one; undefined where it does not. */
export function differenceBetween(expected: Kept | string, received: Kept): string | undefined {
  const kept = typeof expected === "string" ? parseGraphFile(expected, "graph") : fileOf(expected);
  return differenceOfGraphs(kept, fileOf(received));
}

/** What became of a comparison with a file. */
export type Comparison =
  | { readonly kind: "same" | "written" | "missing" }
  | { readonly kind: "different"; readonly difference: string };

/** When a kept file is written: where it is missing, always, never. */
export type UpdateMode = "new" | "all" | "none";

/** Compares with a kept file, or writes it, as the mode says. */
export function compareWithFile(path: string, received: Kept, mode: UpdateMode): Comparison {
  const isThere = entryAt(path) === "file";
  if (!isThere && mode === "none") return { kind: "missing" };
  if (isThere) {
    const difference = differenceOfGraphs(parseGraphFile(readText(path), path), fileOf(received));
    if (difference === undefined) return { kind: "same" };
    if (mode !== "all") return { kind: "different", difference };
  }
  makeFolder(dirname(path));
  writeContent(path, `${toText(received, { full: true })}\n`);
  return { kind: "written" };
}

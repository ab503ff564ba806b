import { countDifferences, diffGraphs, type Graph, toText } from "@adjoint/graph";
import { readBytes, entryAt, resolve } from "./host.js";
import { parseGraphFile, type GraphFile } from "./source/graphFile.js";
import { UsageError } from "./usageError.js";

/** Lines around a difference of texts. */
const context = 3;

function graphsOf(file: GraphFile): readonly Graph[] {
  return file.kind === "graph" ? [file.graph] : [file.graphs.forward, file.graphs.backward];
}

function graphDifference(before: Graph, after: Graph): string | undefined {
  const diff = diffGraphs(before, after);
  return countDifferences(diff) === 0 ? undefined : toText(diff);
}

/** How graphs differ from kept ones; sites, origins and ids don't count. Undefined where they don't differ. */
export function differenceOfGraphs(kept: GraphFile, now: GraphFile): string | undefined {
  const [before, after] = [graphsOf(kept), graphsOf(now)];
  if (before.length !== after.length) {
    const words = (file: GraphFile) => (file.kind === "graph" ? "a graph alone" : "two graphs");
    return `kept: ${words(kept)}; now: ${words(now)}`;
  }
  const differences = before.flatMap((graph, position) => {
    const other = after[position];
    return other === undefined ? [] : (graphDifference(graph, other) ?? []);
  });
  return differences.length === 0 ? undefined : differences.join("\n\n");
}

/** The first lines that differ, with those around them. */
export function differenceOfTexts(kept: string, now: string): string | undefined {
  if (kept === now) return undefined;
  const [before, after] = [kept.split("\n"), now.split("\n")];
  let start = 0;
  while (before[start] === after[start] && start < before.length) start++;
  let end = 0;
  const shorter = Math.min(before.length, after.length) - start;
  while (end < shorter && before.at(-1 - end) === after.at(-1 - end)) end++;
  const part = (sign: string, lines: readonly string[], from: number, to: number) =>
    lines.slice(Math.max(0, from), to).map((line) => `${sign} ${line}`);
  return [
    `from line ${start + 1} on`,
    ...part(" ", before, start - context, start),
    ...part("-", before, start, before.length - end),
    ...part("+", after, start, after.length - end),
    ...part(" ", before, before.length - end, before.length - end + context),
  ].join("\n");
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** The content of a kept dump. */
function keptContent(file: string): Uint8Array {
  if (entryAt(resolve(file)) === "file") return readBytes(file);
  throw new UsageError(`--check ${file}: no such file; write it first with -o ${file}`);
}

/** A dump as it is now, and the graphs in it where the format holds graphs. */
export interface Dumped {
  readonly content: string | Uint8Array;
  readonly isGraphs: boolean;
}

/**
 * How a dump differs from a kept one: graphs by their rows, where sites don't count; other formats by their text.
 * Undefined where they don't differ.
 *
 * @throws UsageError where the file is not there, or holds no graph where one is expected
 */
export function differenceFrom(file: string, { content, isGraphs }: Dumped): string | undefined {
  const kept = keptContent(file);
  if (typeof content !== "string") return isSame(kept, content) ? undefined : "pictures differ";
  const text = new TextDecoder().decode(kept);
  if (!isGraphs) return differenceOfTexts(text, content);
  return differenceOfGraphs(parseGraphFile(text, file), parseGraphFile(content, "this dump"));
}

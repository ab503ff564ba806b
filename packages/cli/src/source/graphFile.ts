import { fromJson, type Graph, type JointGraphs, parseTexts, toJson, verify } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import { readText } from "../host.js";
import { UsageError } from "../usageError.js";

/** Names the format of a program with its gradient in one file. */
export const gradientFormat = "adjoint.gradient";
/** Version of that format. */
export const gradientVersion = 1;

/**
 * A program with its gradient as JSON text, `{"format": "adjoint.gradient", "version": 1, "forward": …, "backward": …}`.
 * Both parts are what `toJson` writes, and can be read one by one by `fromJson`.
 */
export function gradientToJson({ forward, backward }: JointGraphs): string {
  const head = `"format":"${gradientFormat}","version":${gradientVersion}`;
  return `{${head},"forward":${toJson(forward)},"backward":${toJson(backward)}}`;
}

/** What a file holds: a graph alone, or with its gradient. */
export type GraphFile =
  | { readonly kind: "graph"; readonly graph: Graph }
  | { readonly kind: "gradient"; readonly graphs: JointGraphs };

function verified(text: string): Graph {
  const graph = fromJson(text);
  verify(graph, registry);
  return graph;
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null;
}

/** The content of a JSON text; of other texts nothing, and `fromJson` says what is wrong. */
function contentOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): GraphFile {
  const content = contentOf(text);
  if (!isRecord(content) || content.format !== gradientFormat) {
    return { kind: "graph", graph: verified(text) };
  }
  if (content.version !== gradientVersion) {
    throw new Error(`version ${String(content.version)} of ${gradientFormat} is not known`);
  }
  const part = (name: string) => verified(JSON.stringify(content[name] ?? null));
  return {
    kind: "gradient",
    graphs: { forward: part("forward"), backward: part("backward") },
  };
}

function parsePrinted(text: string): GraphFile {
  const [graph, backward, ...others] = parseTexts(text, registry);
  if (graph === undefined || others.length > 0) {
    throw new Error(`${others.length + 2} graphs; allowed: a graph, or a program and its gradient`);
  }
  if (backward === undefined) return { kind: "graph", graph };
  return { kind: "gradient", graphs: { forward: graph, backward } };
}

/**
 * Reads and verifies what `toJson`, `gradientToJson` or `toText` wrote: text that begins with a brace or bracket is
 * JSON. `file` names it in messages.
 *
 * @throws UsageError where it is something else
 */
export function parseGraphFile(text: string, file: string): GraphFile {
  try {
    return /^\s*[{[]/.test(text) ? parseJson(text) : parsePrinted(text);
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * Reads and verifies a file; see `parseGraphFile`.
 *
 * @throws UsageError where it cannot be read, or holds something else
 */
export function readGraphFile(path: string, file: string): GraphFile {
  return parseGraphFile(readText(path), file);
}

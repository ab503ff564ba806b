import { gradient } from "@adjoint/autograd";
import { fromJson, type Graph, isFloat, type JointGraphs, toJson, verify } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import { readText } from "./host.js";
import { UsageError } from "./usageError.js";

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

function parse(text: string): GraphFile {
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

/**
 * Reads and verifies a file of `toJson` or `gradientToJson`.
 *
 * @throws UsageError where it cannot be read, or holds something else
 */
export function readGraphFile(path: string, file: string): GraphFile {
  try {
    return parse(readText(path));
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * The gradient of a graph from a file, by its arguments of a floating dtype. Outputs `saved.…`, which an earlier
 * gradient left, are no results.
 */
export function gradientOf(graph: Graph): JointGraphs {
  const outputs = graph.outputs.filter(({ name }) => !name.startsWith("saved."));
  const wrt = graph.inputs
    .filter(({ role, type }) => role !== "const" && isFloat(type.dtype))
    .map(({ name }) => name);
  return gradient({ ...graph, outputs }, { wrt });
}

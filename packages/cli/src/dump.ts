import { parseArgumentSpec } from "./argumentSpec.js";
import { gradientOf, readGraphFile } from "./graphFile.js";
import { parse } from "./host.js";
import { libraryOf } from "./library.js";
import { loadFunction } from "./loadModule.js";
import { recordFunction } from "./recordFunction.js";
import { type Format, renderGradient, renderGraph, type View } from "./render.js";
import { findSource, type Source } from "./source.js";
import { divertOutput } from "./terminal.js";
import { UsageError } from "./usageError.js";

/** What `adjoint dump` was asked for. */
export interface DumpRequest {
  /** `MODULE`, `MODULE#export` or a graph file. */
  readonly module: string;
  /** One per argument, as `parseArgumentSpec` reads them. */
  readonly args: readonly string[];
  readonly view: View;
  readonly format: Format;
}

function dumpFile(source: Source, { args, view, format }: DumpRequest): string {
  if (args.length > 0) throw new UsageError(`${source.file}: a graph takes no --arg`);
  const content = readGraphFile(source.path, source.file);
  if (content.kind === "gradient") return renderGradient(content.graphs, view, format);
  return view === "forward"
    ? renderGraph(content.graph, format)
    : renderGradient(gradientOf(content.graph), view, format);
}

async function dumpModule(source: Source, request: DumpRequest): Promise<string> {
  const args = request.args.map(parseArgumentSpec);
  const name = source.exported ?? parse(source.path).name;
  const command = `adjoint dump ${request.module}`;
  const graphs = await divertOutput(async () => {
    const fn = await loadFunction(source, source.exported);
    const library = await libraryOf(source.path);
    return recordFunction({ library, fn, args, name, command });
  });
  return renderGradient(graphs, request.view, request.format);
}

/**
 * The text of `adjoint dump`.
 *
 * @throws UsageError for a request that makes no sense; whatever the user's program throws
 */
export async function dump(request: DumpRequest): Promise<string> {
  const source = findSource(request.module);
  return source.kind === "graph" ? dumpFile(source, request) : dumpModule(source, request);
}

import { nearestName } from "@adjoint/graph";
import { basename, dirname, entryAt, extname, namesIn, resolve } from "../host.js";
import { UsageError } from "../usageError.js";

/** What the command is to dump. */
export interface Source {
  /** As the user wrote it, without the name of the export. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  readonly kind: "module" | "graph" | "stdin";
  /** Name of the exported function; undefined for the default export. */
  readonly exported: string | undefined;
}

const graphs = [".json", ".txt"];

const modules = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"];

function noFile(file: string): UsageError {
  const path = resolve(file);
  if (entryAt(path) !== undefined) return new UsageError(`${file} is not a file`);
  const near = nearestName(basename(path), namesIn(dirname(path)));
  return new UsageError(
    `no such file: ${file}${near === undefined ? "" : `; did you mean ${near}?`}`,
  );
}

/**
 * Finds the file of `MODULE` or `MODULE#export`; `-` is standard input. A `#` in the name of an existing file belongs
 * to the name.
 *
 * @throws UsageError where there is no such file, or it is neither a module nor a graph
 */
export function findSource(text: string): Source {
  if (text === "-") {
    return { file: "standard input", path: "-", kind: "stdin", exported: undefined };
  }
  const cut = entryAt(text) === "file" ? -1 : text.lastIndexOf("#");
  const file = cut < 0 ? text : text.slice(0, cut);
  const exported = cut < 0 ? undefined : text.slice(cut + 1);
  const path = resolve(file);
  if (entryAt(path) !== "file") throw noFile(file);
  if (exported === "") throw new UsageError(`${text}: no name after #`);
  const ending = extname(path);
  if (graphs.includes(ending)) {
    if (exported === undefined) return { file, path, kind: "graph", exported };
    throw new UsageError(`${text}: a graph has no exports; leave out #${exported}`);
  }
  if (modules.includes(ending)) return { file, path, kind: "module", exported };
  throw new UsageError(
    `${file} is neither a module nor a graph; allowed: ${[...modules, ...graphs].join(", ")}`,
  );
}

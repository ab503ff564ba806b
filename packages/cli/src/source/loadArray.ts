import { nearestName } from "@adjoint/graph";
import type { NDArray } from "@adjoint/nd";
import { entryAt, extname } from "../host.js";
import { UsageError } from "../usageError.js";
import type { FileArgument } from "./argumentSpec.js";
import type { Library } from "./library.js";

type Arrays = Readonly<Record<string, NDArray>>;

function pick(file: string, arrays: Arrays, name: string | undefined): NDArray {
  const names = Object.keys(arrays);
  const only = names.length === 1 ? names[0] : undefined;
  const wanted = name ?? only;
  const found = wanted === undefined ? undefined : arrays[wanted];
  if (found !== undefined) return found;
  const near = name === undefined ? undefined : nearestName(name, names);
  const hint =
    near === undefined
      ? `it holds ${names.map((one) => `${file}#${one}`).join(", ")}`
      : `did you mean ${file}#${near}?`;
  const problem = name === undefined ? "which array?" : `no array ${name}`;
  throw new UsageError(`--arg ${file}: ${problem}; ${hint}`);
}

function read({ nd }: Library, { file, name }: FileArgument): NDArray {
  switch (extname(file).toLowerCase()) {
    case ".npy":
      if (name === undefined) return nd.loadNpy(file);
      throw new UsageError(`--arg ${file}#${name}: the file holds one array; leave out #${name}`);
    case ".npz":
      return pick(file, nd.loadNpz(file), name);
    default:
      return pick(file, Object.fromEntries(Object.entries(nd.load(file))), name);
  }
}

/**
 * The array in a file of numpy or MXNet.
 *
 * @throws UsageError where there is no such file or array, or the file is damaged
 */
export function loadArray(library: Library, argument: FileArgument): NDArray {
  const { file } = argument;
  if (entryAt(file) !== "file") throw new UsageError(`--arg ${file}: no such file`);
  try {
    return read(library, argument);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--arg ${file}: ${error instanceof Error ? error.message : error}`);
  }
}

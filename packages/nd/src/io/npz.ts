import { ArgumentError, FileFormatError } from "@adjoint/graph";
import { describe, readOptions } from "@adjoint/ops";
import { type UnzipFileInfo, unzipSync, type Zippable, zipSync } from "fflate";
import type { NDArray } from "../array/ndarray.js";
import { namedArrays, recordOf, type SavedArrays } from "./arrayFile.js";
import { checkBytes } from "./byteReader.js";
import { decodeNpy, encodeNpy } from "./npy.js";
import { utf8Of } from "./utf8Of.js";

export interface EncodeNpzOptions {
  /** Deflate the arrays, as `numpy.savez_compressed` does. Default false. */
  readonly compressed?: boolean;
}

export interface DecodeNpzOptions {
  /** The most bytes that all arrays may take, as a small archive can grow. Default 2^30. */
  readonly maxBytes?: number;
}

/** What numpy's archives say: the earliest time that the format knows. */
const modified = new Date(1980, 0, 1);

/**
 * Arrays as the bytes of an `.npz` archive, which `numpy.load` reads: by name, or as `arr_0`,
 * `arr_1` and so on, as `numpy.savez` calls them. The same arrays give the same bytes.
 *
 * @throws ArgumentError for anything but arrays
 * @param data an array, a list of arrays, or a record of arrays by name
 * @returns bytes
 * @example
 * ```ts
 * const bytes = nd.encodeNpz({ w: nd.array([1, 2]) }, { compressed: true });
 * nd.decodeNpz(bytes); // { w: [1. 2.] }
 * ```
 */
export function encodeNpz(data: SavedArrays, options: EncodeNpzOptions = {}): Uint8Array {
  const { compressed } = readOptions("encodeNpz", options, { compressed: false });
  const { names, arrays } = namedArrays("encodeNpz", data);
  const level = compressed ? 6 : 0;
  const files: Zippable = {};
  for (const [index, array] of arrays.entries()) {
    const name = names?.[index] ?? `arr_${index}`;
    utf8Of("encodeNpz", name);
    files[`${name}.npy`] = [encodeNpy(array), { level, mtime: modified }];
  }
  return zipSync(files);
}

/**
 * The arrays in the bytes of an `.npz` archive by name, in a record without a prototype. Checksums
 * of the archive are not compared.
 *
 * @throws FileFormatError for bytes that are no such archive or are damaged, for entries that are
 * no arrays, for two of one name, and where they announce more than `maxBytes`
 * @param bytes a whole archive
 * @returns a record of arrays by name
 * @example
 * ```ts
 * nd.decodeNpz(nd.encodeNpz([nd.array([1, 2])])); // { arr_0: [1. 2.] }
 * ```
 */
export function decodeNpz(
  bytes: Uint8Array,
  options: DecodeNpzOptions = {},
): Record<string, NDArray> {
  checkBytes("decodeNpz", bytes);
  const { maxBytes } = readOptions("decodeNpz", options, { maxBytes: 2 ** 30 });
  if (!(maxBytes >= 0)) {
    throw new ArgumentError({
      op: "decodeNpz",
      problem: "maxBytes is not a number of bytes",
      received: describe(maxBytes),
    });
  }
  const guard = new ArchiveGuard(bytes.length, maxBytes);
  const files = unzip(bytes, (file) => guard.admit(file));
  const names = Object.keys(files);
  const arrays = Object.values(files).map(decodeNpy);
  return recordOf(
    names.map((name) => name.slice(0, -extension.length)),
    arrays,
  );
}

function unzip(bytes: Uint8Array, filter: (file: UnzipFileInfo) => boolean) {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    if (error instanceof FileFormatError) throw error;
    throw refusal("not an archive, or damaged", error instanceof Error ? error.message : undefined);
  }
}

function refusal(problem: string, received?: string, allowed?: string): FileFormatError {
  return new FileFormatError({ op: "decodeNpz", problem, received, allowed });
}

const extension = ".npy";
/** Deflate gives at most 1032 bytes for one: a match of 258 bytes takes two bits. */
const highestRatio = 1032;
const stored = 0;

/** Looks at each entry of an archive before anything is allocated for it. */
class ArchiveGuard {
  private readonly names = new Set<string>();
  private total = 0;

  constructor(
    private readonly archiveBytes: number,
    private readonly maxBytes: number,
  ) {}

  admit({ name, size, originalSize, compression }: UnzipFileInfo): boolean {
    if (!name.endsWith(extension))
      throw refusal("entry is not an array", JSON.stringify(name), ".npy");
    if (this.names.has(name)) throw refusal("two entries of one name", name);
    this.names.add(name);
    const possible = compression === stored ? size : size * highestRatio;
    if (size > this.archiveBytes || originalSize > possible) {
      throw refusal("entry announces more bytes than it can hold", `${originalSize} of ${name}`);
    }
    this.total += originalSize;
    if (this.total > this.maxBytes) {
      const received = `${this.total} bytes or more`;
      throw refusal("arrays are larger than allowed", received, `maxBytes: ${this.maxBytes}`);
    }
    return true;
  }
}

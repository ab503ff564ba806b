import { ArgumentError } from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import { readBytes, writeBytes } from "#files";
import type { NDArray } from "../array/ndarray.js";
import type { LoadedArrays, SavedArrays } from "./arrayFile.js";
import { decodeArrays } from "./decodeArrays.js";
import { encodeArrays } from "./encodeArrays.js";
import { decodeNpy, encodeNpy } from "./npy.js";
import { type DecodeNpzOptions, decodeNpz, type EncodeNpzOptions, encodeNpz } from "./npz.js";

/**
 * Writes arrays to a file in MXNet's own format. Nothing is written where they are refused.
 *
 * @throws ArgumentError for anything but arrays, and where there are no files, as in a browser:
 * use `encodeArrays`; ShapeError for an array of shape ()
 * @param path name of the file
 * @param data an array, a list of arrays, or a record of arrays by name
 * @returns nothing
 * @example
 * ```ts
 * nd.save("model.params", { weight: nd.ones([2]) });
 * nd.load("model.params"); // { weight: [1. 1.] }
 * ```
 */
export function save(path: string, data: SavedArrays): void {
  writeBytes(checkPath("save", path), encodeArrays(data));
}

/**
 * The arrays in a file of MXNet's own format: a list, or a record without a prototype if they have
 * names.
 *
 * @throws FileFormatError for other files and damaged ones, ArgumentError where there are no files,
 *   and the system's error for one that can't be opened
 * @param path name of the file
 * @returns a list of arrays, or a record of arrays by name
 * @example
 * ```ts
 * nd.save("list.params", [nd.ones([2]), nd.zeros([1])]);
 * nd.load("list.params"); // [1. 1.], [0.]
 * ```
 */
export function load(path: string): LoadedArrays {
  return decodeArrays(readBytes(checkPath("load", path)));
}

/**
 * Writes one array to an `.npy` file, as `encodeNpy` makes it.
 *
 * @throws ArgumentError for anything but an array, and where there are no files
 * @param path name of the file
 * @param array any shape and dtype
 * @returns nothing
 * @example
 * ```ts
 * nd.saveNpy("x.npy", nd.eye(2));
 * nd.loadNpy("x.npy"); // [[1. 0.] [0. 1.]]
 * ```
 */
export function saveNpy(path: string, array: NDArray): void {
  writeBytes(checkPath("saveNpy", path), encodeNpy(array));
}

/**
 * The array in an `.npy` file, as `decodeNpy` reads it.
 *
 * @throws FileFormatError for other files and damaged ones, ArgumentError where there are no files,
 *   and the system's error for one that can't be opened
 * @param path name of the file
 * @returns the array
 * @example
 * ```ts
 * nd.saveNpy("y.npy", nd.arange(3));
 * nd.loadNpy("y.npy"); // [0. 1. 2.]
 * ```
 */
export function loadNpy(path: string): NDArray {
  return decodeNpy(readBytes(checkPath("loadNpy", path)));
}

/**
 * Writes arrays to an `.npz` archive, as `encodeNpz` makes it.
 *
 * @throws ArgumentError for anything but arrays, and where there are no files; the system's error for
 *   one that can't be written
 * @param path name of the file
 * @param data an array, a list of arrays, or a record of arrays by name
 * @returns nothing
 * @example
 * ```ts
 * nd.saveNpz("x.npz", { w: nd.ones([2]) });
 * nd.loadNpz("x.npz"); // { w: [1. 1.] }
 * ```
 */
export function saveNpz(path: string, data: SavedArrays, options: EncodeNpzOptions = {}): void {
  writeBytes(checkPath("saveNpz", path), encodeNpz(data, options));
}

/**
 * The arrays in an `.npz` archive by name, as `decodeNpz` reads them.
 *
 * @throws FileFormatError for other files and damaged ones, ArgumentError where there are no files,
 *   and the system's error for one that can't be opened
 * @param path name of the file
 * @returns a record of arrays by name
 * @example
 * ```ts
 * nd.saveNpz("y.npz", [nd.ones([2])]);
 * nd.loadNpz("y.npz"); // { arr_0: [1. 1.] }
 * ```
 */
export function loadNpz(path: string, options: DecodeNpzOptions = {}): Record<string, NDArray> {
  return decodeNpz(readBytes(checkPath("loadNpz", path)), options);
}

function checkPath(op: string, path: unknown): string {
  if (typeof path === "string" && path !== "") return path;
  throw new ArgumentError({
    op,
    problem: "path is not a text",
    received: describe(path),
    allowed: "the name of a file",
  });
}

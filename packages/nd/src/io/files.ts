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
 * @example
 * ```ts
 * nd.save("model.params", { weight, bias });
 * ```
 */
export function save(path: string, data: SavedArrays): void {
  writeBytes(checkPath("save", path), encodeArrays(data));
}

/**
 * The arrays in a file of MXNet's own format: a list, or a record without a prototype if they have
 * names.
 *
 * @throws FileFormatError for other files and damaged ones, ArgumentError where there are no files
 * @example
 * ```ts
 * const parameters = nd.load("model.params");
 * ```
 */
export function load(path: string): LoadedArrays {
  return decodeArrays(readBytes(checkPath("load", path)));
}

/** Writes one array to an `.npy` file; see `encodeNpy`. @example `nd.saveNpy("x.npy", x)` */
export function saveNpy(path: string, array: NDArray): void {
  writeBytes(checkPath("saveNpy", path), encodeNpy(array));
}

/** The array in an `.npy` file; see `decodeNpy`. @example `nd.loadNpy("x.npy")` */
export function loadNpy(path: string): NDArray {
  return decodeNpy(readBytes(checkPath("loadNpy", path)));
}

/** Writes arrays to an `.npz` archive; see `encodeNpz`. @example `nd.saveNpz("x.npz", { w, b })` */
export function saveNpz(path: string, data: SavedArrays, options: EncodeNpzOptions = {}): void {
  writeBytes(checkPath("saveNpz", path), encodeNpz(data, options));
}

/** The arrays in an `.npz` archive by name; see `decodeNpz`. @example `nd.loadNpz("x.npz").w` */
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

import { ShapeError } from "@adjoint/graph";
import type { NDArray } from "../array/ndarray.js";
import {
  arrayMagic,
  dtypeCodes,
  listMagic,
  namedArrays,
  type SavedArrays,
  storages,
} from "./arrayFile.js";
import { bytesOfArray, concatBytes } from "./elements.js";
import { utf8Of } from "./utf8Of.js";

const cpu = 1;

/**
 * Arrays as bytes in MXNet's own format, which `mxnet.nd.load` reads: little-endian, dense, with
 * the names if there are any.
 *
 * @throws ArgumentError for anything but arrays, ShapeError for an array of shape (), which MXNet
 * writes, but never reads again
 * @param data an array, a list of arrays, or a record of arrays by name
 * @returns bytes
 * @example
 * ```ts
 * const bytes = nd.encodeArrays({ w: nd.array([1, 2]) });
 * nd.decodeArrays(bytes); // { w: [1. 2.] }
 * ```
 */
export function encodeArrays(data: SavedArrays): Uint8Array {
  const { names = [], arrays } = namedArrays("encodeArrays", data);
  const parts = [uint64(listMagic), uint64(0n), uint64(BigInt(arrays.length))];
  for (const array of arrays) parts.push(headerOf(array), bytesOfArray(array));
  parts.push(uint64(BigInt(names.length)));
  for (const name of names) {
    const text = utf8Of("encodeArrays", name);
    parts.push(uint64(BigInt(text.length)), text);
  }
  return concatBytes(parts);
}

function headerOf({ shape, dtype }: NDArray): Uint8Array {
  if (shape.length === 0) {
    throw new ShapeError({
      op: "encodeArrays",
      problem: "array without axes can't be stored in this format",
      received: "()",
      allowed: "one axis or more, as after reshape([1])",
    });
  }
  const bytes = new Uint8Array(24 + 8 * shape.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, arrayMagic, true);
  view.setInt32(4, storages.indexOf("dense"), true);
  view.setUint32(8, shape.length, true);
  for (const [axis, length] of shape.entries())
    view.setBigInt64(12 + 8 * axis, BigInt(length), true);
  const rest = 12 + 8 * shape.length;
  view.setInt32(rest, cpu, true);
  view.setInt32(rest + 4, 0, true);
  view.setInt32(rest + 8, dtypeCodes[dtype], true);
  return bytes;
}

function uint64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

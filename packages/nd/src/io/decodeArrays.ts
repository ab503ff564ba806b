import { bytesOf, type DType, dtypes, type Shape, sizeOf } from "@adjoint/graph";
import type { NDArray } from "../array/ndarray.js";
import {
  arrayMagic,
  duplicateOf,
  dtypeCodes,
  type LoadedArrays,
  listMagic,
  maxAxes,
  maxLength,
  numpyArrayMagic,
  recordOf,
  storages,
} from "./arrayFile.js";
import { ByteReader } from "./byteReader.js";
import { arrayOfBytes } from "./elements.js";

/** Bytes of the shortest array: its header without an axis. */
const shortestArray = 24;

/**
 * The arrays in bytes that `encodeArrays` or `mxnet.nd.save` has made: a list, or a record without
 * a prototype if they have names. Devices are ignored.
 *
 * @throws FileFormatError for bytes that are no such file, are damaged or cut off, and for sparse
 * arrays
 * @param bytes a whole file
 * @returns a list of arrays, or a record of arrays by name
 * @example
 * ```ts
 * nd.decodeArrays(nd.encodeArrays([nd.array([1, 2]), nd.eye(1)])); // [1. 2.], [[1.]]
 * ```
 */
export function decodeArrays(bytes: Uint8Array): LoadedArrays {
  const reader = new ByteReader("decodeArrays", bytes);
  const magic = reader.uint64("magic number");
  if (magic !== listMagic) {
    throw reader.refusal("not a file of arrays: wrong magic number", hex(magic), hex(listMagic));
  }
  reader.uint64("reserved field");
  const count = reader.count(shortestArray, "number of arrays");
  const arrays: NDArray[] = [];
  for (let index = 0; index < count; index++) arrays.push(readArray(reader));
  const names = readNames(reader);
  reader.expectEnd();
  if (names.length === 0) return arrays;
  const duplicate = duplicateOf(names);
  if (duplicate !== undefined) throw reader.refusal("two arrays of one name", duplicate);
  if (names.length !== count) {
    throw reader.refusal("names do not fit the arrays", `${names.length} names`, `0 or ${count}`);
  }
  return recordOf(names, arrays);
}

const hex = (value: number | bigint) => `0x${value.toString(16)}`;

function readArray(reader: ByteReader): NDArray {
  const magic = reader.uint32("magic number of an array");
  if (magic !== arrayMagic && magic !== numpyArrayMagic) {
    const known = `${hex(arrayMagic)}, ${hex(numpyArrayMagic)}`;
    throw reader.refusal("array of an unknown version", hex(magic), known);
  }
  readStorage(reader);
  const shape = readShape(reader, magic === numpyArrayMagic ? 0 : 1);
  reader.int32("device");
  reader.int32("device number");
  const dtype = readDType(reader);
  const length = sizeOf(shape) * bytesOf(dtype);
  return arrayOfBytes(reader.take(length, "elements"), { dtype, shape });
}

function readStorage(reader: ByteReader): void {
  const storage = reader.int32("kind of storage");
  const kind = storages[storage];
  if (kind === "dense") return;
  throw reader.refusal("sparse arrays are not read", kind ?? String(storage), "dense");
}

function readShape(reader: ByteReader, fewest: number): Shape {
  const axes = reader.uint32("number of axes");
  if (axes < fewest || axes > maxAxes) {
    throw reader.refusal("number of axes is not valid", String(axes), `${fewest} ... ${maxAxes}`);
  }
  const shape: number[] = [];
  for (let axis = 0; axis < axes; axis++) {
    const length = reader.uint64("shape");
    if (length > BigInt(maxLength)) {
      throw reader.refusal("length of an axis is not valid", String(length), `0 ... ${maxLength}`);
    }
    shape.push(Number(length));
  }
  return shape;
}

function readDType(reader: ByteReader): DType {
  const code = reader.int32("dtype");
  const dtype = dtypes.find((one) => dtypeCodes[one] === code);
  if (dtype !== undefined) return dtype;
  throw reader.refusal("unknown dtype", String(code), "0 ... 7");
}

function readNames(reader: ByteReader): string[] {
  const count = reader.count(8, "number of names");
  const names: string[] = [];
  for (let index = 0; index < count; index++) {
    const bytes = reader.take(reader.count(1, "length of a name"), "name");
    names.push(readText(reader, bytes));
  }
  return names;
}

function readText(reader: ByteReader, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw reader.refusal("name is not UTF-8");
  }
}

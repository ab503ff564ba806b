import { ArgumentError, bytesOf, type Shape, sizeOf } from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import { NDArray } from "../array/ndarray.js";
import { maxAxes, maxLength } from "./arrayFile.js";
import { ByteReader } from "./byteReader.js";
import { arrayOfBytes, bytesOfArray, concatBytes } from "./elements.js";
import { formatNpyHeader, type NpyHeader, parseNpyHeader } from "./npyHeader.js";

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
/** Magic, version and length of the header, for version 1.0. */
const prefixLength = 10;
/** Elements begin at a multiple of this. */
const alignment = 64;
/** Headers of the dtypes that are read are much shorter. */
const longestHeader = 2 ** 16;

/**
 * An array as the bytes of an `.npy` file, version 1.0, which `numpy.load` reads. Format:
 * NEP 1, https://numpy.org/neps/nep-0001-npy-format.html.
 *
 * @throws ArgumentError for anything but an array
 * @param array any shape and dtype
 * @returns bytes
 * @example
 * ```ts
 * nd.encodeNpy(nd.eye(2)).length; // 144
 * ```
 */
export function encodeNpy(array: NDArray): Uint8Array {
  if (!(array instanceof NDArray)) {
    const received = describe(array);
    throw new ArgumentError({ op: "encodeNpy", problem: "not an array", received });
  }
  const text = formatNpyHeader(array.dtype, array.shape);
  const padding = -(prefixLength + text.length + 1) & (alignment - 1);
  const header = new TextEncoder().encode(`${text}${" ".repeat(padding)}\n`);
  const length = Uint8Array.of(header.length & 255, header.length >> 8);
  return concatBytes([magic, Uint8Array.of(1, 0), length, header, bytesOfArray(array)]);
}

/**
 * The array in the bytes of an `.npy` file, versions 1.0 to 3.0, of either byte order; an array in
 * Fortran order is brought into row-major order. Integers of 16 bits become int32, unsigned ones of
 * 32 bits int64.
 *
 * @throws FileFormatError for bytes that are no such file, are damaged or cut off, and for dtypes
 * that Adjoint does not have
 * @param bytes a whole file
 * @returns the array
 * @example
 * ```ts
 * nd.decodeNpy(nd.encodeNpy(nd.eye(2))); // [[1. 0.] [0. 1.]]
 * ```
 */
export function decodeNpy(bytes: Uint8Array): NDArray {
  const reader = new ByteReader("decodeNpy", bytes);
  const start = reader.take(magic.length, "magic text");
  if (!magic.every((byte, at) => start[at] === byte)) {
    throw reader.refusal("not an .npy file: wrong magic text");
  }
  const header = readHeader(reader);
  const { dtype, shape, width, littleEndian, fortranOrder } = header;
  const elements = reader.take(sizeOf(shape) * width, "elements");
  reader.expectEnd();
  const ordered = fortranOrder ? toRowMajor(elements, width, shape) : elements;
  if (width === bytesOf(dtype)) return arrayOfBytes(ordered, { dtype, shape }, littleEndian);
  return arrayOfBytes(widen(ordered, header), { dtype, shape });
}

/** The integers as little-endian ones of the header's dtype, which is twice as wide. */
function widen(bytes: Uint8Array, { width, unsigned, littleEndian }: NpyHeader): Uint8Array {
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = new Uint8Array(2 * bytes.length);
  const to = new DataView(wide.buffer);
  for (let at = 0; at < bytes.length; at += width) {
    if (width === 4) to.setBigInt64(2 * at, BigInt(from.getUint32(at, littleEndian)), true);
    else if (unsigned) to.setInt32(2 * at, from.getUint16(at, littleEndian), true);
    else to.setInt32(2 * at, from.getInt16(at, littleEndian), true);
  }
  return wide;
}

function readHeader(reader: ByteReader): NpyHeader {
  const [major = 0, minor = 0] = reader.take(2, "version");
  if (major < 1 || major > 3 || minor !== 0) {
    throw reader.refusal("unknown version of .npy", `${major}.${minor}`, "1.0, 2.0, 3.0");
  }
  const what = "length of the header";
  const length = major === 1 ? reader.uint16(what) : reader.uint32(what);
  if (length > longestHeader) throw reader.refusal("header is too long", `${length} bytes`);
  const text = new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(
    reader.take(length, "header"),
  );
  const header = parseNpyHeader(text);
  if (typeof header === "string") throw reader.refusal(header);
  const { shape } = header;
  if (shape.length <= maxAxes && shape.every((one) => one <= maxLength)) return header;
  throw reader.refusal("shape is not valid", `(${shape.join(", ")})`);
}

/** Elements of `width` bytes in row-major order, where the first axis ran fastest. */
function toRowMajor(bytes: Uint8Array, width: number, shape: Shape): Uint8Array {
  const ordered = new Uint8Array(bytes.length);
  const position = new Array<number>(shape.length).fill(0);
  const steps = shape.map((_, axis) => sizeOf(shape.slice(0, axis)) * width);
  let from = 0;
  for (let to = 0; to < bytes.length; to += width) {
    ordered.set(bytes.subarray(from, from + width), to);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [length = 1, step = 0, before = 0] = [shape[axis], steps[axis], position[axis]];
      from += step;
      position[axis] = before + 1;
      if (before + 1 < length) break;
      from -= step * length;
      position[axis] = 0;
    }
  }
  return ordered;
}

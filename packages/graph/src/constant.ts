import { bytesOf, type DType, type TypedArray } from "./dtype.js";
import { ShapeError } from "./errors.js";
import type { Constant } from "./graph.js";
import { hashBytes } from "./hashBytes.js";
import { formatShape, sizeOf, type TensorType } from "./type.js";

const arrays: { readonly [D in DType]: new (buffer: ArrayBuffer) => TypedArray } = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Reverses the bytes of each element on the rare big-endian machine, so that files are the same everywhere. */
function toLittleEndian(bytes: Uint8Array, width: number): Uint8Array {
  if (littleEndian || width === 1) return bytes;
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += width) swapped.subarray(at, at + width).reverse();
  return swapped;
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

/** A tensor as plain data, with its content hash. */
export function encodeConstant(data: TypedArray, type: TensorType): readonly [string, Constant] {
  if (data.length !== sizeOf(type.shape)) {
    throw new ShapeError({
      op: "constant",
      problem: "data does not fill the shape",
      received: `${data.length} elements for ${formatShape(type.shape)}`,
    });
  }
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = toLittleEndian(raw, bytesOf(type.dtype));
  const { dtype, shape } = type;
  const hash = hashBytes(bytes, `${dtype}[${shape.join()}]`);
  return [hash, { dtype, shape, bytes: toBase64(bytes) }];
}

/** The numbers of a constant, in a fresh typed array. */
export function decodeConstant(constant: Constant): TypedArray {
  const raw = Uint8Array.from(atob(constant.bytes), (char) => char.charCodeAt(0));
  const bytes = toLittleEndian(raw, bytesOf(constant.dtype));
  const buffer = new ArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return new arrays[constant.dtype](buffer);
}

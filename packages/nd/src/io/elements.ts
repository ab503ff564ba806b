import { bytesOf, sizeOf, type TensorType } from "@adjoint/graph";
import { arrayOver } from "@adjoint/runtime";
import type { NDArray } from "../array/ndarray.js";
import { session } from "../session.js";

const machineIsLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Reverses the bytes of each element in place. */
function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

/** The elements of an array as little-endian bytes, row-major, in a fresh copy. */
export function bytesOfArray(array: NDArray): Uint8Array {
  const data = array.asArray();
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (!machineIsLittle) swapBytes(bytes, bytesOf(array.dtype));
  return bytes;
}

/** An array of bytes in row-major order, as many as its type takes; they are copied. */
export function arrayOfBytes(bytes: Uint8Array, type: TensorType, littleEndian = true): NDArray {
  const buffer = new ArrayBuffer(bytes.length);
  const copy = new Uint8Array(buffer);
  copy.set(bytes);
  if (littleEndian !== machineIsLittle) swapBytes(copy, bytesOf(type.dtype));
  // A bool of a file may be any byte; ours are 0 and 1.
  if (type.dtype === "bool") for (let i = 0; i < copy.length; i++) copy[i] = copy[i] === 0 ? 0 : 1;
  return session.fromTensor({ type, data: arrayOver(buffer, type.dtype, 0, sizeOf(type.shape)) });
}

/** One after another. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

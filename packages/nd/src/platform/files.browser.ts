import { ArgumentError } from "@adjoint/graph";

function noFiles(received: string): ArgumentError {
  return new ArgumentError({
    op: "files",
    problem: "there are no files here",
    received,
    allowed: "bytes: encodeArrays, decodeArrays, encodeNpy, decodeNpy, encodeNpz, decodeNpz of nd",
  });
}

/** There are no files to read: throws an ArgumentError. */
export function readBytes(path: string): Uint8Array {
  throw noFiles(path);
}

/** There are no files to write: throws an ArgumentError. */
export function writeBytes(path: string, _bytes: Uint8Array): void {
  throw noFiles(path);
}

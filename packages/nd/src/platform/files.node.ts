/// <reference types="node" />
import { readFileSync, writeFileSync } from "node:fs";

/** All bytes of a file. Throws what the system says where it can't be read. */
export function readBytes(path: string): Uint8Array {
  return readFileSync(path);
}

/** Replaces the content of a file, or makes it. Throws what the system says where it can't. */
export function writeBytes(path: string, bytes: Uint8Array): void {
  writeFileSync(path, bytes);
}

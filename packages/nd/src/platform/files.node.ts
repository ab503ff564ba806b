/// <reference types="node" />

/** Asked for when needed: importing it makes Node load its streams as well, in every process. */
const fs = () => process.getBuiltinModule("node:fs");

/** All bytes of a file. Throws what the system says where it can't be read. */
export function readBytes(path: string): Uint8Array {
  return fs().readFileSync(path);
}

/** Replaces the content of a file, or makes it. Throws what the system says where it can't. */
export function writeBytes(path: string, bytes: Uint8Array): void {
  fs().writeFileSync(path, bytes);
}

/// <reference types="node" />
import { setFlagsFromString } from "node:v8";

/** Has V8 take relaxed SIMD instructions from now on. */
export function enableRelaxedSimd(): boolean {
  setFlagsFromString("--experimental-wasm-relaxed-simd");
  return true;
}

/** Has V8 compile neighbouring operations on 128 bits to one on 256; false before Node 24. */
export function enableRevectorizer(): boolean {
  const [major = 0] = process.versions.node.split(".").map(Number);
  if (major < 24) return false;
  setFlagsFromString("--experimental-wasm-revectorize");
  return true;
}

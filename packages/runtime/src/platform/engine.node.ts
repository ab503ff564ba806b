/// <reference types="node" />
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { WorkerHandle } from "./workerHandle.js";

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

/** A worker that runs a program given as text; it does not keep the process alive. */
export function startWorker(source: string): WorkerHandle | undefined {
  const worker = new Worker(source, { eval: true, name: "adjoint" });
  worker.unref();
  return { post: (message) => worker.postMessage(message), stop: () => void worker.terminate() };
}

/** Whether this thread may sleep until another wakes it. */
export const maySleep = true;

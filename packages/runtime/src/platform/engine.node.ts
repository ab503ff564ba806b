/// <reference types="node" />
import type { WorkerHandle } from "./workerHandle.js";

// Modules of Node are asked for when needed: importing them takes time in every process.

function setFlag(flag: string): void {
  process.getBuiltinModule("node:v8").setFlagsFromString(flag);
}

/** Has V8 take relaxed SIMD instructions from now on. */
export function enableRelaxedSimd(): boolean {
  setFlag("--experimental-wasm-relaxed-simd");
  return true;
}

/** Has V8 compile neighbouring operations on 128 bits to one on 256; false before Node 24. */
export function enableRevectorizer(): boolean {
  const [major = 0] = process.versions.node.split(".").map(Number);
  if (major < 24) return false;
  setFlag("--experimental-wasm-revectorize");
  return true;
}

/** A worker that runs a program given as text; it does not keep the process alive. */
export function startWorker(source: string): WorkerHandle | undefined {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const worker = new Worker(source, { eval: true, name: "adjoint" });
  worker.unref();
  return { post: (message) => worker.postMessage(message), stop: () => void worker.terminate() };
}

/** Whether this thread may sleep until another wakes it. */
export const maySleep = true;

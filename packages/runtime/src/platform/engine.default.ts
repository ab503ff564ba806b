import type { WorkerHandle } from "./workerHandle.js";

/** Engines other than Node's have no flags to set: gives false. */
export function enableRelaxedSimd(): boolean {
  return false;
}

/** Engines other than Node's have no flags to set: gives false. */
export function enableRevectorizer(): boolean {
  return false;
}

/** A worker that runs a program given as text; undefined where there are none. */
export function startWorker(source: string): WorkerHandle | undefined {
  if (typeof Worker === "undefined" || globalThis.crossOriginIsolated !== true) return undefined;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url);
  return { post: (message) => worker.postMessage(message), stop: () => worker.terminate() };
}

/** Whether this thread may sleep until another wakes it: a page's own may not. */
export const maySleep = typeof document === "undefined";

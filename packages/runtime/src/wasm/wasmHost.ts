import { Heap, type HeapOptions } from "../heap/index.js";
import { pageBytes } from "../heap/createMemory.js";
import { detectFeatures } from "./engine.js";
import { KernelLibraries } from "./kernelLibraries.js";

/** Room for the addresses of a run. */
const tableBytes = 1 << 17;

/** What generated code needs: memory, libraries of kernels, and a table of addresses. */
export class WasmHost {
  readonly heap: Heap;
  readonly libraries: KernelLibraries;
  /** Address of the table. */
  readonly table: number;
  private view: Int32Array;

  constructor(options: HeapOptions = {}) {
    const heap = new Heap(options);
    this.heap = heap;
    this.libraries = new KernelLibraries({
      memory: heap.memory,
      memoryType: {
        initial: 1,
        maximum: Math.floor(heap.maximumBytes / pageBytes),
        shared: heap.shared,
      },
      engine: { features: detectFeatures(), revectorizes: false },
      reserve: (bytes) => this.reserve(bytes),
    });
    this.table = this.reserve(tableBytes);
    this.view = new Int32Array(heap.buffer);
  }

  /** The heap as 32-bit words. */
  get words(): Int32Array {
    if (this.view.buffer !== this.heap.buffer) this.view = new Int32Array(this.heap.buffer);
    return this.view;
  }

  /** Zeroed memory for good. */
  private reserve(bytes: number): number {
    const arena = this.heap.allocate(bytes, "reserve");
    arena.pin();
    new Uint8Array(this.heap.buffer, arena.address, bytes).fill(0);
    return arena.address;
  }
}

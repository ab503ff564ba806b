import { bytesOf, sizeOf, type TensorType } from "@adjoint/graph";
import { createTensor, type Tensor } from "../../src/index.js";
import { arrayOver } from "../../src/tensor.js";
import { detectFeatures, type Engine } from "../../src/wasm/engine.js";
import { KernelLibraries } from "../../src/wasm/kernelLibraries.js";
import { bindCalls, type PreparedKernel } from "../../src/wasm/libraryCall.js";

const pages = 256;
const memoryType = { initial: pages, maximum: pages, shared: false };
/** Scratch memory lies before, what libraries keep from here on up to the arrays. */
const keptFrom = 4 << 20;
const keptTo = 12 << 20;

type Named = [name: string, Engine];

/** The engine that runs the tests, and others as far as it can be taken for them. */
export const engines: readonly [Named, ...Named[]] = [
  ["this engine", { features: detectFeatures(), revectorizes: false }],
  ["a revectorizing engine", { features: detectFeatures(), revectorizes: true }],
  ["separate roundings", { features: { relaxed: false }, revectorizes: false }],
];

const guard = 0xa5;
const gap = 64;

/**
 * One memory for kernels under test. Arrays lie at its very end, so that a read beyond the last
 * traps; guard bytes lie around the arrays and beyond scratch memory.
 */
export class WasmArena {
  readonly memory = new WebAssembly.Memory(memoryType);

  private kept = keptFrom;

  /** Fresh libraries for an engine, by default for the one that runs the tests. */
  libraries(engine: Engine = engines[0][1]): KernelLibraries {
    const { memory } = this;
    return new KernelLibraries({
      memory,
      memoryType,
      engine,
      reserve: (bytes) => this.keep(bytes),
    });
  }

  private keep(bytes: number): number {
    const address = this.kept;
    this.kept += Math.ceil(bytes / 16) * 16;
    if (this.kept > keptTo) throw new RangeError("libraries keep too much");
    return address;
  }

  /** Runs kernels one after another on the same arrays and gives the results. */
  run(
    kernels: readonly PreparedKernel[],
    ins: readonly Tensor[],
    outs: readonly TensorType[],
  ): Tensor[] {
    const bytes = new Uint8Array(this.memory.buffer);
    const sizes = [...ins.map(({ type }) => type), ...outs].map(bytesOfType);
    const addresses = sizes.map((_, i) => {
      const later = sizes.slice(i).reduce((sum, size) => sum + size + gap, -gap);
      return Math.floor((bytes.length - later) / 8) * 8;
    });
    bytes.fill(guard, (addresses[0] ?? 0) - gap);
    for (const [i, { data }] of ins.entries()) {
      bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), addresses[i]);
    }
    if ((addresses[0] ?? 0) - gap < keptTo) throw new RangeError("arrays are too large");
    for (const kernel of kernels) {
      const { scratchBytes } = kernel;
      if (scratchBytes + gap > keptFrom) throw new RangeError("scratch memory is too large");
      // As floating point these bytes are NaN: it shows where one of them is used.
      bytes.fill(0xff, 0, scratchBytes).fill(guard, scratchBytes, scratchBytes + gap);
      bindCalls(kernel)(addresses, 0);
      expectGuards(bytes.subarray(scratchBytes, scratchBytes + gap));
    }
    for (const [i, size] of sizes.entries()) {
      const start = addresses[i] ?? 0;
      expectGuards(bytes.subarray(start - gap / 2, start));
      expectGuards(bytes.subarray(start + size, start + size + gap / 2));
    }
    return outs.map((type, i) => {
      const start = addresses[ins.length + i] ?? 0;
      const copy = bytes.slice(start, start + bytesOfType(type));
      return createTensor(type, arrayOver(copy.buffer, type.dtype, 0, sizeOf(type.shape)));
    });
  }
}

function bytesOfType({ dtype, shape }: TensorType): number {
  return sizeOf(shape) * bytesOf(dtype);
}

function expectGuards(bytes: Uint8Array): void {
  expect(bytes.every((byte) => byte === guard)).toBe(true);
}

/** Expects the same types and the same bits; quicker than comparing element by element. */
export function expectSame(actual: readonly Tensor[], expected: readonly Tensor[]): void {
  const same = actual.every(({ data }, i) => {
    const other = expected[i]?.data;
    return other !== undefined && Buffer.compare(bufferOf(data), bufferOf(other)) === 0;
  });
  if (!same || actual.length !== expected.length) expect(actual).toEqual(expected);
}

function bufferOf({ buffer, byteOffset, byteLength }: Tensor["data"]): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

import { setFlagsFromString } from "node:v8";
import { bytesOf, sizeOf, type TensorType } from "@adjoint/graph";
import { createTensor, type Tensor } from "../../src/index.js";
import { arrayOver } from "../../src/tensor.js";
import type { PreparedKernel } from "../../src/wasm/contract/index.js";
import { type Features, probeFeatures } from "../../src/wasm/features.js";

export const memoryType = { initial: 32, maximum: 32, shared: false };

/** What the engine can do, with relaxed SIMD switched on where that takes a flag. */
export function engineFeatures(): Features {
  if (!probeFeatures().relaxed) setFlagsFromString("--experimental-wasm-relaxed-simd");
  return probeFeatures();
}

const guard = 0xa5;
const gap = 64;

/**
 * One memory for kernels under test. Arrays lie at its very end, so that a read beyond the last traps; guard bytes lie
 * around the arrays and beyond scratch memory.
 */
export class WasmArena {
  readonly memory = new WebAssembly.Memory(memoryType);

  instantiate(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Instance {
    const module = new WebAssembly.Module(bytes);
    return new WebAssembly.Instance(module, { env: { memory: this.memory } });
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
    const [first = 0, second = 0, third = 0] = addresses;
    for (const { run, scratchBytes } of kernels) {
      // As floating point these bytes are NaN: it shows where one of them is used.
      bytes.fill(0xff, 0, scratchBytes).fill(guard, scratchBytes, scratchBytes + gap);
      run(first, second, third, 0);
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

import { type DType, dtypes, type Kernel, sizeOf, type TensorType } from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, type Tensor } from "../../src/index.js";
import { prepareWasmKernel } from "../../src/wasm/prepareWasmKernel.js";
import { runKernel } from "../testOps.js";
import { expectSame, WasmArena } from "./wasmArena.js";

export const arena = new WasmArena();
export const libraries = arena.libraries();

/** Runs a kernel by library functions; a kernel that has none fails. */
export function runWasm(
  kernel: Kernel,
  ins: readonly Tensor[],
  outs: readonly TensorType[],
  parts = 1,
): Tensor[] {
  const types = ins.map(({ type }) => type);
  const prepared = prepareWasmKernel(kernel, types, outs, libraries);
  if (prepared === undefined) throw new Error(`no functions for ${kernel.kind}`);
  return arena.run(parts === 1 ? [prepared] : prepared.split(parts), ins, outs);
}

/** Expects the interpreter's bits, of the whole kernel and of one that is cut. */
export function compare(
  kernel: Kernel,
  ins: readonly Tensor[],
  outs: readonly TensorType[],
  parts = 3,
): void {
  const expected = runKernel(kernel, ins, outs);
  expectSame(runWasm(kernel, ins, outs), expected);
  expectSame(runWasm(kernel, ins, outs, parts), expected);
}

export const anyDType: fc.Arbitrary<DType> = fc.constantFrom(...dtypes);

export const upTo = (max: number, min = 0) => fc.integer({ min, max });

/** Shapes of at most `rank` axes. */
export const shapes = (rank: number, longest: number, least = 0) =>
  fc.array(upTo(longest, least), { minLength: 0, maxLength: rank });

/** Different numbers, as far as the dtype has them, in no order. */
export function mixed(type: TensorType, seed = 1): Tensor {
  const length = sizeOf(type.shape);
  const numbers = Array.from({ length }, (_, i) => ((i * 37 + seed * 11) % 101) - 50);
  return createTensor(type, numbers);
}

/** Numbers with fractions, infinities, NaN and zeros of both signs among them. */
export function wild(type: TensorType, seed = 1): Tensor {
  const special = [0, -0, Infinity, -Infinity, Number.NaN, 1e-7, 65519, -1e5, 3.5];
  const length = sizeOf(type.shape);
  const numbers = Array.from({ length }, (_, i) => {
    const pick = (i * 7 + seed * 5) % 23;
    return special[pick] ?? Math.sin(i * 12.9898 + seed) * 100;
  });
  return createTensor(type, numbers);
}

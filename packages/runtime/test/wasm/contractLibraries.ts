import { type ContractKernel, sizeOf, type TensorType } from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, type Tensor } from "../../src/index.js";
import {
  type ContractLibrary,
  contractLibrary,
  contractModule,
  type ElementType,
  type KernelShape,
  kernelShape,
  type PreparedKernel,
  prepareContract,
} from "../../src/wasm/contract/index.js";
import { engineFeatures, memoryType, WasmArena } from "./wasmArena.js";

const features = engineFeatures();
const shapes: [string, KernelShape][] = [
  ["this engine's shape", kernelShape({ features, revectorizes: false })],
  ["wide tiles", kernelShape({ features, revectorizes: true })],
  ["separate roundings", kernelShape({ features: { relaxed: false }, revectorizes: false })],
];
const types: ElementType[] = ["float32", "float64", "int32"];

export const arena = new WasmArena();

function libraryOf(type: ElementType, shape: KernelShape): ContractLibrary {
  const instance = arena.instantiate(contractModule(type, shape, memoryType));
  return contractLibrary(type, shape, instance);
}

export const libraries = shapes.flatMap(([name, shape]) =>
  types.map((type): [string, ContractLibrary] => [`${type}, ${name}`, libraryOf(type, shape)]),
);

/** Elements that all types hold exactly, with exact sums of products. */
export function small(type: TensorType, seed: number): Tensor {
  return createTensor(
    type,
    Array.from({ length: sizeOf(type.shape) }, (_, i) => ((i * 7 + seed * 3) % 13) - 6),
  );
}

/** Elements whose sums of products are rounded. */
export function rough(type: TensorType, seed: number): Tensor {
  const length = sizeOf(type.shape);
  return createTensor(
    type,
    Array.from({ length }, (_, i) => Math.sin(i * 1.7 + seed) * (type.dtype === "int32" ? 2e9 : 1)),
  );
}

function typesOf({ batch, m, n, k, transposeA, transposeB }: ContractKernel, dtype: ElementType) {
  const a = { dtype, shape: transposeA ? [batch, k, m] : [batch, m, k] };
  const b = { dtype, shape: transposeB ? [batch, n, k] : [batch, k, n] };
  return { a, b, out: { dtype, shape: [batch, m, n] } };
}

export function runWasm(
  kernel: ContractKernel,
  library: ContractLibrary,
  make: (type: TensorType, seed: number) => Tensor,
  choose: (prepared: PreparedKernel) => readonly PreparedKernel[] = (prepared) => [prepared],
) {
  const { a, b, out } = typesOf(kernel, library.element.type);
  const ins = [make(a, 1), make(b, 2)];
  const prepared = prepareContract(kernel, library);
  return { ins, out, results: arena.run(choose(prepared), ins, [out]) };
}

const sizes = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: 21, max: 90 }) },
);
export const kernels: fc.Arbitrary<ContractKernel> = fc.record({
  kind: fc.constant("contract" as const),
  batch: fc.integer({ min: 0, max: 3 }),
  m: sizes,
  n: sizes,
  k: sizes,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

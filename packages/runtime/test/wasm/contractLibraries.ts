import { type ContractKernel, type DType, sizeOf, type TensorType } from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, type Tensor } from "../../src/index.js";
import {
  type ContractLibrary,
  contractLibrary,
  type ElementType,
  prepareContract,
} from "../../src/wasm/contract/index.js";
import { operandAt, type PreparedKernel } from "../../src/wasm/libraryCall.js";
import { engines, WasmArena } from "./wasmArena.js";

const types: ElementType[] = ["float32", "float64", "int32", "int64"];
/** Sizes of elements whose products do not fit. */
const large: { readonly [D in DType]?: number } = { int32: 2e9, int64: 9e18 };

export const arena = new WasmArena();

export const libraries = engines.flatMap(([name, engine]) => {
  const all = arena.libraries(engine);
  return types.map((type): [string, ContractLibrary] => [
    `${type}, ${name}`,
    contractLibrary(all, type),
  ]);
});

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
    Array.from({ length }, (_, i) => Math.sin(i * 1.7 + seed) * (large[type.dtype] ?? 1)),
  );
}

/** Arguments of `gemm` for contiguous matrices. */
export function rowMajorGemm(
  { element: { bytes } }: ContractLibrary,
  m: number,
  n: number,
  k: number,
) {
  return {
    m,
    n,
    k,
    a: operandAt(0),
    aRow: k * bytes,
    aColumn: bytes,
    b: operandAt(1),
    bRow: n * bytes,
    bColumn: bytes,
    c: operandAt(2),
    cRow: n * bytes,
    accumulate: 0,
    scratch: { scratch: 0 },
  };
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

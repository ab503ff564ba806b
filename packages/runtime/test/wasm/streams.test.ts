import {
  Builder,
  type DType,
  type Graph,
  sizeOf,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { createTensor, plan, Runtime, type Tensor } from "../../src/index.js";
import { WasmPlan } from "../../src/wasm/plan/wasmPlan.js";
import { Kernels } from "./kernels.js";
import { runShared } from "./runShared.js";
import { expectSame } from "./wasmArena.js";

const options = { mode: "compiled", maximumBytes: 2 ** 28 } as const;

function numbers(type: TensorType, seed: number): Tensor {
  const values = Array.from({ length: sizeOf(type.shape) }, (_, i) =>
    type.dtype.startsWith("float") ? Math.sin(i * 1.7 + seed) : ((i * 7 + seed) % 13) - 6,
  );
  return createTensor(type, values);
}

/** Products with a number per column, and what is left of all rows of them. */
function sumsOfColumns(dtype: DType, shape: readonly number[]) {
  const kernels = new Kernels(dtype);
  const builder = new Builder("columns");
  const width = shape.at(-1) ?? 1;
  const types = [shape, shape, [width]].map((one): TensorType => ({ dtype, shape: one }));
  const [x, y, scale] = types.map((type, i) => builder.input(`x${i}`, type));
  if (x === undefined || y === undefined || scale === undefined) throw new Error("no inputs");
  const product = kernels.map("mul", kernels.map("mul", x, y), scale);
  const axes = shape.slice(0, -1).map((_, axis) => axis);
  const results: Value[] = [
    product,
    kernels.relu(kernels.reduce("sum", product, ...axes)),
    kernels.reduce("max", x, ...axes),
    kernels.reduce("min", product, ...axes),
  ];
  for (const [i, value] of results.entries()) builder.output(`y${i}`, value);
  const graph: Graph = builder.finish();
  return { graph, registry: kernels.registry, ins: types.map(numbers) };
}

function stepsOf(compiled: unknown): readonly { readonly scratchBytes: number }[] {
  if (!(compiled instanceof WasmPlan)) throw new TypeError("not compiled");
  return compiled.describe().steps;
}

const copied = (tensors: readonly Tensor[]) =>
  tensors.map(({ type, data }) => createTensor(type, data.slice()));

/** Bytes that the sum, the maximum and the minimum of four columns are kept in. */
const stateBytes: readonly (readonly [DType, number])[] = [
  ["float32", 32 + 16 + 16],
  ["float64", 64 + 32 + 32],
  ["float16", 32 + 16 + 16],
  ["int32", 16 + 16 + 16],
  ["int64", 32 + 32 + 32],
  ["uint8", 16 + 16 + 16],
];

test.each(stateBytes)(
  "sums of columns of %s go through memory in its order, with the interpreter's bits",
  async (dtype, bytes) => {
    for (const shape of [
      [300, 130],
      [5, 61, 129],
    ]) {
      const { graph, registry, ins } = sumsOfColumns(dtype, shape);
      const wanted = plan(graph, registry).run(ins);
      for (const threads of [1, 2, 3]) {
        const runtime = new Runtime(options);
        runtime.setThreads(threads);
        const compiled = runtime.plan(graph, registry);
        const states = bytes * Math.ceil((shape.at(-1) ?? 0) / 4);
        expect(stepsOf(compiled).map(({ scratchBytes }) => scratchBytes)).toEqual([states]);
        expectSame(copied(compiled.run(ins)), wanted);
        await runShared(runtime, threads > 1 ? 3 : 0, () =>
          expectSame(copied(compiled.run(ins)), wanted),
        );
        runtime.setThreads(1);
      }
    }
  },
);

test("columns that stay in the nearest cache are summed one after another, in registers", () => {
  for (const shape of [
    [20, 130],
    [3000, 20],
  ]) {
    const { graph, registry } = sumsOfColumns("float32", shape);
    const compiled = new Runtime(options).plan(graph, registry);
    expect(stepsOf(compiled).map(({ scratchBytes }) => scratchBytes)).toEqual([0]);
  }
});

import {
  Builder,
  type ContractKernel,
  type Graph,
  sizeOf,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { createTensor, formatPlan, Runtime, type Tensor } from "../../src/index.js";
import { WasmPlan } from "../../src/wasm/plan/wasmPlan.js";
import { Kernels } from "./kernels.js";
import { runShared } from "./runShared.js";
import { expectSame } from "./wasmArena.js";

const options = { mode: "compiled", maximumBytes: 2 ** 28 } as const;
const float = (...shape: number[]): TensorType => ({ dtype: "float32", shape });
const plain = { kind: "contract", batch: 1, transposeA: false, transposeB: false } as const;

type Epilogue = (kernels: Kernels, product: Value, others: readonly Value[]) => readonly Value[];

/** The results of `epilogue` on a product of its own, or on an input in its place. */
function sample(kernel: ContractKernel, others: readonly TensorType[], epilogue: Epilogue) {
  const { batch, m, n, k } = kernel;
  const result = batch > 1 ? [batch, m, n] : [m, n];
  const types = {
    x: float(batch, m, k),
    w: float(batch, k, n),
    product: float(...result),
  };
  const kernels = new Kernels();
  const graphOf = (name: string, make: (builder: Builder) => readonly Value[]): Graph => {
    const builder = new Builder(name);
    make(builder).forEach((value, i) => {
      builder.output(`y${i}`, value);
    });
    return builder.finish();
  };
  const multiply = (builder: Builder) =>
    kernels.emit(kernel, [builder.input("x", types.x), builder.input("w", types.w)], ...result);
  const more = (builder: Builder) => others.map((type, i) => builder.input(`o${i}`, type));
  const together = graphOf("together", (builder) =>
    epilogue(kernels, multiply(builder), more(builder)),
  );
  const product = graphOf("product", (builder) => [multiply(builder)]);
  const rest = graphOf("rest", (builder) =>
    epilogue(kernels, builder.input("p", types.product), more(builder)),
  );
  return { together, product, rest, types, kernels };
}

function numbers(type: TensorType, seed: number): Tensor {
  return createTensor(
    type,
    Float32Array.from({ length: sizeOf(type.shape) }, (_, i) => Math.sin(i * 1.7 + seed)),
  );
}

const copied = (tensors: readonly Tensor[]) =>
  tensors.map(({ type, data }) => createTensor(type, data.slice()));

/** What runs the steps of a compiled plan, with how many nodes each computes. */
function stepsOf(compiled: unknown): string {
  if (!(compiled instanceof WasmPlan)) throw new TypeError("not compiled");
  const { steps } = compiled.describe();
  return steps.map(({ code, nodes }) => `${code.kind} of ${nodes.length}`).join(", ");
}

const dense: ContractKernel = { ...plain, m: 4099, n: 130, k: 24 };
const bias: Epilogue = (kernels, product, [of]) =>
  of === undefined ? [] : [kernels.relu(kernels.map("add", product, of))];
const masked: Epilogue = (kernels, product, [mask, scale]) =>
  mask === undefined || scale === undefined
    ? []
    : [kernels.map("mul", kernels.map("mul", product, mask), scale)];

const cases: readonly (readonly [string, ContractKernel, readonly TensorType[], Epilogue])[] = [
  ["bias and relu", dense, [float(130)], bias],
  ["bias of a transposed product", { ...dense, transposeB: true }, [float(130)], bias],
  ["a mask and a number per row", dense, [float(4099, 130), float(4099, 1)], masked],
  ["softmax", dense, [], (kernels, product) => [kernels.softmax(product)]],
  [
    "the product as a result, too",
    dense,
    [float(130)],
    (kernels, product, others) => [product, ...bias(kernels, product, others)],
  ],
  [
    "softmax of a batch with a residual per item",
    { ...plain, batch: 40, m: 96, n: 160, k: 16 },
    [float(96, 160)],
    (kernels, product, [of]) =>
      of === undefined ? [] : [kernels.softmax(kernels.map("add", product, of))],
  ],
  ["relu alone", { ...dense, n: 129 }, [], (kernels, product) => [kernels.relu(product)]],
];

describe("what reads a large product follows it band after band", () => {
  test.each(cases)(
    "%s: the bits of separate programs, for any number of threads",
    async (...of) => {
      const [, kernel, others, epilogue] = of;
      const { together, product, rest, types, kernels } = sample(kernel, others, epilogue);
      const [x, w] = [numbers(types.x, 1), numbers(types.w, 2)];
      const more = others.map((type, i) => numbers(type, i + 3));
      const alone = new Runtime(options);
      const [p] = alone.plan(product, kernels.registry).run([x, w]);
      if (p === undefined) throw new Error("no product");
      const wanted = copied(alone.plan(rest, kernels.registry).run([p, ...more]));
      for (const threads of [1, 2, 3]) {
        const runtime = new Runtime(options);
        runtime.setThreads(threads);
        const compiled = runtime.plan(together, kernels.registry);
        expect(stepsOf(compiled)).toMatch(/^banded of \d+$/);
        expectSame(copied(compiled.run([x, w, ...more])), wanted);
        await runShared(runtime, threads > 1 ? 3 : 0, () =>
          expectSame(copied(compiled.run([x, w, ...more])), wanted),
        );
        runtime.setThreads(1);
      }
    },
  );

  test("a product that nothing else reads is never there in full", () => {
    const { together, kernels } = sample(dense, [float(130)], bias);
    const compiled = new Runtime(options).plan(together, kernels.registry);
    if (!(compiled instanceof WasmPlan)) throw new TypeError("not compiled");
    const description = compiled.describe();
    expect(formatPlan(description)).toMatchInlineSnapshot(`
"plan of together: 1 step, 1 of them fused, 1 thread
  0. %2 contract0 + %4 map1 + %5 map2
     contract by contract.float32.gemm, then loops 4099 x 130v, code 0; in 5 bands
     (%x, %w, %o0) -> %5 y0: float32[4099,130]
arena 0 B of temporaries + 526 KiB of scratch; at least 0 B alive at one step"
`);
    expect(description.temporaryBytes).toBe(0);
  });
});

test("small products, long ones, and sums over rows stay steps of their own", () => {
  const sums: Epilogue = (kernels, product) => [
    kernels.emit({ kind: "reduce", monoid: "sum", axes: [0] }, [product], 130),
  ];
  const steps = [
    sample({ ...dense, m: 300 }, [float(130)], bias),
    sample({ ...dense, k: 300 }, [float(130)], bias),
    sample(dense, [], sums),
  ].map(({ together, kernels }) => stepsOf(new Runtime(options).plan(together, kernels.registry)));
  expect(steps).toMatchInlineSnapshot(`
[
  "library of 1, fused of 2",
  "library of 1, fused of 2",
  "library of 1, fused of 1",
]
`);
});

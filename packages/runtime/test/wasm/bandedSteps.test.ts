import {
  Builder,
  type Graph,
  type Registry,
  sizeOf,
  type TensorType,
  type Value,
  type WindowKernel,
} from "@adjoint/graph";
import { createTensor, formatPlan, Runtime, type Tensor } from "../../src/index.js";
import { WasmPlan } from "../../src/wasm/plan/wasmPlan.js";
import { Kernels } from "./kernels.js";
import { runShared } from "./runShared.js";
import { expectSame } from "./wasmArena.js";

const options = { mode: "compiled", maximumBytes: 2 ** 28 } as const;
const float = (...shape: number[]): TensorType => ({ dtype: "float32", shape });
const plain = { kind: "contract", batch: 1, transposeA: false, transposeB: false } as const;

function numbers(type: TensorType, seed: number): Tensor {
  const size = sizeOf(type.shape);
  return createTensor(
    type,
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + seed)),
  );
}

const copied = (tensors: readonly Tensor[]) =>
  tensors.map(({ type, data }) => createTensor(type, data.slice()));

function compiledPlan(compiled: unknown): WasmPlan {
  if (!(compiled instanceof WasmPlan)) throw new TypeError("not compiled");
  return compiled;
}

const stepsOf = (compiled: unknown) =>
  compiledPlan(compiled)
    .describe()
    .steps.map(({ code, nodes }) => `${code.kind} of ${nodes.length}`)
    .join(", ");

/** Results of one stage from those of the stage before, and from inputs of its own. */
interface Stage {
  readonly inputs: readonly TensorType[];
  compute(kernels: Kernels, before: readonly Value[], inputs: readonly Value[]): readonly Value[];
}

function inputsOf(builder: Builder, types: readonly TensorType[], name: string): Value[] {
  return types.map((type, i) => builder.input(`${name}${i}`, type));
}

function finished(builder: Builder, outputs: readonly Value[]): Graph {
  for (const [i, value] of outputs.entries()) builder.output(`y${i}`, value);
  return builder.finish();
}

/** All stages as one program. */
function together(stages: readonly Stage[]) {
  const kernels = new Kernels();
  const builder = new Builder("together");
  const inputs = stages.map((stage, i) => inputsOf(builder, stage.inputs, `x${i}.`));
  let values: readonly Value[] = [];
  for (const [i, stage] of stages.entries()) {
    values = stage.compute(kernels, values, inputs[i] ?? []);
  }
  return { graph: finished(builder, values), registry: kernels.registry };
}

/** What the stages give as programs of their own. */
function apart(stages: readonly Stage[], given: readonly (readonly Tensor[])[]): readonly Tensor[] {
  let tensors: readonly Tensor[] = [];
  for (const [i, stage] of stages.entries()) {
    const kernels = new Kernels();
    const builder = new Builder(`stage${i}`);
    const types = tensors.map(({ type }) => type);
    const before = inputsOf(builder, types, "before");
    const results = stage.compute(kernels, before, inputsOf(builder, stage.inputs, "x"));
    const graph = finished(builder, results);
    const plan = new Runtime(options).plan(graph, kernels.registry);
    tensors = copied(plan.run([...tensors, ...(given[i] ?? [])]));
  }
  return tensors;
}

function nth<T>(values: readonly T[], at: number): T {
  const value = values[at];
  if (value === undefined) throw new RangeError(`no value ${at}`);
  return value;
}

const square = {
  kernel: [3, 3],
  stride: [1, 1],
  dilate: [1, 1],
  padLow: [1, 1],
  padHigh: [1, 1],
};
const image = (batch: number, channels: number) => float(batch, channels, 64, 64);

function convolution(form: WindowKernel["form"], out: TensorType, weight: TensorType, groups = 1) {
  const kernel: WindowKernel = { kind: "window", form, geometry: square, groups };
  return (first: readonly TensorType[]): Stage => ({
    inputs: [...first, weight],
    compute(kernels, before, inputs) {
      const [x, w] = [...before, ...inputs];
      if (x === undefined || w === undefined) throw new Error("two arguments");
      return [kernels.emit(kernel, [x, w], ...out.shape)];
    },
  });
}

/** relu(x * scale + shift). */
function scaled(type: TensorType, shape: readonly number[]): (first: TensorType[]) => Stage {
  return (first) => ({
    inputs: [...first, float(...shape), type],
    compute(kernels, before, inputs) {
      const [x, scale, shift] = [...before, ...inputs];
      if (x === undefined || scale === undefined || shift === undefined) throw new Error("three");
      return [kernels.relu(kernels.map("add", kernels.map("mul", x, scale), shift))];
    },
  });
}

const product = (m: number, k: number, n: number): ((first: TensorType[]) => Stage) => {
  return (first) => ({
    inputs: [...first, float(k, n)],
    compute(kernels, before, inputs) {
      const [x, w] = [...before, ...inputs];
      if (x === undefined || w === undefined) throw new Error("two arguments");
      return [kernels.emit({ ...plain, m, k, n }, [x, w], m, n)];
    },
  });
};

const softmax = (type: TensorType): Stage => ({
  inputs: [type],
  compute: (kernels, _, inputs) => [kernels.softmax(nth(inputs, 0))],
});

const rows = 4099;
const [wide, narrow] = [image(16, 9), image(16, 3)];
const weights = float(9, 3, 3, 3);

const cases: readonly (readonly [string, readonly Stage[]])[] = [
  [
    "a convolution, then scale, residual and relu",
    [convolution("convolve", wide, weights)([narrow]), scaled(wide, [9, 1, 1])([])],
  ],
  [
    "the adjoint of a convolution in data, then a mask",
    [convolution("convolveData", wide, float(3, 9, 3, 3))([narrow]), scaled(wide, wide.shape)([])],
  ],
  [
    "a depthwise convolution, then scale and relu",
    [convolution("convolve", wide, float(9, 1, 3, 3), 9)([wide]), scaled(wide, [9, 1, 1])([])],
  ],
  [
    "scale and relu, then a convolution",
    [scaled(wide, [9, 1, 1])([wide]), convolution("convolve", narrow, float(3, 9, 3, 3))([])],
  ],
  ["softmax, then a product", [softmax(float(rows, 130)), product(rows, 130, 24)([])]],
  [
    "scale and relu before and after a product",
    [
      scaled(float(rows, 130), [130])([float(rows, 130)]),
      product(rows, 130, 140)([]),
      scaled(float(rows, 140), [140])([]),
    ],
  ],
];

function check(stages: readonly Stage[], given: readonly (readonly Tensor[])[]) {
  const { graph, registry } = together(stages);
  const wanted = apart(stages, given);
  return async (threads: number) => {
    const runtime = new Runtime(options);
    runtime.setThreads(threads);
    const compiled = runtime.plan(graph, registry);
    expect(stepsOf(compiled)).toBe(`banded of ${graph.order.length}`);
    expect(compiledPlan(compiled).describe().temporaryBytes).toBe(0);
    expectSame(copied(compiled.run(given.flat())), wanted);
    await runShared(runtime, threads > 1 ? 2 : 0, () =>
      expectSame(copied(compiled.run(given.flat())), wanted),
    );
    runtime.setThreads(1);
  };
}

describe("band after band, with the bits of separate programs, for any number of threads", () => {
  test.each(cases)("%s", async (_name, stages) => {
    const given = stages.map(({ inputs }, i) =>
      inputs.map((type, at) => numbers(type, 3 * i + at)),
    );
    const run = check(stages, given);
    for (const threads of [1, 2, 3]) await run(threads);
  });

  test.each(cases)("%s: infinities and NaN", async (_name, stages) => {
    const given = stages.map(({ inputs }, i) =>
      inputs.map((type, at) => {
        const finite = Array.from(numbers(type, 3 * i + at).data, Number);
        const strange = [Number.POSITIVE_INFINITY, Number.NaN, Number.NEGATIVE_INFINITY];
        const mixed = finite.map((x, k) => (k % 977 === 5 ? (strange[(k + at) % 3] ?? x) : x));
        return createTensor(type, mixed);
      }),
    );
    await check(stages, given)(2);
  });
});

/** A plan's first step. */
function described(graph: Graph, registry: Registry): string {
  const text = formatPlan(compiledPlan(new Runtime(options).plan(graph, registry)).describe());
  return text.split("\n").slice(1, 4).join("\n");
}

test("plans say what takes turns", () => {
  const [, stages] = nth(cases, 5);
  const { graph, registry } = together(stages);
  expect(described(graph, registry)).toMatchInlineSnapshot(`
"  0. %6 map0 + %7 map1 + %8 map2 + %9 contract3 + %10 map4 + %11 map5 + %12 map6
     loops 4099 x 130v, code 0, then contract by contract.float32.gemm, then loops 4099 x 140v, code 1; in 9 bands
     (%x0.0, %x0.1, %x0.2, %x1.0, %x2.0, %x2.1) -> %12 y0: float32[4099,140]"
`);
});

test("an argument that something else reads is computed as a whole", () => {
  const kernels = new Kernels();
  const builder = new Builder("twice");
  const x = kernels.relu(builder.input("x", float(rows, 130)));
  const of = (n: number) =>
    kernels.emit(
      { ...plain, m: rows, k: 130, n },
      [x, builder.input(`w${n}`, float(130, n))],
      rows,
      n,
    );
  const graph = finished(builder, [of(8), of(9)]);
  const compiled = new Runtime(options).plan(graph, kernels.registry);
  expect(stepsOf(compiled)).toBe("fused of 1, library of 1, library of 1");
});

test("what is small, and what takes long to multiply, is computed as a whole", () => {
  const sample = (m: number, k: number, n: number) =>
    together([softmax(float(m, k)), product(m, k, n)([])]);
  const steps = [sample(300, 130, 24), sample(rows, 130, 300)].map(({ graph, registry }) =>
    stepsOf(new Runtime(options).plan(graph, registry)),
  );
  const [whole] = steps;
  expect(steps).toEqual([whole, whole]);
  expect(whole).toBe("fused of 5, library of 1");
});

describe("in bands, too, memory goes on where an array ends", () => {
  const type = float(rows, 130);

  const types = [float(rows, 8), float(8, 130)];

  function subtracted(kernels: Kernels, builder: Builder, from: Value): Value {
    const factors = inputsOf(builder, types, "f");
    const gradient = kernels.emit({ ...plain, m: rows, k: 8, n: 130 }, factors, rows, 130);
    return kernels.map("sub", from, gradient);
  }

  test("a parameter that is given away is written over", () => {
    const kernels = new Kernels();
    const builder = new Builder("update");
    const graph = finished(builder, [subtracted(kernels, builder, builder.input("w", type))]);
    const runtime = new Runtime(options);
    const plan = runtime.plan(graph, kernels.registry, { donate: [{ input: 0, output: 0 }] });
    expect(stepsOf(plan)).toBe("banded of 2");
    const given = [type, ...types].map(numbers);
    const wanted = copied(new Runtime(options).plan(graph, kernels.registry).run(given));
    const [w, ...factors] = given.map((tensor) => runtime.heap.place(tensor));
    if (w === undefined) throw new Error("no parameter");
    const results = plan.run([w, ...factors]);
    expect(results[0]).toMatchObject({ arena: w.arena });
    expectSame(copied(results), wanted);
  });

  test("a temporary that ends is written over", () => {
    const kernels = new Kernels();
    const builder = new Builder("chain");
    const multiply = (x: Value, k: number, n: number) =>
      kernels.emit(
        { ...plain, m: rows, k, n },
        [x, builder.input(`w${k}.${n}`, float(k, n))],
        rows,
        n,
      );
    const first = multiply(builder.input("x", float(rows, 300)), 300, 130);
    const last = multiply(subtracted(kernels, builder, first), 130, 300);
    const graph = finished(builder, [last]);
    const plan = compiledPlan(new Runtime(options).plan(graph, kernels.registry));
    expect(stepsOf(plan)).toBe("library of 1, banded of 2, library of 1");
    const { slots, temporaryBytes } = plan.describe();
    expect(slots.map(({ inPlaceOf }) => inPlaceOf !== undefined)).toEqual([false, true]);
    expect(temporaryBytes).toBe(Math.ceil((rows * 130 * 4) / 64) * 64);
  });
});

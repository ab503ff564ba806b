import { Builder, type Graph } from "@adjoint/graph";
import { createTensor, plan, Runtime } from "../../src/index.js";
import { compilePlan } from "../../src/wasm/plan/compilePlan.js";
import { threadLists } from "../../src/wasm/plan/threadLists.js";
import { WasmHost } from "../../src/wasm/wasmHost.js";
import { Kernels } from "./kernels.js";
import { runShared } from "./runShared.js";
import { expectSame } from "./wasmArena.js";

const size = 128;

/** Three products of one matrix, and one of the first two, which has to wait for them. */
function sample() {
  const kernels = new Kernels();
  const builder = new Builder("products");
  const type = { dtype: "float32", shape: [size, size] } as const;
  const [x, ...weights] = Array.from({ length: 4 }, (_, i) => builder.input(`x${i}`, type));
  const sizes = { batch: 1, m: size, n: size, k: size };
  const product = (a = x, b = x) => {
    if (a === undefined || b === undefined) throw new Error("no inputs");
    const kernel = { kind: "contract", transposeA: false, transposeB: false, ...sizes } as const;
    return kernels.emit(kernel, [a, b], size, size);
  };
  const [first, second, third] = weights.map((weight) => product(x, weight));
  for (const [i, value] of [first, second, third, product(first, second)].entries()) {
    if (value !== undefined) builder.output(`y${i}`, value);
  }
  const ins = Array.from({ length: 4 }, (_, seed) =>
    createTensor(
      type,
      Float32Array.from({ length: size * size }, (_, i) => Math.sin(i * 1.3 + seed)),
    ),
  );
  return { graph: builder.finish(), registry: kernels.registry, ins };
}

test("threads meet only where a step needs what others have done", () => {
  const { graph, registry } = sample();
  const host = new WasmHost({ maximumBytes: 2 ** 26 });
  const planBody = (body: Graph) => plan(body, registry);
  const { lists } = compilePlan(graph, registry, {
    ...{ keep: "outputs", donate: [], stepwise: false, lower: (body) => body },
    ...{ libraries: host.libraries, context: { planBody } },
  });
  const scratches = [0, 1].map((thread) => ({ slot: 0, offset: thread << 20 }));
  const counts = (own: readonly (typeof lists)[number][number][]) =>
    threadLists(own, scratches)?.map((steps) =>
      steps.map((step) => (step === "barrier" ? "|" : "x")).join(""),
    );
  const [list = []] = lists;
  expect(counts(list)).toEqual(["xxx|x|", "xxx|x|"]);
  // Where nothing is known of memory, each step waits.
  const unknown = list.map(({ kernel, operands }) => ({ kernel, operands }));
  expect(counts(unknown)).toEqual(["x|x|x|x|", "x|x|x|x|"]);
});

test("steps that do not wait for each other leave the same bits", async () => {
  const { graph, registry, ins } = sample();
  const copied = (runtime: Runtime) =>
    runtime
      .plan(graph, registry)
      .run(ins)
      .map(({ type, data }) => createTensor(type, data.slice()));
  const options = { mode: "compiled", maximumBytes: 2 ** 26 } as const;
  const wanted = copied(new Runtime(options));
  for (const threads of [2, 3]) {
    const runtime = new Runtime(options);
    runtime.setThreads(threads);
    const compiled = runtime.plan(graph, registry);
    await runShared(runtime, 10, () => {
      expectSame(
        compiled.run(ins).map(({ type, data }) => createTensor(type, data.slice())),
        wanted,
      );
    });
    runtime.setThreads(1);
  }
});

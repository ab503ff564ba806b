import { Builder, type DType, type Graph, sizeOf, type TensorType } from "@adjoint/graph";
import { createTensor, plan, type Tensor } from "../../src/index.js";
import { HeapTensor } from "../../src/heap/index.js";
import { compilePlan } from "../../src/wasm/plan/compilePlan.js";
import { emitPlan } from "../../src/wasm/plan/emitPlan.js";
import { slots } from "../../src/wasm/plan/planCall.js";
import { aligned } from "../../src/wasm/plan/planLayout.js";
import { callsOf } from "../../src/wasm/plan/threadLists.js";
import { WasmHost } from "../../src/wasm/wasmHost.js";
import { Kernels } from "./kernels.js";
import { expectSame } from "./wasmArena.js";

/** Maps with constants, rows with reductions between passes, and sums of columns beside maps. */
function program(dtype: DType, shape: readonly [number, number]) {
  const kernels = new Kernels(dtype);
  const builder = new Builder("neighbours");
  const types = [shape, shape].map((one): TensorType => ({ dtype, shape: one }));
  const [x, y] = types.map((type, i) => builder.input(`x${i}`, type));
  if (x === undefined || y === undefined) throw new Error("no inputs");
  const product = kernels.relu(kernels.map("mul", x, y));
  const soft = kernels.softmax(product);
  const columns = kernels.reduce("sum", kernels.map("add", soft, y), 0);
  for (const [i, value] of [product, soft, columns].entries()) builder.output(`y${i}`, value);
  const graph: Graph = builder.finish();
  const ins = types.map((type, seed) =>
    createTensor(
      type,
      Array.from({ length: sizeOf(type.shape) }, (_, i) => Math.sin(i * 1.7 + seed)),
    ),
  );
  return { graph, registry: kernels.registry, ins };
}

/** What one thread computes with code for engines that join neighbouring vectors, or for others. */
function run({ graph, registry, ins }: ReturnType<typeof program>, revectorizes: boolean) {
  const host = new WasmHost({ maximumBytes: 2 ** 26 });
  const planBody = (body: Graph) => plan(body, registry);
  const compiled = compilePlan(graph, registry, {
    ...{ keep: "outputs", donate: [], stepwise: false, lower: (body) => body },
    ...{ libraries: host.libraries, context: { planBody } },
  });
  const arenaBytes = aligned(compiled.layout.arenaBytes);
  const lists = compiled.lists.map((list, position) => ({
    name: `run${position}`,
    steps: callsOf(list, { slot: slots.arena, offset: arenaBytes }),
  }));
  let code = new Uint8Array();
  const { exports } = host.connect((memory, context) => {
    const module = emitPlan(lists, memory, { ...context, revectorizes });
    code = module.bytes;
    return module;
  });
  const { run0 } = exports;
  if (typeof run0 !== "function" || lists.length !== 1) throw new Error("not one list of calls");
  const temporaries = host.heap.allocate(arenaBytes + compiled.scratchBytes);
  const placed = ins.map((tensor) => host.heap.place(tensor));
  const results = compiled.program.results.map(
    ({ type }) => new HeapTensor(type, host.heap.allocate(8 * sizeOf(type.shape)), 0),
  );
  const arrays = [...placed, ...results].map((tensor) => host.heap.addressOf(tensor));
  host.words.set([temporaries.address, 0, ...arrays], host.table >> 2);
  run0(host.table);
  return { results: results.map(({ type, data }): Tensor => ({ type, data })), code };
}

test.each<readonly [DType, boolean]>([
  ["float32", true],
  ["float16", true],
  ["float64", false],
])(
  "code for engines that join neighbouring vectors leaves the same bits in %s",
  (dtype, isOther) => {
    for (const shape of [
      [5, 70],
      [33, 64],
      [3, 259],
    ] satisfies [number, number][]) {
      const made = program(dtype, shape);
      const [apart, together] = [run(made, false), run(made, true)];
      expectSame(together.results, apart.results);
      expect(Buffer.compare(together.code, apart.code) !== 0).toBe(isOther);
    }
  },
);

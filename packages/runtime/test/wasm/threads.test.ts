import {
  Builder,
  createRegistry,
  type Graph,
  type Kernel,
  type Registry,
  scalar,
} from "@adjoint/graph";
import { createTensor, Runtime, type Tensor } from "../../src/index.js";
import { opOf } from "../testOps.js";
import { runShared } from "./runShared.js";
import { expectSame } from "./wasmArena.js";

const [rows, columns] = [256, 300];

/** Products, a softmax over rows, a sum over columns: every kind of step that is divided. */
function sample(): { graph: Graph; registry: Registry } {
  const builder = new Builder("sample");
  const ops = new Map<string, ReturnType<typeof opOf>>();
  const float = (...shape: number[]) => ({ dtype: "float32", shape }) as const;
  const emit = (kernel: Kernel, ins: Parameters<Builder["emit"]>[1], ...shape: number[]) => {
    const op = opOf(kernel, [float(...shape)], `op${ops.size}`);
    ops.set(op.name, op);
    const [value] = builder.emit(op, ins, {});
    if (value === undefined) throw new Error("no value");
    return value;
  };
  const [a, b] = [scalar.arg(0, "float32"), scalar.arg(1, "float32")];
  const x = builder.input("x", float(rows, rows));
  const w = builder.input("w", float(rows, columns));
  const product = { kind: "contract", batch: 1, transposeA: false, transposeB: false } as const;
  const y = emit({ ...product, m: rows, k: rows, n: columns }, [x, w], rows, columns);
  const e = emit({ kind: "map", expr: scalar.unary("exp", a) }, [y], rows, columns);
  const total = emit({ kind: "reduce", monoid: "sum", axes: [1] }, [e], rows, 1);
  const p = emit({ kind: "map", expr: scalar.binary("div", a, b) }, [e, total], rows, columns);
  const sums = emit({ kind: "reduce", monoid: "sum", axes: [0] }, [p], columns);
  builder.output("p", p);
  builder.output("sums", sums);
  return { graph: builder.finish(), registry: createRegistry([...ops.values()]) };
}

const inputs = [
  [rows, rows],
  [rows, columns],
].map((shape, seed): Tensor => {
  const type = { dtype: "float32", shape } as const;
  const size = (shape[0] ?? 1) * (shape[1] ?? 1);
  return createTensor(
    type,
    Float32Array.from({ length: size }, (_, i) => Math.sin(i + seed) / 16),
  );
});

const copied = (tensors: readonly Tensor[]) =>
  tensors.map(({ type, data }) => createTensor(type, data.slice()));

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

test("results have the same bits for any number of threads", async () => {
  const { graph, registry } = sample();
  const alone = new Runtime({ mode: "compiled", maximumBytes: 2 ** 26 });
  const wanted = copied(alone.plan(graph, registry).run(inputs));
  for (const threads of [2, 3]) {
    const runtime = new Runtime({ mode: "compiled", maximumBytes: 2 ** 26 });
    runtime.setThreads(threads);
    const compiled = runtime.plan(graph, registry);
    await runShared(runtime, 20, () => expectSame(copied(compiled.run(inputs)), wanted));
    runtime.setThreads(1);
    expectSame(copied(compiled.run(inputs)), wanted);
  }
});

test("a program that is compiled already follows the number of threads", async () => {
  const { graph, registry } = sample();
  const runtime = new Runtime({ mode: "compiled", maximumBytes: 2 ** 26 });
  const compiled = runtime.plan(graph, registry);
  const wanted = copied(compiled.run(inputs));
  for (const threads of [2, 3, 2]) {
    runtime.setThreads(threads);
    await runShared(runtime, 5, () => expectSame(copied(compiled.run(inputs)), wanted));
  }
  runtime.setThreads(1);
  const shared = runtime.sharedRuns;
  expectSame(copied(compiled.run(inputs)), wanted);
  expect(runtime.sharedRuns).toBe(shared);
});

test("the number of threads is checked", () => {
  const runtime = new Runtime();
  for (const threads of [0, 1.5, 65, Number.NaN]) {
    expect(() => runtime.setThreads(threads)).toThrow("number of threads is out of range");
  }
});

test("small programs are not divided", async () => {
  const runtime = new Runtime({ mode: "compiled", maximumBytes: 2 ** 26 });
  runtime.setThreads(2);
  const builder = new Builder("small");
  const type = { dtype: "float32", shape: [8] } as const;
  const negate = opOf({ kind: "map", expr: scalar.unary("neg", scalar.arg(0, "float32")) }, [type]);
  const [y] = builder.emit(negate, [builder.input("x", type)], {});
  if (y === undefined) throw new Error("no value");
  builder.output("y", y);
  const compiled = runtime.plan(builder.finish(), createRegistry([negate]));
  for (let run = 0; run < 20; run++) {
    compiled.run([createTensor(type)]);
    await turn();
  }
  expect(runtime.sharedRuns).toBe(0);
  runtime.setThreads(1);
});

import {
  Builder,
  type CallKernel,
  createRegistry,
  type Graph,
  type Kernel,
  type OpDef,
  type Registry,
  scalar,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import {
  createTensor,
  execute,
  formatPlan,
  Runtime,
  type Tensor,
  tensorOf,
  toNumbers,
} from "../../src/index.js";
import { WasmPlan } from "../../src/wasm/plan/wasmPlan.js";
import { opOf } from "../testOps.js";
import { runShared } from "./runShared.js";
import { expectSame } from "./wasmArena.js";

const options = { maximumBytes: 2 ** 26, mode: "compiled" } as const;
const float = (...shape: number[]): TensorType => ({ dtype: "float32", shape });
const number = float();

/** Makes graphs of kernels, each an operator of its own in one registry. */
class Programs {
  private readonly ops: OpDef[] = [];

  get registry(): Registry {
    return createRegistry(this.ops);
  }

  emit(kernel: Kernel, ins: readonly Value[], outs: readonly TensorType[], builder?: Builder) {
    const kind = kernel.kind === "call" ? kernel.form : kernel.kind;
    const op = opOf(kernel, outs, `${kind}${this.ops.length}`);
    this.ops.push(op);
    const results = ins[0]?.emitter.emit(op, ins, {}) ?? builder?.emit(op, ins, {});
    if (results === undefined) throw new Error("nothing to emit with");
    return results;
  }

  one(kernel: Kernel, ins: readonly Value[], out: TensorType): Value {
    const [value] = this.emit(kernel, ins, [out]);
    if (value === undefined) throw new Error("no value");
    return value;
  }

  map(fn: "add" | "mul" | "sub" | "lt", a: Value, b: Value): Value {
    const { dtype, shape } = a.type;
    const expr = scalar.binary(fn, scalar.arg(0, dtype), scalar.arg(1, dtype));
    return this.one({ kind: "map", expr }, [a, b], { dtype: expr.dtype, shape });
  }

  graph(types: readonly TensorType[], make: (ins: readonly Value[], builder: Builder) => Value[]) {
    const builder = new Builder("body");
    const ins = types.map((type, i) => builder.input(`x${i}`, type));
    make(ins, builder).forEach((value, i) => {
      builder.output(`y${i}`, value);
    });
    return builder.finish();
  }

  /** A graph of one call. */
  calling(kernel: CallKernel, ins: readonly TensorType[], outs: readonly TensorType[]): Graph {
    return this.graph(ins, (values) => [...this.emit(kernel, values, outs)]);
  }
}

function compiled(graph: Graph, registry: Registry, runtime = new Runtime(options)): WasmPlan {
  const made = runtime.plan(graph, registry);
  if (!(made instanceof WasmPlan)) throw new TypeError("not compiled");
  return made;
}

const scan = { kind: "call", form: "scan", reverse: false, counted: false } as const;
const copied = (tensors: readonly Tensor[]) =>
  tensors.map(({ type, data }) => createTensor(type, data.slice()));

/** s' = s x + c, with a constant c; the product is stacked, s' summed. */
function affine(programs: Programs): Graph {
  return programs.graph([number, number], ([s, x], builder) => {
    if (s === undefined || x === undefined) throw new Error("two arguments");
    const product = programs.map("mul", s, x);
    const next = programs.map("add", product, builder.constant(Float32Array.of(0.5), number));
    return [next, product, next];
  });
}

const affineKernel = (programs: Programs, length: number) =>
  ({
    ...scan,
    body: affine(programs),
    layout: { states: 1, slices: 1, stacked: 1, history: true },
    length,
  }) as const;

test("a loop is one step of generated code, its temporaries an array of the plan", () => {
  const programs = new Programs();
  const kernel = affineKernel(programs, 4);
  const outs = [number, float(4), number, float(4)];
  const graph = programs.calling(kernel, [number, float(4)], outs);
  const made = compiled(graph, programs.registry);
  const inputs = [tensorOf(1, "float32"), tensorOf([1, 2, 3, 4], "float32")];
  const got = made.run(inputs).map(toNumbers);
  expect(got).toEqual([[44.5], [1, 3, 10.5, 44], [60.5], [1, 1.5, 3.5, 11]]);
  expect(got).toEqual(execute(graph, inputs, programs.registry).map(toNumbers));
  expect(formatPlan(made.describe())).toMatchInlineSnapshot(`
"plan of body: 1 step, 1 thread
  0. %2 scan2
     loop around 2 calls, 1 call
     (%x0, %x1) -> %2 y0: float32[], %2.1 y1: float32[4], %2.2 y2: float32[], %2.3 y3: float32[4], %2.4: uint8[192]
arena 192 B of temporaries + 64 B of scratch; at least 192 B alive at one step
  %2.4: 192 B at 0, step 0"
`);
});

test("loops run inside loops, and branches in them; constants of all bodies are there", () => {
  const programs = new Programs();
  const inner = affineKernel(programs, 3);
  const body = programs.graph([number, float(3)], ([s, row]) => {
    if (s === undefined || row === undefined) throw new Error("two arguments");
    const outs = [number, float(3), number, float(3)];
    const [last, , total] = programs.emit(inner, [s, row], outs);
    if (last === undefined || total === undefined) throw new Error("no results");
    const holds = programs.map("lt", last, total);
    const whenTrue = programs.graph([number], ([x], builder) => {
      const scale = builder.constant(Float32Array.of(0.25), number);
      return x === undefined ? [] : [programs.map("mul", x, scale)];
    });
    const whenFalse = programs.graph([number, number], ([x, y]) =>
      x === undefined || y === undefined ? [] : [programs.map("sub", x, y)],
    );
    const cond = { kind: "call", form: "cond", whenTrue, whenFalse } as const;
    const next = programs.one(cond, [holds, last, total, last], number);
    return [next, last];
  });
  const layout = { states: 1, slices: 1, stacked: 1, history: false };
  const kernel = { ...scan, body, layout, length: 5, reverse: true } as const;
  const graph = programs.calling(kernel, [number, float(5, 3)], [number, float(5)]);
  const made = compiled(graph, programs.registry);
  expect(made.describe().steps.map(({ code }) => code.kind)).toEqual(["loop"]);
  for (const seed of [1, -2, 0.3]) {
    const rows = Array.from({ length: 5 }, (_, i) =>
      Array.from({ length: 3 }, (_, j) => Math.sin(i * 3 + j + seed)),
    );
    const inputs = [tensorOf(seed, "float32"), tensorOf(rows, "float32")];
    const wanted = execute(graph, inputs, programs.registry);
    expectSame(copied(made.run(inputs)), wanted);
    expectSame(copied(made.run(inputs)), wanted);
  }
});

test("a body that has no code says why, and the interpreter runs the loop", () => {
  const programs = new Programs();
  const half: TensorType = { dtype: "float16", shape: [1, 1] };
  const body = programs.graph([half, { dtype: "float32", shape: [1, 1] }], ([s, x]) => {
    const kernel: Kernel = {
      ...{ kind: "contract", batch: 1, m: 1, n: 1, k: 1 },
      ...{ transposeA: false, transposeB: false },
    };
    return s === undefined || x === undefined ? [] : [programs.one(kernel, [s, x], half)];
  });
  const layout = { states: 1, slices: 1, stacked: 0, history: false };
  const slices: TensorType = { dtype: "float32", shape: [2, 1, 1] };
  const graph = programs.calling({ ...scan, body, layout, length: 2 }, [half, slices], [half]);
  const made = compiled(graph, programs.registry);
  expect(made.describe().steps.map(({ code }) => code)).toEqual([
    {
      kind: "interpreted",
      kernel: "call",
      reason: "a body with contract0: no code for a contract of float16, float32",
    },
  ]);
  const inputs = [tensorOf([[3]], "float16"), tensorOf([[[2]], [[5]]], "float32")];
  expect(made.run(inputs).map(toNumbers)).toEqual([[30]]);
});

describe("threads", () => {
  const size = 192;
  const square = float(size, size);

  /** While a count lasts: s' = s w + s, stacked; how often is asked of memory. */
  function growing(programs: Programs): Graph {
    const condition = programs.graph([square, number, number], ([, left, least]) =>
      left === undefined || least === undefined ? [] : [programs.map("lt", least, left)],
    );
    const body = programs.graph([square, number, square, number], (ins) => {
      const [s, left, w, one] = ins;
      if (!s || !left || !w || !one) throw new Error("four arguments");
      const product: Kernel = {
        ...{ kind: "contract", batch: 1, m: size, n: size, k: size },
        ...{ transposeA: false, transposeB: false },
      };
      const next = programs.map("add", programs.one(product, [s, w], square), s);
      return [next, programs.map("sub", left, one), next];
    });
    const layout = { states: 2, slices: 0, stacked: 1, history: true };
    const kernel = { kind: "call", form: "while", condition, body, layout, length: 6 } as const;
    const rows = float(6, size, size);
    const outs = [square, number, rows, rows, float(6), { dtype: "int32", shape: [] } as const];
    return programs.calling(kernel, [square, number, number, square, number], outs);
  }

  const numbers = (seed: number): Tensor =>
    createTensor(
      square,
      Float32Array.from({ length: size * size }, (_, i) => Math.sin(i * 7 + seed) / size),
    );

  /** As many of five slices as are told, from the last: s' = x s w, summed and stacked. */
  function summing(programs: Programs): Graph {
    const body = programs.graph([square, square, square], ([s, x, w]) => {
      if (!s || !x || !w) throw new Error("three arguments");
      const kernel: Kernel = {
        ...{ kind: "contract", batch: 1, m: size, n: size, k: size },
        ...{ transposeA: false, transposeB: true },
      };
      const next = programs.map("mul", programs.one(kernel, [s, w], square), x);
      return [next, next, next];
    });
    const layout = { states: 1, slices: 1, stacked: 1, history: true };
    const kernel = { ...scan, body, layout, length: 5, reverse: true, counted: true } as const;
    const rows = float(5, size, size);
    const ins = [{ dtype: "int32", shape: [] } as const, square, rows, square];
    return programs.calling(kernel, ins, [square, rows, square, rows]);
  }

  const scalarOf = (value: number) => tensorOf(value, "float32");
  const slices = createTensor(
    float(5, size, size),
    Float32Array.from({ length: 5 * size * size }, (_, i) => Math.cos(i)),
  );

  test.each([
    ["while", growing, [numbers(0), scalarOf(4), scalarOf(0), numbers(1), scalarOf(1)]],
    ["scan", summing, [tensorOf(4, "int32"), numbers(0), slices, numbers(1)]],
  ] as const)("a %s loop has the same bits for any number of threads", async (_, make, inputs) => {
    const programs = new Programs();
    const graph = make(programs);
    const wanted = copied(compiled(graph, programs.registry).run(inputs));
    for (const threads of [2, 3]) {
      const runtime = new Runtime(options);
      runtime.setThreads(threads);
      const made = compiled(graph, programs.registry, runtime);
      await runShared(runtime, 10, () => expectSame(copied(made.run(inputs)), wanted));
      runtime.setThreads(1);
    }
  });
});

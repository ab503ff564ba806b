import { Builder, type TensorType, type Value } from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, Runtime, type Tensor } from "../../src/index.js";
import { WasmPlan } from "../../src/wasm/plan/wasmPlan.js";
import { Kernels } from "./kernels.js";
import { expectSame } from "./wasmArena.js";

const options = { mode: "compiled", maximumBytes: 2 ** 28 } as const;
const size = 130;
const square: TensorType = { dtype: "float32", shape: [size, size] };
const small: TensorType = { dtype: "float32", shape: [8, 8] };

function numbers({ shape }: TensorType, seed: number): Tensor {
  const length = shape.reduce((all, one) => all * one, 1);
  const values = Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + seed));
  return createTensor({ dtype: "float32", shape }, values);
}

const copied = (tensors: readonly Tensor[]) =>
  tensors.map(({ type, data }) => createTensor(type, data.slice()));

function product(kernels: Kernels, x: Value, y: Value): Value {
  const [n = 1] = x.type.shape;
  const kernel = { kind: "contract", batch: 1, m: n, n, k: n } as const;
  return kernels.emit({ ...kernel, transposeA: false, transposeB: false }, [x, y], n, n);
}

function transposed(kernels: Kernels, x: Value): Value {
  const [n = 1] = x.type.shape;
  return kernels.emit({ kind: "view", offset: 0, strides: [1, n] }, [x], n, n);
}

/** How many arrays each step reads and writes. */
function trafficOf(kernels: Kernels, builder: Builder): string[] {
  const compiled = new Runtime(options).plan(builder.finish(), kernels.registry);
  if (!(compiled instanceof WasmPlan)) throw new TypeError("not compiled");
  const { steps } = compiled.describe();
  return steps.map(({ code, reads, writes }) => `${code.kind} ${reads.length}>${writes.length}`);
}

/** A square and a softened value before a product; both are needed after it, as in a gradient. */
function sample(
  type: TensorType,
  make: (kernels: Kernels, x: Value) => Value,
  later: (kernels: Kernels, x: Value, made: Value) => Value = (kernels, x, made) =>
    kernels.map("mul", x, made),
) {
  const kernels = new Kernels();
  const builder = new Builder("sample");
  const x = kernels.map("add", builder.input("x", type), builder.input("y", type));
  const made = make(kernels, x);
  const p = product(kernels, kernels.map("add", made, x), builder.input("w", type));
  builder.output("z", kernels.map("add", p, later(kernels, x, made)));
  return trafficOf(kernels, builder);
}

const squared = (kernels: Kernels, x: Value) => kernels.map("mul", x, x);

test("a cheap map of what is read anyway is neither written nor read", () => {
  expect(sample(square, squared)).toEqual(["fused 2>2", "library 2>1", "fused 2>1"]);
});

test("dear ones, small ones, and what would need another array are stored", () => {
  const divided = (kernels: Kernels, x: Value) => {
    const y = kernels.map("div", x, kernels.map("div", x, kernels.relu(x)));
    return kernels.map("div", y, x);
  };
  const stored = ["fused 2>3", "library 2>1", "fused 3>1"];
  expect(sample(square, divided)).toEqual(stored);
  expect(sample(small, squared)).toEqual(stored);
  const alone = sample(square, squared, (kernels, _, made) => kernels.relu(made));
  expect(alone).toEqual(["fused 2>2", "library 2>1", "fused 2>1"]);
});

test("what is read at other places than it was written is stored", () => {
  const traffic = sample(square, squared, (kernels, x, made) =>
    kernels.map("mul", x, transposed(kernels, made)),
  );
  expect(traffic).toEqual(["fused 2>3", "library 2>1", "fused 3>1"]);
});

/** Each row picks an operator and its operands among what there is. */
const recipes = fc.array(fc.tuple(fc.nat(7), fc.nat(99), fc.nat(99)), {
  minLength: 4,
  maxLength: 24,
});

test("any program has the bits of one that stores every value", () => {
  fc.assert(
    fc.property(recipes, (rows) => {
      const kernels = new Kernels();
      const builder = new Builder("random");
      const values = [builder.input("x", square), builder.input("y", square)];
      const pick = (n: number) => values.slice(n % values.length)[0];
      for (const [kind, left, right] of rows) {
        const [x, y] = [pick(left), pick(right)];
        if (x === undefined || y === undefined) continue;
        const made = [
          () => kernels.map("add", x, y),
          () => kernels.map("mul", x, y),
          () => kernels.map("sub", x, y),
          () => kernels.relu(x),
          () => kernels.map("sub", x, kernels.reduce("max", y, 1)),
          () => kernels.map("add", x, kernels.reduce("sum", y, 0)),
          () => transposed(kernels, x),
          () => product(kernels, x, y),
        ][kind];
        if (made !== undefined) values.push(made());
      }
      for (const [i, value] of values.slice(-2).entries()) builder.output(`y${i}`, value);
      const graph = builder.finish();
      const inputs = [numbers(square, 1), numbers(square, 2)];
      const runtime = new Runtime(options);
      const all = runtime.plan(graph, kernels.registry, { keep: "all" });
      const wanted = copied(all.run(inputs).slice(0, 2));
      expectSame(copied(runtime.plan(graph, kernels.registry).run(inputs)), wanted);
    }),
    { numRuns: 40 },
  );
});

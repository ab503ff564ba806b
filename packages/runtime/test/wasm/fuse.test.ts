import {
  Builder,
  type Graph,
  type Kernel,
  nodesOf,
  scalar,
  type Shape,
  typeOf,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { type FusedProgram, fuse } from "../../src/wasm/fuse/index.js";
import { takeOvers } from "../../src/wasm/plan/inPlace.js";
import { opOf } from "../testOps.js";

/** A program whose operators are given by their kernels. */
class Program {
  readonly builder = new Builder("program");
  private readonly kernels = new Map<number, Kernel>();

  input(name: string, ...shape: number[]): Value {
    return this.builder.input(name, { dtype: "float32", shape });
  }

  emit(kernel: Kernel, ins: readonly Value[], shape: Shape): Value {
    const type: TensorType = { dtype: "float32", shape };
    const [result] = this.builder.emit(opOf(kernel, [type], kernel.kind), ins, {});
    if (result === undefined) throw new Error("no result");
    this.kernels.set(result.id, kernel);
    return result;
  }

  unary(fn: "exp" | "neg" | "log", x: Value): Value {
    return this.emit({ kind: "map", expr: scalar.unary(fn, a) }, [x], x.type.shape);
  }

  binary(fn: "add" | "sub" | "mul" | "div", x: Value, y: Value): Value {
    return this.emit({ kind: "map", expr: scalar.binary(fn, a, b) }, [x, y], x.type.shape);
  }

  reduce(monoid: "sum" | "max", x: Value, axis: number): Value {
    const shape = x.type.shape.map((length, at) => (at === axis ? 1 : length));
    return this.emit({ kind: "reduce", monoid, axes: [axis] }, [x], shape);
  }

  transpose(x: Value): Value {
    const [rows = 1, columns = 1] = x.type.shape;
    return this.emit({ kind: "view", offset: 0, strides: [1, columns] }, [x], [columns, rows]);
  }

  product(x: Value, y: Value): Value {
    const [m = 1, k = 1] = x.type.shape;
    const n = y.type.shape[1] ?? 1;
    const sizes = { batch: 1, m, k, n, transposeA: false, transposeB: false };
    return this.emit({ kind: "contract", ...sizes }, [x, y], [m, n]);
  }

  fused(...outputs: Value[]): FusedProgram {
    outputs.forEach((output, at) => {
      this.builder.output(`y${at}`, output);
    });
    const graph: Graph = this.builder.finish();
    return fuse({
      inputs: graph.inputs,
      nodes: nodesOf(graph).map((node) => {
        const kernel = this.kernels.get(node.id);
        if (kernel === undefined) throw new Error("no kernel");
        return { node, kernel };
      }),
      outputs: graph.outputs.map(({ ref }) => ref),
      typeOf: (ref) => typeOf(graph, ref),
    });
  }
}

const a = scalar.arg(0, "float32");
const b = scalar.arg(1, "float32");

/** Each step as text: the nodes of a group, or the kernel's kind. */
function stepsOf({ steps }: FusedProgram): string[] {
  return steps.map((step) =>
    step.kind === "group"
      ? `${step.nodes.length} nodes, ${step.reads.length} read, ${step.writes.length} written`
      : step.kernel.kind,
  );
}

test("softmax is one pass structure over its argument: what lies between is not stored", () => {
  const program = new Program();
  const x = program.input("x", 8, 16);
  const e = program.unary("exp", program.binary("sub", x, program.reduce("max", x, 1)));
  const y = program.binary("div", e, program.reduce("sum", e, 1));
  expect(stepsOf(program.fused(y))).toEqual(["5 nodes, 1 read, 1 written"]);
});

test("chains that meet become one group, with every result that is asked for", () => {
  const program = new Program();
  const [x, y] = [program.input("x", 100), program.input("y", 100)];
  const left = program.unary("exp", x);
  const right = program.unary("log", y);
  const sum = program.binary("add", left, right);
  expect(stepsOf(program.fused(sum, right))).toEqual(["3 nodes, 2 read, 2 written"]);
});

test("a transposed value is read by strides, and a transposed factor by the product itself", () => {
  const program = new Program();
  const [x, y] = [program.input("x", 3, 4), program.input("y", 3, 5)];
  const turned = program.transpose(x);
  const fused = program.fused(program.product(turned, y), program.unary("neg", turned));
  expect(stepsOf(fused)).toEqual(["contract", "1 nodes, 1 read, 1 written"]);
  const [contract] = fused.steps;
  expect(contract).toMatchObject({ kernel: { transposeA: true, m: 4, k: 3, n: 5 } });
});

test("a value that a product needs ends its group, and what follows begins another", () => {
  const program = new Program();
  const x = program.input("x", 4, 4);
  const e = program.unary("exp", x);
  const p = program.product(e, e);
  const y = program.binary("add", program.unary("neg", p), e);
  expect(stepsOf(program.fused(y))).toEqual([
    "1 nodes, 1 read, 1 written",
    "contract",
    "2 nodes, 2 read, 1 written",
  ]);
});

test("groups never wait for each other: a chain around a product stays in order", () => {
  const program = new Program();
  const x = program.input("x", 4, 4);
  const first = program.unary("exp", x);
  const through = program.product(first, x);
  const second = program.unary("log", through);
  const both = program.binary("mul", first, second);
  const fused = program.fused(both);
  expect(stepsOf(fused)).toEqual([
    "1 nodes, 1 read, 1 written",
    "contract",
    "2 nodes, 2 read, 1 written",
  ]);
});

test("an output that is an input, or twice the same value, gets an array of its own", () => {
  const program = new Program();
  const x = program.input("x", 4);
  const y = program.unary("neg", x);
  const { outputs } = program.fused(x, y, y);
  expect(new Set(outputs).size).toBe(3);
  expect(outputs).not.toContain(0);
});

test("numbers are part of the code and take no memory", () => {
  const program = new Program();
  const x = program.input("x", 4);
  const two = program.emit({ kind: "map", expr: scalar.constant(2, "float32") }, [], []);
  const y = program.emit({ kind: "map", expr: scalar.binary("mul", a, b) }, [x, two], [4]);
  expect(stepsOf(program.fused(y))).toEqual(["1 nodes, 1 read, 1 written"]);
});

test("a temporary takes over the memory of one that ends where it is written", () => {
  const program = new Program();
  const x = program.input("x", 8, 8);
  const first = program.product(x, x);
  const second = program.unary("exp", first);
  const fused = program.fused(program.product(second, x));
  const [product, exp] = [first, second].map(({ id }) =>
    fused.arrays.findIndex(({ ref }) => ref.node === id),
  );
  expect(takeOvers(fused, (array) => array > 0)).toEqual(new Map([[exp, product]]));
});

test("no memory is taken over from what is read elsewhere than it is written", () => {
  const program = new Program();
  const x = program.input("x", 8, 8);
  const turned = program.unary("exp", program.transpose(program.product(x, x)));
  const fused = program.fused(program.product(turned, x));
  expect(takeOvers(fused, (array) => array > 0)).toEqual(new Map());
});

import {
  ArgumentError,
  BoundsError,
  Builder,
  createRegistry,
  type Graph,
  type Kernel,
  type OpDef,
  type Registry,
  scalar,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { createTensor, plan, Runtime, type Tensor, tensorOf, toNumbers } from "../../src/index.js";
import { opOf } from "../testOps.js";

const options = { maximumBytes: 2 ** 26, mode: "compiled" } as const;
const runtime = new Runtime(options);

/** A graph of one operator on the given arguments. */
function single(op: OpDef, args: readonly TensorType[]): { graph: Graph; registry: Registry } {
  const builder = new Builder("single");
  const ins = args.map((type, i) => builder.input(`x${i}`, type));
  builder.emit(op, ins, {}).forEach((value: Value, i) => {
    builder.output(`y${i}`, value);
  });
  return { graph: builder.finish(), registry: createRegistry([op]) };
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

function divisionOf(dtype: "int32" | "int64" | "int8" | "uint8", length: number): OpDef {
  const expr = scalar.binary("div", scalar.arg(0, dtype), scalar.arg(1, dtype));
  return opOf({ kind: "map", expr }, [{ dtype, shape: [length] }], "div");
}

const integers = ["int32", "int64", "int8", "uint8"] as const;

test.each(integers)(
  "%s: a division by zero anywhere ends the run as the interpreter does",
  (dtype) => {
    for (const length of [1, 3, 4, 7, 37]) {
      for (const zero of [0, length - 1]) {
        const a = tensorOf(
          Array.from({ length }, (_, i) => i + 5),
          dtype,
        );
        const b = tensorOf(
          Array.from({ length }, (_, i) => (i === zero ? 0 : 2)),
          dtype,
        );
        const { graph, registry } = single(divisionOf(dtype, length), [a.type, b.type]);
        const [found, wanted] = [runtime.plan(graph, registry), plan(graph, registry)].map((one) =>
          thrownBy(() => one.run([a, b])),
        );
        expect(found).toBeInstanceOf(ArgumentError);
        expect(found).toEqual(wanted);
      }
    }
  },
);

test.each(integers)(
  "%s: quotients truncate, and what lies beyond the end is no divisor",
  (dtype) => {
    const numbers = [7, 9, 100, 13, 5, 20, 31].map((x, i) => (dtype === "uint8" || i % 2 ? x : -x));
    const [a, b] = [tensorOf(numbers, dtype), tensorOf([2, 4, 3, 5, 5, 6, 2], dtype)];
    const { graph, registry } = single(divisionOf(dtype, 7), [a.type, b.type]);
    const compiled = runtime.plan(graph, registry);
    const zeros = compiled.run([a, b]).map(toNumbers);
    expect(zeros).toEqual([numbers.map((x, i) => Math.trunc(x / ([2, 4, 3, 5, 5, 6, 2][i] ?? 1)))]);
  },
);

test("a run after one that was refused is not refused", () => {
  const { graph, registry } = single(divisionOf("int32", 2), [
    { dtype: "int32", shape: [2] },
    { dtype: "int32", shape: [2] },
  ]);
  const compiled = runtime.plan(graph, registry);
  const run = (divisors: number[]) =>
    compiled.run([tensorOf([8, 9], "int32"), tensorOf(divisors, "int32")]);
  expect(() => run([1, 0])).toThrow("integer division by zero");
  expect(run([2, 3]).map(toNumbers)).toEqual([[4, 3]]);
});

test("arguments that are given away are not written where the run may be refused", () => {
  const types: TensorType[] = [
    { dtype: "int32", shape: [2] },
    { dtype: "int32", shape: [2] },
  ];
  const { graph, registry } = single(divisionOf("int32", 2), types);
  const compiled = runtime.plan(graph, registry, { donate: [{ input: 0, output: 0 }] });
  const a = runtime.heap.place(tensorOf([8, 9], "int32"));
  expect(() => compiled.run([a, tensorOf([0, 3], "int32")])).toThrow("division by zero");
  expect(toNumbers(a)).toEqual([8, 9]);
});

test("an index out of range is refused with its number, the first one of all", () => {
  const kernel: Kernel = { kind: "index", form: "take", axis: 0, mode: "raise" };
  const data = tensorOf([1, 2, 3], "float32");
  for (const indices of [[0, 3.5, -1], [-1], [2, Number.NaN, 0], [Infinity]]) {
    const x = tensorOf(indices, "float32");
    const op = opOf(kernel, [{ dtype: "float32", shape: x.type.shape }], "take");
    const { graph, registry } = single(op, [data.type, x.type]);
    const [found, wanted] = [runtime.plan(graph, registry), plan(graph, registry)].map((one) =>
      thrownBy(() => one.run([data, x])),
    );
    expect(found).toBeInstanceOf(BoundsError);
    expect(found).toEqual(wanted);
  }
});

test("indices in range are followed", () => {
  const kernel: Kernel = { kind: "index", form: "take", axis: 0, mode: "raise" };
  const [data, x] = [tensorOf([1, 2, 3], "float32"), tensorOf([2, 0.5], "float32")];
  const op = opOf(kernel, [{ dtype: "float32", shape: [2] }], "take");
  const { graph, registry } = single(op, [data.type, x.type]);
  expect(runtime.plan(graph, registry).run([data, x]).map(toNumbers)).toEqual([[3, 1]]);
});

test("indices of blocks without elements are refused as well", () => {
  const kernel: Kernel = { kind: "index", form: "take", axis: 0, mode: "raise" };
  const data = createTensor({ dtype: "float32", shape: [3, 0] });
  const x = tensorOf([5], "float32");
  const op = opOf(kernel, [{ dtype: "float32", shape: [1, 0] }], "take");
  const { graph, registry } = single(op, [data.type, x.type]);
  expect(() => runtime.plan(graph, registry).run([data, x])).toThrow("index is out of range: 5");
});

describe("arrays without elements", () => {
  const none = (dtype: "float32" | "int64", ...shape: number[]): Tensor => {
    return createTensor({ dtype, shape });
  };
  const cases: [string, Kernel, readonly Tensor[], TensorType][] = [
    [
      "a map",
      { kind: "map", expr: scalar.unary("neg", scalar.arg(0, "float32")) },
      [none("float32", 0, 3)],
      { dtype: "float32", shape: [0, 3] },
    ],
    [
      "a view",
      { kind: "view", offset: 0, strides: [3, 1] },
      [none("float32", 0, 3)],
      { dtype: "float32", shape: [0, 3] },
    ],
    ...(["sum", "prod", "max", "min"] as const).flatMap((monoid) =>
      (["float32", "int64"] as const).map(
        (dtype): [string, Kernel, readonly Tensor[], TensorType] => [
          `${monoid} of ${dtype}`,
          { kind: "reduce", monoid, axes: [1] },
          [none(dtype, 2, 0, 3)],
          { dtype, shape: [2, 3] },
        ],
      ),
    ),
    [
      "a sum over axes apart",
      { kind: "reduce", monoid: "sum", axes: [0, 2] },
      [none("float32", 2, 3, 0)],
      { dtype: "float32", shape: [3] },
    ],
    ...[1, 5].map((n): [string, Kernel, readonly Tensor[], TensorType] => [
      `a product of ${n} columns`,
      { kind: "contract", batch: 2, m: 4, n, k: 0, transposeA: false, transposeB: false },
      [none("float32", 2, 4, 0), none("float32", 2, 0, n)],
      { dtype: "float32", shape: [2, 4, n] },
    ]),
    [
      "joined with others",
      { kind: "pack", form: "concat", axis: 0 },
      [none("float32", 0, 2), createTensor({ dtype: "float32", shape: [1, 2] }, [1, 2])],
      { dtype: "float32", shape: [1, 2] },
    ],
  ];

  for (const form of ["take", "takeAdjoint", "scatterNd"] as const) {
    const [rows, empty] = [
      [3, 2],
      [0, 2],
    ];
    const indices = none("int64", ...(form === "scatterNd" ? [1, 0] : [0]));
    const [data, shape] =
      form === "take"
        ? [createTensor({ dtype: "float32", shape: rows }), empty]
        : [none("float32", ...empty), rows];
    const kernel: Kernel = { kind: "index", form, axis: 0, mode: "clip" };
    cases.push([form, kernel, [data, indices], { dtype: "float32", shape }]);
  }

  test.each(cases)("%s", (_name, kernel, args, out) => {
    const types = args.map(({ type }) => type);
    const { graph, registry } = single(opOf(kernel, [out], "probe"), types);
    const compiled = runtime.plan(graph, registry);
    const wanted = plan(graph, registry).run(args);
    // Memory of an earlier run holds other numbers.
    runtime.heap.allocate(4096, "before").release();
    expect(compiled.run(args).map(toNumbers)).toEqual(wanted.map(toNumbers));
  });
});

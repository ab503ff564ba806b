import {
  Builder,
  type CallKernel,
  createRegistry,
  type DType,
  DTypeError,
  type Graph,
  type OpDef,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { execute, Runtime, type Tensor, tensorOf, toNumbers } from "../src/index.js";
import { add, apply, neg, testOps } from "./testOps.js";

/** A graph of `count` inputs of one type. */
function graphOf(
  type: TensorType,
  count: number,
  make: (...ins: Value[]) => readonly Value[],
): Graph {
  const builder = new Builder("body");
  const ins = Array.from({ length: count }, (_, i) => builder.input(`x${i}`, type));
  make(...ins).forEach((value, i) => {
    builder.output(`y${i}`, value);
  });
  return builder.finish();
}

const runtime = new Runtime({ mode: "compiled", maximumBytes: 2 ** 25 });

/** Runs a node of the kernel on tensors; compiled code has to give the interpreter's results. */
function run(kernel: CallKernel, outs: readonly TensorType[], ins: readonly Tensor[]): number[][] {
  const op: OpDef = {
    name: "loop",
    arity: { min: 0 },
    attrs: {},
    infer: () => outs,
    vjp: { none: "a test" },
    kernel: () => kernel,
    docs: "",
  };
  const builder = new Builder("outer");
  const values = ins.map(({ type }, i) => builder.input(`x${i}`, type));
  builder.emit(op, values, {}).forEach((value, i) => {
    builder.output(`y${i}`, value);
  });
  const [graph, registry] = [builder.finish(), createRegistry([...testOps, op])];
  const results = execute(graph, ins, registry).map(toNumbers);
  expect(runtime.plan(graph, registry).run(ins).map(toNumbers)).toEqual(results);
  return results;
}

const of = (dtype: DType, ...shape: number[]): TensorType => ({ dtype, shape });

/** s' = s + x; s' is stacked. */
function totals(dtype: DType, count?: number, reverse = false): number[][] {
  const body = graphOf(of(dtype), 2, (s, x) => {
    const next = s === undefined || x === undefined ? [] : [apply(add, s, x)];
    return [...next, ...next];
  });
  const layout = { states: 1, slices: 1, stacked: 1, history: true };
  const counted = count !== undefined;
  const kernel = { kind: "call", form: "scan", body, layout, length: 3, reverse, counted } as const;
  const ins = [tensorOf(100, dtype), tensorOf([1, 2, 3], dtype)];
  const first = counted ? [tensorOf(count, "int32")] : [];
  return run(kernel, [of(dtype), of(dtype, 3), of(dtype, 3)], [...first, ...ins]);
}

describe("a scan", () => {
  test.each(["float32", "float64", "float16", "int32", "uint8"] as const)(
    "hands states on, stacks results and the states before, in %s",
    (dtype) => {
      expect(totals(dtype)).toEqual([[106], [101, 103, 106], [100, 101, 103]]);
    },
  );
  test("begins at the end where it is reversed; rows stay in place", () => {
    expect(totals("float32", undefined, true)).toEqual([[106], [106, 105, 103], [105, 103, 100]]);
  });
  test("runs as many iterations as it is told, and never more than there are", () => {
    expect(totals("int32", 2)).toEqual([[103], [101, 103, 0], [100, 101, 0]]);
    expect(totals("int32", 2, true)).toEqual([[103], [103, 102, 0], [102, 100, 0]]);
    expect(totals("int32", 0)).toEqual([[100], [0, 0, 0], [0, 0, 0]]);
    expect(totals("int32", 9)).toEqual(totals("int32"));
  });
  test("sums in double precision, and moves 64-bit integers as they are", () => {
    const wide = of("float32");
    const identity = graphOf(wide, 1, (x) => (x === undefined ? [] : [x]));
    const layout = { states: 0, slices: 1, stacked: 0, history: false };
    const kernel = {
      kind: "call",
      form: "scan",
      length: 4,
      reverse: false,
      counted: false,
    } as const;
    const small = 2 ** -24;
    const ins = [tensorOf([1, small, small, small], "float32")];
    expect(run({ ...kernel, body: identity, layout }, [wide], ins)).toEqual([
      [Math.fround(1 + 3 * small)],
    ]);
    const int64 = graphOf(of("int64"), 1, (x) => (x === undefined ? [] : [x, x]));
    const ints = [tensorOf([1, -2, 3, 2 ** 40], "int64")];
    const moved = { ...kernel, body: int64, layout: { ...layout, stacked: 2 } };
    const stacks = [of("int64", 4), of("int64", 4)];
    expect(run(moved, stacks, ints)).toEqual([
      [1, -2, 3, 2 ** 40],
      [1, -2, 3, 2 ** 40],
    ]);
    const summed = { ...kernel, body: int64, layout: { ...layout, stacked: 1 } };
    expect(() => run(summed, [of("int64", 4), of("int64")], ints)).toThrow(DTypeError);
  });
});

describe("a while loop", () => {
  // The state is its own condition: it runs down to 0.
  const state = of("float32");
  const condition = graphOf(state, 2, (s) => (s === undefined ? [] : [s]));
  const body = graphOf(state, 2, (s, step) =>
    s === undefined || step === undefined ? [] : [apply(add, s, step), apply(neg, s)],
  );
  const layout = { states: 1, slices: 0, stacked: 1, history: false };
  const kernel = { kind: "call", form: "while", condition, body, layout, length: 4 } as const;
  const count = (from: number) =>
    run(
      kernel,
      [state, of("float32", 4), of("int32")],
      [from, 9, -1].map((value) => tensorOf(value, "float32")),
    );

  test("stops where the condition is zero, or at its length, and counts", () => {
    expect(count(2)).toEqual([[0], [-2, -1, 0, 0], [2]]);
    expect(count(7)).toEqual([[3], [-7, -6, -5, -4], [4]]);
    expect(count(0)).toEqual([[0], [0, 0, 0, 0], [0]]);
  });
});

describe("a branch", () => {
  const type = of("float32");
  const whenTrue = graphOf(type, 2, (a, b) =>
    a === undefined || b === undefined ? [] : [apply(add, a, b)],
  );
  const whenFalse = graphOf(type, 1, (a) => (a === undefined ? [] : [apply(neg, a)]));
  const kernel = { kind: "call", form: "cond", whenTrue, whenFalse } as const;
  const choose = (predicate: Tensor) =>
    run(kernel, [type], [predicate, ...[1, 2, 3].map((value) => tensorOf(value, "float32"))]);

  test.each([
    ["float32", -0.5, 3],
    ["float32", 0, -3],
    ["float32", -0, -3],
    ["float32", Number.NaN, 3],
    ["float16", -0, -3],
    ["int64", 2, 3],
    ["int64", 0, -3],
    ["bool", 1, 3],
  ] as const)("on %s %s gives %s", (dtype, predicate, result) => {
    expect(choose(tensorOf([predicate], dtype))).toEqual([[result]]);
  });
});

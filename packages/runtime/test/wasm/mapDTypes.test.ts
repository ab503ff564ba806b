import {
  type BinaryFunction,
  Builder,
  binaryFunctions,
  createRegistry,
  type DType,
  dtypes,
  isPredicate,
  type OpDef,
  type ScalarExpr,
  scalar,
  sizeOf,
  type UnaryFunction,
  unaryFunctions,
} from "@adjoint/graph";
import { createTensor, plan, Runtime, type Tensor, toNumbers } from "../../src/index.js";
import { opOf } from "../testOps.js";
import { expectSame } from "./wasmArena.js";

const runtime = new Runtime({ maximumBytes: 2 ** 26, mode: "compiled" });

/** What generated code and the interpreter make of operators on the same arguments. */
function both(ops: readonly OpDef[], args: readonly Tensor[]) {
  const builder = new Builder("both");
  const ins = args.map(({ type }, i) => builder.input(`x${i}`, type));
  for (const op of ops) {
    const [y] = builder.emit(op, ins, {});
    if (y !== undefined) builder.output(op.name, y);
  }
  const graph = builder.finish();
  const registry = createRegistry(ops);
  const compiled = runtime.plan(graph, registry).run(args);
  return {
    compiled: compiled.map(({ type, data }) => createTensor(type, data.slice())),
    interpreted: plan(graph, registry).run(args),
  };
}

/** An operator for each expression. */
function maps(exprs: readonly ScalarExpr[], { type: { shape } }: Tensor): OpDef[] {
  return exprs.map((expr, i) =>
    opOf({ kind: "map", expr }, [{ dtype: expr.dtype, shape }], `map${i}`),
  );
}

/** Every float16, as its raw bits. */
const halves = createTensor(
  { dtype: "float16", shape: [65536] },
  Uint16Array.from({ length: 65536 }, (_, bits) => bits),
);

/** Numbers around what conversions turn on: ties of float16, ends of ranges, powers of two. */
const edges = [
  ...[
    0, 0.5, 1, 1.5, 2.5, 127.5, 128, 255, 256, 2047.5, 2049, 65504, 65519.996, 65520, 65535, 65536,
  ],
  ...[2 ** -24, 2 ** -25, 3 * 2 ** -25, 2 ** -25 * (1 + 2 ** -40), 2 ** -14, 2 ** -14 - 2 ** -26],
  ...[1 + 2 ** -11, 1 + 2 ** -11 + 2 ** -40, 1 + 3 * 2 ** -11 - 2 ** -40, 2 ** -149, 2 ** -1074],
  ...[2 ** 24 + 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 2 ** 53 + 2, 2 ** 63, 2 ** 63 - 1024],
  ...[2 ** 64 + 2 ** 20, 2 ** 80 + 2 ** 40, 2 ** 116 - 2 ** 63, 2 ** 127.9, 1e300, Infinity],
].flatMap((x) => [x, -x]);

function tensor(dtype: DType, numbers: readonly number[]): Tensor {
  return createTensor({ dtype, shape: [numbers.length] }, numbers);
}

const longs = [
  0n,
  1n,
  3n,
  255n,
  2n ** 24n + 1n,
  2n ** 31n,
  2n ** 53n + 1n,
  2n ** 62n + 2n ** 38n + 1n,
]
  .flatMap((x) => [x, -x])
  .concat([2n ** 63n - 1n, -(2n ** 63n), 2n ** 60n + 2n ** 36n, 2n ** 40n + 2n ** 16n + 1n]);
const allLongs = createTensor({ dtype: "int64", shape: [longs.length] }, BigInt64Array.from(longs));

/** Arguments of a dtype that have all its difficult numbers. */
function difficult(dtype: DType): Tensor {
  if (dtype === "float16") return halves;
  return dtype === "int64" ? allLongs : tensor(dtype, [...edges, Number.NaN]);
}

test.each(dtypes)("casts from %s to every dtype have the interpreter's bits", (dtype) => {
  const x = scalar.arg(0, dtype);
  const casts = dtypes.map((to) => scalar.unary("abs", scalar.cast(x, to)));
  const plain = dtypes.map((to) => scalar.cast(x, to));
  const given = difficult(dtype);
  const { compiled, interpreted } = both(maps([...casts, ...plain], given), [given]);
  const differing = compiled.flatMap((one, i) => {
    const [numbers, wanted] = [exactly(one), exactly(interpreted[i])];
    const at = numbers.findIndex((x, position) => !Object.is(x, wanted[position]));
    return at < 0 ? [] : [`to ${one.type.dtype}: ${numbers[at]}, not ${wanted[at]}`];
  });
  expect(differing).toEqual([]);
});

/** Numbers, and int64 without rounding. */
function exactly(tensor: Tensor | undefined): readonly (number | bigint)[] {
  if (tensor === undefined) return [];
  return tensor.data instanceof BigInt64Array ? [...tensor.data] : toNumbers(tensor);
}

/** All pairs of the given numbers, as two arguments. */
function pairsOf(dtype: "int64" | "float16", list: readonly bigint[]): readonly [Tensor, Tensor] {
  const type = { dtype, shape: [list.length ** 2] };
  const made = (numbers: readonly bigint[]) =>
    createTensor(
      type,
      dtype === "int64" ? BigInt64Array.from(numbers) : Uint16Array.from(numbers, Number),
    );
  return [made(list.flatMap((a) => list.map(() => a))), made(list.flatMap(() => [...list]))];
}

describe("int64", () => {
  const exactUnary: readonly UnaryFunction[] = unaryFunctions.slice(0, 8);
  const exactBinary: readonly BinaryFunction[] = binaryFunctions.filter(
    (fn) => !["div", "atan2", "hypot", "polygamma"].includes(fn),
  );

  test("functions of one argument", () => {
    const x = scalar.arg(0, "int64");
    const exprs = [...exactUnary, "not" as const, "isNaN" as const].map((fn) =>
      scalar.unary(fn, x),
    );
    const { compiled, interpreted } = both(maps(exprs, allLongs), [allLongs]);
    expectSame(compiled, interpreted);
  });

  test("functions of two arguments wrap modulo 2^64", () => {
    const args = pairsOf("int64", longs);
    const [p, q] = [scalar.arg(0, "int64"), scalar.arg(1, "int64")];
    const exprs = exactBinary.map((fn) => scalar.binary(fn, p, q));
    const { compiled, interpreted } = both(maps(exprs, args[0]), args);
    compiled.forEach((one, i) => {
      expect({ fn: exactBinary[i], y: exactly(one) }).toEqual({
        fn: exactBinary[i],
        y: exactly(interpreted[i]),
      });
    });
  });

  test("functions that are not exact are refused, as by the interpreter", () => {
    const exp = scalar.unary("exp", scalar.arg(0, "int64"));
    expect(() => both(maps([exp], allLongs), [allLongs])).toThrow(
      "can't calculate with this dtype",
    );
  });
});

describe("float16", () => {
  /** Positions of numbers in the order of all float16; zeros are one. */
  function ranks({ data }: Tensor): number[] {
    const raw = data instanceof Uint16Array ? [...data] : [];
    return raw.map((bits) => (bits & 0x8000 ? -(bits & 0x7fff) : bits));
  }

  function worst(got: Tensor | undefined, wanted: Tensor | undefined): number {
    if (got === undefined || wanted === undefined) return Infinity;
    const [numbers, others] = [toNumbers(got), toNumbers(wanted)];
    const [rank, other] = [ranks(got), ranks(wanted)];
    return numbers.reduce((most, x, i) => {
      if (Object.is(x, others[i])) return most;
      if (Number.isNaN(x) || Number.isNaN(others[i])) return Infinity;
      return Math.max(most, Math.abs((rank[i] ?? 0) - (other[i] ?? 0)));
    }, 0);
  }

  /** Singles of the result may lie on the other side of a tie than doubles do. */
  const exact: ReadonlySet<string> = new Set(
    "neg abs sign ceil floor round rint trunc sqrt add sub mul div max min mod".split(" "),
  );

  test("every function of one argument, on every number, is the interpreter's to a unit", () => {
    const x = scalar.arg(0, "float16");
    const { compiled, interpreted } = both(
      maps(
        unaryFunctions.map((fn) => scalar.unary(fn, x)),
        halves,
      ),
      [halves],
    );
    const off = unaryFunctions.flatMap((fn, i) => {
      const by = worst(compiled[i], interpreted[i]);
      return by <= (exact.has(fn) || isPredicate(fn) ? 0 : 1) ? [] : [`${fn}: ${by}`];
    });
    expect(off).toEqual([]);
  });

  test("functions of two arguments are rounded once", () => {
    const some = edges
      .map((_, i) => (i * 1237) % 65536)
      .concat([0, 0x8000, 0x7c00, 0x7e00, 0x3c00]);
    const args = pairsOf("float16", some.map(BigInt));
    const [p, q] = [scalar.arg(0, "float16"), scalar.arg(1, "float16")];
    const fns = binaryFunctions.filter((fn) => fn !== "polygamma");
    const ops = maps(
      fns.map((fn) => scalar.binary(fn, p, q)),
      args[0],
    );
    const { compiled, interpreted } = both(ops, args);
    const off = fns.flatMap((fn, i) => {
      const by = worst(compiled[i], interpreted[i]);
      return by <= (exact.has(fn) || isPredicate(fn) ? 0 : 1) ? [] : [`${fn}: ${by}`];
    });
    expect(off).toEqual([]);
  });

  test("what lies between two operators is rounded to float16, within one it is not", () => {
    const x = scalar.arg(0, "float16");
    const half = (value: number) => scalar.constant(value, "float16");
    const whole = scalar.binary("sub", scalar.binary("add", x, half(2048)), half(2048));
    const ones = tensor("float16", [0.25, 1.5, 0.5, 3.25, -0.75]);
    const builder = new Builder("steps");
    const input = builder.input("x", ones.type);
    const step = (fn: "add" | "sub") =>
      opOf({ kind: "map", expr: scalar.binary(fn, x, half(2048)) }, [ones.type], fn);
    const [add, sub] = [step("add"), step("sub")];
    const [sum] = builder.emit(add, [input], {});
    const [rest] = sum === undefined ? [] : builder.emit(sub, [sum], {});
    if (rest === undefined) throw new Error("no result");
    builder.output("y", rest);
    const graph = builder.finish();
    const [y] = runtime.plan(graph, createRegistry([add, sub])).run([ones]);
    expect(y && toNumbers(y)).toEqual([0, 2, 0, 4, -1]);
    expect(both(maps([whole], ones), [ones]).compiled.map(toNumbers)).toEqual([toNumbers(ones)]);
  });
});

describe("reductions", () => {
  const shapes = [
    { shape: [5, 7, 6], axes: [1] },
    { shape: [5, 7, 6], axes: [0, 2] },
    { shape: [41], axes: [0] },
    { shape: [3, 9], axes: [1] },
  ];

  test.each(dtypes)("%s: sums, products, maxima and minima are the interpreter's", (dtype) => {
    for (const { shape, axes } of shapes) {
      const numbers = Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7) % 9) - 4 || 1);
      const x = createTensor({ dtype, shape }, numbers);
      const kept = shape.filter((_, axis) => !axes.includes(axis));
      const ops = (["sum", "prod", "max", "min"] as const).map((monoid) =>
        opOf({ kind: "reduce", monoid, axes }, [{ dtype, shape: kept }], monoid),
      );
      const { compiled, interpreted } = both(ops, [x]);
      expect(compiled.map(exactly)).toEqual(interpreted.map(exactly));
    }
  });
});

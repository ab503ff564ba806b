import {
  ArgumentError,
  Builder,
  type DType,
  DTypeError,
  GraphError,
  type Shape,
  ShapeError,
} from "@adjoint/graph";
import { evaluateNode, execute, plan, tensorOf, toNumbers } from "../src/index.js";
import { add, apply, div, double, flatten, neg, reverse, sorted, testRegistry } from "./testOps.js";

const float = (...shape: number[]) => ({ dtype: "float32", shape }) as const;

/** y = reverse(flatten(-x)) + reverse(flatten(-x)) of a (2, 2) array. */
function sample() {
  const builder = new Builder("sample");
  const x = builder.input("x", float(2, 2));
  const line = apply(reverse, apply(flatten, apply(neg, x)));
  builder.output("y", apply(neg, apply(add, line, line)));
  return builder.finish();
}

test("a view that only changes the shape copies nothing and keeps its argument alive", () => {
  const made = plan(sample(), testRegistry);
  expect(made.steps.map(({ alias }) => alias)).toEqual([false, true, false, false, false]);
  const [negated, reversed, sum] = made.slots;
  expect(negated).toMatchObject({ start: 0, end: 2, bytes: 16 });
  expect(reversed).toMatchObject({ start: 2, end: 3 });
  // What the first one held is free again.
  expect(sum?.offset).toBe(negated?.offset);
  expect(made.arenaBytes).toBe(128);
  expect(made.liveBytesBound).toBe(32);
});

test("execute takes inputs by name or in order", () => {
  const x = tensorOf(
    [
      [1, 2],
      [3, 4],
    ],
    "float32",
  );
  const graph = sample();
  for (const inputs of [{ x }, [x]]) {
    const [y] = execute(graph, inputs, testRegistry);
    expect(y?.type).toEqual(float(4));
    expect(y?.data).toEqual(Float32Array.of(8, 6, 4, 2));
  }
});

describe("wrong inputs", () => {
  const run = (values: Parameters<typeof tensorOf>[0], dtype: DType = "float32") =>
    plan(sample(), testRegistry).run([tensorOf(values, dtype)]);
  test("of another shape", () => {
    expect(() => run([1, 2, 3, 4])).toThrow(ShapeError);
    expect(() => run([1, 2, 3, 4])).toThrow(
      /sample: input x does not fit: float32\[4\] with 4 elements \(allowed: float32\[2,2\]\)/,
    );
  });
  test("of another dtype", () => {
    expect(() =>
      run(
        [
          [1, 2],
          [3, 4],
        ],
        "float64",
      ),
    ).toThrow(DTypeError);
  });
  test("stored in the wrong kind of array, or of the wrong length", () => {
    const made = plan(sample(), testRegistry);
    const [data, short] = [new Float64Array(4), new Float32Array(3)];
    expect(() => made.run([{ type: float(2, 2), data }])).toThrow(DTypeError);
    expect(() => made.run([{ type: float(2, 2), data: short }])).toThrow(ShapeError);
  });
  test("too few, unknown, missing", () => {
    expect(() => plan(sample(), testRegistry).run([])).toThrow(ArgumentError);
    const z = tensorOf(1, "float32");
    expect(() => execute(sample(), { z }, testRegistry)).toThrow(/no input z/);
    expect(() => execute(sample(), {}, testRegistry)).toThrow(/input x is missing/);
  });
});

test("composites are refused, by name", () => {
  const builder = new Builder("f");
  const x = builder.input("x", float(2));
  builder.output("y", apply(double, x));
  const graph = builder.finish();
  expect(() => plan(graph, testRegistry)).toThrow(GraphError);
  expect(() => plan(graph, testRegistry)).toThrow(/double: .*lower the graph first/);
  expect(() => evaluateNode(double, [], {}, [])).toThrow(GraphError);
});

describe("results belong to the caller", () => {
  test("outputs that are inputs, constants or one another are copies", () => {
    const builder = new Builder("f");
    const x = builder.input("x", float(2));
    const c = builder.constant(Float32Array.of(7, 8), float(2));
    const y = apply(neg, x);
    for (const [name, value] of Object.entries({ x, c, y, again: y })) builder.output(name, value);
    builder.output("view", apply(flatten, y));
    const made = plan(builder.finish(), testRegistry);
    const input = tensorOf([1, 2], "float32");
    const results = made.run([input]);
    expect(results.map(toNumbers)).toEqual([
      [1, 2],
      [7, 8],
      [-1, -2],
      [-1, -2],
      [-1, -2],
    ]);
    for (const { data } of results) new Uint8Array(data.buffer).fill(0);
    expect(toNumbers(input)).toEqual([1, 2]);
    expect(new Set(results.map(({ data }) => data.buffer)).size).toBe(results.length);
    expect(made.run([input]).map(toNumbers)[1]).toEqual([7, 8]);
  });
  test("a second run leaves the first run's results alone", () => {
    const made = plan(sample(), testRegistry);
    const [y] = made.run([
      tensorOf(
        [
          [1, 2],
          [3, 4],
        ],
        "float32",
      ),
    ]);
    made.run([
      tensorOf(
        [
          [0, 0],
          [0, 0],
        ],
        "float32",
      ),
    ]);
    expect(y?.data).toEqual(Float32Array.of(8, 6, 4, 2));
  });
});

test("keep all: every value is returned after the outputs, and nothing shares the arena", () => {
  const made = plan(sample(), testRegistry, { keep: "all" });
  expect(made.arenaBytes).toBe(0);
  expect(made.results.map(({ ref }) => ref.node)).toEqual([5, 1, 2, 3, 4]);
  const values = made
    .run([
      tensorOf(
        [
          [1, 2],
          [3, 4],
        ],
        "float32",
      ),
    ])
    .map(toNumbers);
  expect(values).toEqual([
    [8, 6, 4, 2],
    [-1, -2, -3, -4],
    [-1, -2, -3, -4],
    [-4, -3, -2, -1],
    [-8, -6, -4, -2],
  ]);
});

test("a node's second result is as good as its first", () => {
  const builder = new Builder("f");
  const x = builder.input("x", float(3));
  const [, where] = builder.emit(sorted, [x], {});
  if (where === undefined) throw new Error("two results expected");
  builder.output("where", where);
  const [result] = execute(builder.finish(), [tensorOf([3, 1, 2], "float32")], testRegistry);
  expect(result?.data).toEqual(Int32Array.of(1, 2, 0));
});

test("an error while running names the line of the node, and the plan can be run again", () => {
  const builder = new Builder("f");
  const type = { dtype: "int32", shape: [1] } as const;
  const [x, y] = [builder.input("x", type), builder.input("y", type)];
  builder.within({ site: "model.ts:14" }, () => builder.output("q", apply(div, x, y)));
  const made = plan(builder.finish(), testRegistry);
  const [one, zero] = [tensorOf([1], "int32"), tensorOf([0], "int32")];
  expect(() => made.run([one, zero])).toThrow(/div: integer division by zero; model.ts:14/);
  expect(made.run([one, one]).map(toNumbers)).toEqual([[1]]);
});

test("empty arrays and scalars pass through", () => {
  const shapes: Shape[] = [[], [0], [2, 0, 3]];
  for (const shape of shapes) {
    const builder = new Builder("f");
    const x = builder.input("x", float(...shape));
    builder.output("y", apply(neg, apply(neg, x)));
    const input = { type: float(...shape), data: new Float32Array(shape.length === 0 ? 1 : 0) };
    expect(execute(builder.finish(), [input], testRegistry)).toEqual([input]);
  }
});

describe("long chains", () => {
  function chain(length: number) {
    const builder = new Builder("chain");
    let value = builder.input("x", float(8));
    for (let i = 0; i < length; i++) value = apply(neg, value);
    builder.output("y", value);
    return builder.finish();
  }

  test("20,000 operators are planned and run, in two slots", () => {
    const made = plan(chain(20_000), testRegistry);
    expect(made.arenaBytes).toBe(128);
    expect(made.liveBytesBound).toBe(64);
    const x = tensorOf([1, 2, 3, 4, 5, 6, 7, 8], "float32");
    expect(made.run([x])[0]?.data).toEqual(x.data);
  });

  // Time that grows with the square of the length would reach the test's time limit.
  test("100,000 values that all live to the middle are planned at their bound", () => {
    const length = 100_000;
    const builder = new Builder("wide");
    const values = [builder.input("x", float(8))];
    for (let i = 0; i < length; i++) values.push(apply(neg, values.at(-1) ?? never()));
    let sum = values.pop() ?? never();
    while (values.length > 0) sum = apply(add, sum, values.pop() ?? never());
    builder.output("y", sum);
    const made = plan(builder.finish(), testRegistry);
    expect(made.liveBytesBound).toBe((length + 1) * 32);
    expect(made.arenaBytes).toBe((length + 1) * 64);
  });
});

function never(): never {
  throw new Error("a value is missing");
}
